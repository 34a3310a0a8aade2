//! A service on axum, and checks of hyper 1 and of tokio.
//!
//! `serve PORT` serves the API of `api.rs` until its end is requested; `check`
//! runs the checks that need no client from outside.

mod api;
mod bridge;
#[path = "../../tokio_wasi/src/clients.rs"]
mod clients;
mod http;
mod tasks;

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs one check, which has to end within a minute.
async fn check(
    what: &str,
    check: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    tokio::time::timeout(Duration::from_secs(60), check)
        .await
        .map_err(|_| format!("{what}: hangs"))?
        .map_err(|error| format!("{what}: {error}"))?;
    println!("ok: {what}");
    Ok(())
}

async fn run(job: &str, port: u16) -> Result<(), Failure> {
    match job {
        "serve" => api::serve(SocketAddr::from(([127, 0, 0, 1], port))).await,
        "check" => {
            check("converted sockets", bridge::converted_sockets()).await?;
            check("a peer that is gone", bridge::peer_that_is_gone()).await?;
            check("a refusal and a timeout", bridge::refusal_and_timeout()).await?;
            check("timers, select! and channels", tasks::timers_and_channels()).await?;
            let clients = clients::many_at_once(bridge::listen(bridge::ANY_PORT)?, bridge::connect);
            check("500 clients at once", clients).await?;
            check("hyper's client and server, HTTP 1", http::first_version()).await?;
            check("hyper's client and server, HTTP 2", http::second_version()).await
        }
        _ => Err("usage: serve PORT | check".into()),
    }
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let job = arguments.next().unwrap_or_default();
    let port = arguments.next().map_or(Ok(0), |port| port.parse())?;
    if job == "check" {
        tasks::awaited_beside_an_idle_listener()?;
    }
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(run(&job, port))
}
