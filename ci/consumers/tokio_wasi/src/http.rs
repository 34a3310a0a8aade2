//! A server and a client on hyper_wasi.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use hyper::body::{Bytes, HttpBody};
use hyper::client::{conn, Client};
use hyper::header::{HeaderValue, TRANSFER_ENCODING};
use hyper::service::{make_service_fn, service_fn};
use hyper::{Body, Method, Request, Response, Server, StatusCode};
use tokio::net::TcpStream;

use crate::Failure;

/// Responds to one request.
async fn respond(request: Request<Body>) -> Result<Response<Body>, hyper::Error> {
    Ok(match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => Response::new(Body::from("Hello World!")),
        (&Method::POST, "/echo") => {
            let bytes = hyper::body::to_bytes(request.into_body()).await?;
            Response::new(Body::from(bytes))
        }
        // Echoed chunk by chunk, with the encoding of the request.
        (&Method::POST, "/stream") => {
            let mut response = Response::builder();
            if let Some(encoding) = request.headers().get(TRANSFER_ENCODING) {
                response = response.header("x-request-encoding", encoding);
            }
            response.body(request.into_body()).expect("valid headers")
        }
        _ => {
            let mut response = Response::new(Body::from("nothing here"));
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    })
}

/// Serves HTTP until the process ends.
pub async fn serve(address: SocketAddr) -> Result<(), Failure> {
    let service = make_service_fn(|_| async { Ok::<_, Infallible>(service_fn(respond)) });
    let server = Server::try_bind(&address)?.serve(service);
    println!("listening on {}", server.local_addr());
    server.await?;
    Ok(())
}

/// The version of HTTP that a client uses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Version {
    One,
    Two,
}

/// Adds bytes to a checksum (FNV-1a).
fn add(sum: u64, bytes: &[u8]) -> u64 {
    let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    bytes.iter().fold(sum, step)
}

/// One connection: small requests, one that isn't found, and a streamed body of 10 MB.
pub async fn client_and_server(version: Version) -> Result<(), Failure> {
    let service = make_service_fn(|_| async { Ok::<_, Infallible>(service_fn(respond)) });
    let server = Server::try_bind(&([127, 0, 0, 1], 0).into())?.serve(service);
    let address = server.local_addr();
    let server = tokio::spawn(server);

    let stream = TcpStream::connect(address).await?;
    let (mut client, connection) = conn::Builder::new()
        .http2_only(version == Version::Two)
        .handshake::<_, Body>(stream)
        .await?;
    tokio::spawn(connection);
    let uri = |path: &str| format!("http://{address}{path}");

    for _ in 0..20 {
        let request = Request::get(uri("/")).body(Body::empty())?;
        std::future::poll_fn(|context| client.poll_ready(context)).await?;
        let response = client.send_request(request).await?;
        assert_eq!(response.status(), StatusCode::OK);
        let body = hyper::body::to_bytes(response.into_body()).await?;
        assert_eq!(&body[..], b"Hello World!");
    }
    let request = Request::get(uri("/missing")).body(Body::empty())?;
    std::future::poll_fn(|context| client.poll_ready(context)).await?;
    let response = client.send_request(request).await?;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    hyper::body::to_bytes(response.into_body()).await?;

    // Chunked in HTTP 1, since the length isn't given.
    let (mut sender, body) = Body::channel();
    let chunks = tokio::spawn(async move {
        let mut sum = 0;
        for number in 0..160_usize {
            let chunk: Vec<u8> = (0..65_536).map(|at| (at * 7 + number) as u8).collect();
            sum = add(sum, &chunk);
            sender.send_data(Bytes::from(chunk)).await?;
        }
        Ok::<_, hyper::Error>(sum)
    });
    let request = Request::post(uri("/stream")).body(body)?;
    std::future::poll_fn(|context| client.poll_ready(context)).await?;
    let mut response = client.send_request(request).await?;
    assert_eq!(response.status(), StatusCode::OK);
    let requested = response.headers().get("x-request-encoding").cloned();
    let answered = response.headers().get(TRANSFER_ENCODING).cloned();
    let chunked = (version == Version::One).then_some(HeaderValue::from_static("chunked"));
    assert_eq!((&requested, &answered), (&chunked, &chunked));
    let (mut sum, mut length) = (0, 0);
    while let Some(chunk) = response.data().await {
        let chunk = chunk?;
        sum = add(sum, &chunk);
        length += chunk.len();
    }
    assert_eq!(length, 160 * 65_536);
    assert_eq!(sum, chunks.await??, "the body has changed on its way");
    server.abort();
    Ok(())
}

/// hyper's own client keeps one connection for requests one after the other, and
/// makes more for requests at once.
pub async fn connections_are_kept() -> Result<(), Failure> {
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    let service = make_service_fn(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        async { Ok::<_, Infallible>(service_fn(respond)) }
    });
    let server = Server::try_bind(&([127, 0, 0, 1], 0).into())?.serve(service);
    let uri = format!("http://{}/echo", server.local_addr());
    let server = tokio::spawn(server);
    let client = Client::new();
    let post = |number: usize| {
        let request = Request::post(&uri).body(Body::from(format!("body {number}")));
        let client = client.clone();
        async move {
            let response = client.request(request?).await?;
            assert_eq!(response.status(), StatusCode::OK);
            let body = hyper::body::to_bytes(response.into_body()).await?;
            assert_eq!(body, format!("body {number}"));
            Ok::<_, Failure>(())
        }
    };
    for number in 0..30 {
        post(number).await?;
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);
    let at_once: Vec<_> = (0..20).map(|number| tokio::spawn(post(number))).collect();
    for request in at_once {
        request.await??;
    }
    assert!((2..=21).contains(&connections.load(Ordering::Relaxed)));
    server.abort();
    Ok(())
}
