//! hyper's client and server on both versions of HTTP, without axum.

use std::convert::Infallible;
use std::future::Future;

use futures_util::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::bridge::{connect, listen, ANY_PORT};
use crate::Failure;

type AnyBody = BoxBody<Bytes, hyper::Error>;
type Answer = hyper::Result<Response<Incoming>>;

fn full(text: &'static str) -> AnyBody {
    Full::new(Bytes::from(text))
        .map_err(|never| match never {})
        .boxed()
}

/// Answers one request.
async fn respond(request: Request<Incoming>) -> Result<Response<AnyBody>, Infallible> {
    Ok(match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => Response::new(full("Hello World!")),
        // Goes back as it comes in, chunk by chunk.
        (&Method::POST, "/stream") => Response::new(request.into_body().boxed()),
        _ => {
            let mut response = Response::new(full("nothing here"));
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    })
}

pub async fn first_version() -> Result<(), Failure> {
    let listener = listen(ANY_PORT)?;
    let stream = connect(listener.local_addr()?).await?;
    let (accepted, _) = listener.accept().await?;
    let server = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(accepted), service_fn(respond));
    let server = tokio::spawn(server);
    let (mut client, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    for _ in 0..20 {
        hello(client.send_request(greeting()?)).await?;
    }
    others(|request| client.send_request(request)).await?;
    // Both ends see the end.
    drop(client);
    connection.await??;
    server.await??;
    Ok(())
}

pub async fn second_version() -> Result<(), Failure> {
    let listener = listen(ANY_PORT)?;
    let stream = connect(listener.local_addr()?).await?;
    let (accepted, _) = listener.accept().await?;
    let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(accepted), service_fn(respond));
    let server = tokio::spawn(server);
    let (client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    // All at once on the one connection.
    let requests = (0..20).map(|_| {
        let mut client = client.clone();
        tokio::spawn(async move { hello(client.send_request(greeting()?)).await })
    });
    for answer in requests.collect::<Vec<_>>() {
        answer.await??;
    }
    let mut client = client;
    others(|request| client.send_request(request)).await?;
    drop(client);
    connection.await??;
    server.await??;
    Ok(())
}

fn request(method: Method, path: &str, body: AnyBody) -> Result<Request<AnyBody>, Failure> {
    let uri = format!("http://localhost{path}");
    let builder = Request::builder().method(method).uri(uri);
    Ok(builder.header("host", "localhost").body(body)?)
}

fn empty() -> AnyBody {
    Empty::new().map_err(|never| match never {}).boxed()
}

const CHUNKS: usize = 64;
const CHUNK: usize = 65_536;
/// No power of two, so that a piece that is lost or comes twice is noticed.
const PERIOD: usize = 65_521;

/// A body of 4 MB in chunks.
fn large() -> AnyBody {
    let bytes = Bytes::from(numbers(PERIOD + CHUNK));
    let chunks = (0..CHUNKS).map(move |number| {
        let start = number * CHUNK % PERIOD;
        Ok(Frame::data(bytes.slice(start..start + CHUNK)))
    });
    BodyExt::boxed(StreamBody::new(stream::iter(chunks)))
}

fn numbers(count: usize) -> Vec<u8> {
    let period = (0..PERIOD).map(|place| (place * 7 + place / 256) as u8);
    period.cycle().take(count).collect()
}

fn greeting() -> Result<Request<AnyBody>, Failure> {
    request(Method::GET, "/", empty())
}

/// The answer to `greeting`.
async fn hello(answer: impl Future<Output = Answer>) -> Result<(), Failure> {
    let response = answer.await?;
    assert_eq!(response.status(), StatusCode::OK);
    let body = response.into_body().collect().await?.to_bytes();
    assert_eq!(&body[..], b"Hello World!");
    Ok(())
}

/// A path that isn't there, and a long body, by either version's client.
async fn others<F: Future<Output = Answer>>(
    mut send: impl FnMut(Request<AnyBody>) -> F,
) -> Result<(), Failure> {
    let response = send(request(Method::GET, "/missing", empty())?).await?;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    response.into_body().collect().await?;
    same_as_large(send(request(Method::POST, "/stream", large())?).await?).await
}

async fn same_as_large(response: Response<Incoming>) -> Result<(), Failure> {
    assert_eq!(response.status(), StatusCode::OK);
    let mut body = response.into_body();
    let wanted = numbers(PERIOD + CHUNK);
    let mut place = 0;
    while let Some(frame) = body.frame().await {
        for piece in frame?.into_data().unwrap_or_default().chunks(CHUNK) {
            let start = place % PERIOD;
            let same = piece == &wanted[start..start + piece.len()];
            assert!(same, "the body has changed after {place} bytes");
            place += piece.len();
        }
    }
    assert_eq!(place, CHUNKS * CHUNK);
    Ok(())
}
