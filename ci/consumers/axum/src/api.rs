//! The service: a JSON API with state, path parameters, streams, and an end on demand.

use std::convert::Infallible;
use std::future::IntoFuture;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::bridge::listen;
use crate::Failure;

/// State of the handlers.
#[derive(Default)]
struct Shared {
    visits: AtomicU64,
    end: Notify,
}

#[derive(Serialize)]
struct User {
    id: u32,
    name: String,
}

#[derive(Deserialize)]
struct Numbers {
    numbers: Vec<i64>,
}

#[derive(Serialize)]
struct Sum {
    sum: i64,
}

async fn user(Path((id, name)): Path<(u32, String)>) -> Json<User> {
    Json(User { id, name })
}

async fn visit(State(shared): State<Arc<Shared>>) -> String {
    (shared.visits.fetch_add(1, Ordering::Relaxed) + 1).to_string()
}

async fn sum(Json(numbers): Json<Numbers>) -> Result<Json<Sum>, (StatusCode, &'static str)> {
    let add = |sum: i64, number: &i64| sum.checked_add(*number);
    match numbers.numbers.iter().try_fold(0, add) {
        Some(sum) => Ok(Json(Sum { sum })),
        None => Err((StatusCode::BAD_REQUEST, "too large")),
    }
}

/// Counts down, a line every few milliseconds.
async fn countdown(Path(from): Path<u32>) -> Body {
    Body::from_stream(stream::unfold(from, |left| async move {
        if left == 0 {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
        Some((Ok::<_, Infallible>(format!("{left}\n")), left - 1))
    }))
}

/// Echoes the body chunk by chunk.
async fn echo(body: Body) -> Body {
    Body::from_stream(body.into_data_stream())
}

/// Responds slowly, and signals that it has begun.
async fn slow() -> &'static str {
    println!("slow has begun");
    tokio::time::sleep(Duration::from_millis(500)).await;
    "slow but sure"
}

/// From now on no connection is accepted; the open ones are served.
async fn end(State(shared): State<Arc<Shared>>) -> (StatusCode, &'static str) {
    shared.end.notify_one();
    (StatusCode::ACCEPTED, "ending")
}

/// Serves until the end is requested, and then until the last request is done.
pub async fn serve(address: SocketAddr) -> Result<(), Failure> {
    let shared = Arc::new(Shared::default());
    let app = Router::new()
        .route("/", get(|| async { "Hello World!" }))
        .route("/users/{id}/{name}", get(user))
        .route("/visits", post(visit))
        .route("/sum", post(sum))
        .route("/countdown/{from}", get(countdown))
        .route("/echo", post(echo))
        .route("/slow", get(slow))
        .route("/end", post(end))
        .fallback(|| async { (StatusCode::NOT_FOUND, "nothing here") })
        .with_state(Arc::clone(&shared));
    let listener = listen(address)?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, app)
        .with_graceful_shutdown(async move { shared.end.notified().await })
        .into_future()
        .await?;
    println!("all are served");
    Ok(())
}
