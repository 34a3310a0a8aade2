//! reqwest with nginx: HTTP, HTTPS by rustls without C, and what goes wrong.
//!
//! Arguments: HTTP's address, HTTPS's address, the file of the authority's certificate.

use std::time::{Duration, Instant};

use client_support::{
    argument, assert_kind, assert_mentions, check, must_fail, pattern, print_rate, refused_address,
    Proxy, UNKNOWN_HOST,
};
use reqwest::{Certificate, Client, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Order {
    name: String,
    amounts: Vec<i64>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    rustls_rustcrypto::provider()
        .install_default()
        .expect("the first provider");
    let client = Client::builder().tls_certs_only([]).build()?;
    let server = argument(1);
    if argument(2) == "rate" {
        return rate(&client, &server).await;
    }
    check("GET", get(&client, &server)).await?;
    check("POST of 100 kB", post(&client, &server)).await?;
    check("JSON", json(&client, &server)).await?;
    check("20 at once", parallel(&client, &server)).await?;
    check("a name", by_name(&client, &server)).await?;
    check("a timeout", timeout(&client, &server)).await;
    check("refused", refused(&client)).await?;
    check("an unknown name", unknown_name(&client)).await;
    check("a server that vanishes", vanishing(&client, &server)).await?;
    let authority = std::fs::read(argument(3))?;
    check("HTTPS", https(&argument(2), &authority)).await?;
    check(
        "an authority that isn't trusted",
        untrusted(&client, &argument(2)),
    )
    .await;
    Ok(())
}

async fn get(client: &Client, server: &str) -> Result<()> {
    let response = client
        .get(format!("http://{server}/pattern"))
        .send()
        .await?;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.content_length(), Some(300_000));
    assert_eq!(response.bytes().await?, pattern(300_000));
    let missing = client
        .get(format!("http://{server}/missing"))
        .send()
        .await?;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    Ok(())
}

async fn post(client: &Client, server: &str) -> Result<()> {
    let request = client.post(format!("http://{server}/echo"));
    let response = request.body(pattern(100_000)).send().await?;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.bytes().await?, pattern(100_000));
    Ok(())
}

async fn json(client: &Client, server: &str) -> Result<()> {
    let order = Order {
        name: "ferris".into(),
        amounts: vec![i64::MIN, 0, i64::MAX],
    };
    let request = client.post(format!("http://{server}/echo"));
    let answer: Order = request.json(&order).send().await?.json().await?;
    assert_eq!(answer, order);
    let broken = client.get(format!("http://{server}/hello")).send().await?;
    assert!(must_fail(broken.json::<Order>().await).is_decode());
    Ok(())
}

async fn parallel(client: &Client, server: &str) -> Result<()> {
    let mut requests = JoinSet::new();
    for i in 0..20 {
        let request = client.post(format!("http://{server}/echo"));
        requests.spawn(async move {
            let body = pattern(1000 + i);
            let answer = request.body(body.clone()).send().await?.bytes().await?;
            assert_eq!(answer, body);
            reqwest::Result::Ok(())
        });
    }
    let finished = requests.join_all().await;
    assert_eq!(finished.len(), 20);
    Ok(finished.into_iter().collect::<reqwest::Result<()>>()?)
}

async fn by_name(client: &Client, server: &str) -> Result<()> {
    let (_, port) = server.rsplit_once(':').expect("ADDRESS:PORT");
    let response = client
        .get(format!("http://localhost:{port}/hello"))
        .send()
        .await?;
    assert_eq!(response.text().await?, "hello");
    Ok(())
}

async fn timeout(client: &Client, server: &str) {
    let started = Instant::now();
    let request = client.get(format!("http://{server}/slow/pattern"));
    let result = async {
        let request = request.timeout(Duration::from_millis(500));
        request.send().await?.bytes().await
    };
    assert!(must_fail(result.await).is_timeout());
    assert!(started.elapsed() >= Duration::from_millis(500));
    assert!(started.elapsed() < Duration::from_secs(10));
}

async fn refused(client: &Client) -> Result<()> {
    let address = refused_address().await?;
    let error = must_fail(client.get(format!("http://{address}/")).send().await);
    assert!(error.is_connect());
    assert_kind(&error, std::io::ErrorKind::ConnectionRefused);
    Ok(())
}

async fn unknown_name(client: &Client) {
    let error = must_fail(client.get(format!("http://{UNKNOWN_HOST}/")).send().await);
    assert!(error.is_connect());
    assert_mentions(&error, "dns");
}

async fn vanishing(client: &Client, server: &str) -> Result<()> {
    let proxy = Proxy::start(server).await?;
    let url = format!("http://{}/slow/pattern", proxy.address());
    let mut response = client.get(&url).send().await?;
    let first = response.chunk().await?.expect("a part of the body");
    assert!(pattern(300_000).starts_with(&first));
    proxy.vanish().await;
    let error = loop {
        match response.chunk().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("an incomplete body ended well"),
            Err(error) => break error,
        }
    };
    assert!(error.is_body() || error.is_decode(), "{error:?}");
    assert!(must_fail(client.get(&url).send().await).is_connect());
    Ok(())
}

async fn https(server: &str, authority: &[u8]) -> Result<()> {
    let authority = Certificate::from_pem(authority)?;
    let client = Client::builder().tls_certs_only([authority]).build()?;
    let response = client
        .get(format!("https://{server}/pattern"))
        .send()
        .await?;
    assert_eq!(response.bytes().await?, pattern(300_000));
    let request = client.post(format!("https://{server}/echo"));
    let response = request.body(pattern(100_000)).send().await?;
    assert_eq!(response.bytes().await?, pattern(100_000));
    Ok(())
}

async fn untrusted(client: &Client, server: &str) {
    let error = must_fail(client.get(format!("https://{server}/hello")).send().await);
    assert!(error.is_connect());
    assert_mentions(&error, "UnknownIssuer");
}

/// Measures requests a second with 64 tasks.
async fn rate(client: &Client, server: &str) -> Result<()> {
    const TASKS: u32 = 64;
    const REQUESTS: u32 = 100;
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let (client, url) = (client.clone(), format!("http://{server}/hello"));
        tasks.spawn(async move {
            for _ in 0..REQUESTS {
                assert_eq!(client.get(&url).send().await?.text().await?, "hello");
            }
            reqwest::Result::Ok(())
        });
    }
    for finished in tasks.join_all().await {
        finished?;
    }
    print_rate("reqwest, 64 tasks", TASKS * REQUESTS, started);
    Ok(())
}
