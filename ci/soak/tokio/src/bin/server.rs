//! A server on axum: echoes bodies, sends patterns, answers late, and reports its memory.
//!
//! ```text
//! server ADDRESS
//! ```

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::Path;
use axum::routing::{get, post};
use axum::Router;
use tokio_soak::{memory, pattern};

/// The longest pattern that is sent.
const MAX_LENGTH: usize = 1 << 20;

async fn send_pattern(Path(length): Path<usize>) -> Vec<u8> {
    pattern(length.min(MAX_LENGTH))
}

async fn answer_late(Path(millis): Path<u64>) -> &'static str {
    tokio::time::sleep(Duration::from_millis(millis.min(5_000))).await;
    "late"
}

async fn status() -> String {
    let (heap, pages) = memory();
    format!("heap {heap} pages {pages}")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).ok_or("usage: server ADDRESS")?;
    let router = Router::new()
        .route("/echo", post(|body: Bytes| async { body }))
        .route("/pattern/{length}", get(send_pattern))
        .route("/late/{millis}", get(answer_late))
        .route("/status", get(status));
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}
