//! hyper-util's client and an axum server in one module, by HTTP/1 and HTTP/2.

use axum::body::{Body, Bytes};
use axum::routing::{get, post};
use axum::{Json, Router};
use client_support::{
    assert_kind, check, must_fail, pattern, refused_address, Proxy, UNKNOWN_HOST,
};
use http_body_util::BodyExt;
use hyper::{Request, Response, StatusCode, Version};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
type Client = hyper_util::client::legacy::Client<HttpConnector, Body>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = listener.local_addr()?.to_string();
    let app = Router::new()
        .route("/echo", post(|body: Bytes| async { body }))
        .route(
            "/sum",
            post(|Json(numbers): Json<Vec<i64>>| async move { Json(numbers.iter().sum::<i64>()) }),
        )
        .route("/never", get(std::future::pending::<()>));
    tokio::spawn(async { axum::serve(listener, app).await });
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let mut builder = hyper_util::client::legacy::Builder::new(TokioExecutor::new());
        let client = builder.http2_only(version == Version::HTTP_2).build_http();
        check(
            &format!("bodies by {version:?}"),
            bodies(&client, &server, version),
        )
        .await?;
        check(&format!("JSON by {version:?}"), json(&client, &server)).await?;
        check(
            &format!("20 at once by {version:?}"),
            parallel(&client, &server),
        )
        .await?;
        check(
            &format!("a timeout by {version:?}"),
            timeout(&client, &server),
        )
        .await?;
        check(
            &format!("a server that vanishes by {version:?}"),
            vanishing(&client, &server),
        )
        .await?;
        check(&format!("refused by {version:?}"), refused(&client)).await?;
        check(
            &format!("an unknown name by {version:?}"),
            unknown_name(&client),
        )
        .await?;
    }
    Ok(())
}

/// A request with a body.
fn request(server: &str, path: &str, body: impl Into<Body>) -> Result<Request<Body>> {
    let request = Request::post(format!("http://{server}{path}"));
    Ok(request
        .header("content-type", "application/json")
        .body(body.into())?)
}

async fn bodies(client: &Client, server: &str, version: Version) -> Result<()> {
    for len in [0, 1, 100_000, 1_000_000] {
        let response = client
            .request(request(server, "/echo", pattern(len))?)
            .await?;
        assert_eq!(
            (response.status(), response.version()),
            (StatusCode::OK, version)
        );
        let body = response.into_body().collect().await?.to_bytes();
        assert!(body == pattern(len), "{len} bytes came back changed");
    }
    let missing = client.request(request(server, "/missing", "")?).await?;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    Ok(())
}

async fn json(client: &Client, server: &str) -> Result<()> {
    let response = client
        .request(request(server, "/sum", "[40, -1, 3]")?)
        .await?;
    assert_eq!(response.into_body().collect().await?.to_bytes(), "42");
    let response = client.request(request(server, "/sum", "[40,")?).await?;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    Ok(())
}

async fn parallel(client: &Client, server: &str) -> Result<()> {
    let mut requests = JoinSet::new();
    for i in 0..20 {
        let response = client.request(request(server, "/echo", pattern(10_000 + i))?);
        requests.spawn(async move { (i, response.await.map(Response::into_body)) });
    }
    let finished = requests.join_all().await;
    assert_eq!(finished.len(), 20);
    for (i, body) in finished {
        let body = body?.collect().await?.to_bytes();
        assert!(body == pattern(10_000 + i), "body {i} came back changed");
    }
    Ok(())
}

async fn timeout(client: &Client, server: &str) -> Result<()> {
    let request = client.get(format!("http://{server}/never").parse()?);
    let waiting = tokio::time::timeout(std::time::Duration::from_millis(300), request);
    assert!(waiting.await.is_err());
    json(client, server).await
}

async fn vanishing(client: &Client, server: &str) -> Result<()> {
    let proxy = Proxy::start(server).await?;
    let address = proxy.address().to_string();
    let response = client
        .request(request(&address, "/echo", "before")?)
        .await?;
    assert_eq!(response.into_body().collect().await?.to_bytes(), "before");
    let pending = client.get(format!("http://{address}/never").parse()?);
    let vanish = async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        proxy.vanish().await;
    };
    let error = must_fail(tokio::join!(pending, vanish).0);
    assert!(!error.is_connect(), "{error:?}");
    let error = must_fail(client.request(request(&address, "/echo", "after")?).await);
    assert_kind(&error, std::io::ErrorKind::ConnectionRefused);
    Ok(())
}

async fn refused(client: &Client) -> Result<()> {
    let address = refused_address().await?.to_string();
    let error = must_fail(client.request(request(&address, "/", "")?).await);
    assert!(error.is_connect());
    assert_kind(&error, std::io::ErrorKind::ConnectionRefused);
    Ok(())
}

async fn unknown_name(client: &Client) -> Result<()> {
    let error = must_fail(client.request(request(UNKNOWN_HOST, "/", "")?).await);
    assert!(error.is_connect(), "{error:?}");
    client_support::assert_mentions(&error, "dns");
    Ok(())
}
