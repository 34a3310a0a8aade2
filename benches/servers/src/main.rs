//! Servers of `ci/bench_wasi.sh`: `mio-servers echo|hyper|axum ADDRESS`.

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;

use axum::routing::get;
use axum::Router;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type Failure = Box<dyn Error + Send + Sync>;

/// A listener, which tokio opens by itself.
#[cfg(not(all(target_os = "wasi", target_env = "p1")))]
async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// A listener, which mio opens, since tokio opens none on this target.
#[cfg(all(target_os = "wasi", target_env = "p1"))]
async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::from_std(mio::net::TcpListener::bind(address)?.into())
}

/// Sends back what comes, until its end.
async fn echo(mut stream: TcpStream) -> std::io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..count]).await?;
    }
}

async fn greet(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::new(Bytes::from_static(
        b"Hello World!",
    ))))
}

async fn run(job: &str, address: SocketAddr) -> Result<(), Failure> {
    let listener = listen(address).await?;
    println!("listening on {}", listener.local_addr()?);
    match job {
        "echo" => loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(echo(stream));
        },
        "hyper" => loop {
            let (stream, _) = listener.accept().await?;
            let connection =
                http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(greet));
            tokio::spawn(connection);
        },
        "axum" => {
            let app = Router::new().route("/", get(|| async { "Hello World!" }));
            Ok(axum::serve(listener, app).await?)
        }
        _ => Err("usage: mio-servers echo|hyper|axum ADDRESS".into()),
    }
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let job = arguments.next().unwrap_or_default();
    let address = arguments.next().unwrap_or_default().parse()?;
    tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?
        .block_on(run(&job, address))
}
