//! tonic both ways: calls and streams of gRPC between a client and a server in one module.

use std::pin::Pin;
use std::time::Duration;

use client_support::{assert_kind, check, must_fail, refused_address, Proxy, UNKNOWN_HOST};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_stream::{Stream, StreamExt};
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Request, Response, Status, Streaming};

mod generated {
    //! What build.rs has generated.
    include!(concat!(env!("OUT_DIR"), "/checks.Counter.rs"));
}
use generated::counter_client::CounterClient;
use generated::counter_server::{Counter, CounterServer};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
type Client = CounterClient<Channel>;

/// A message with one number.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Number {
    #[prost(int64, tag = "1")]
    value: i64,
}

/// A message with a list of numbers.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Numbers {
    #[prost(int64, repeated, tag = "1")]
    values: Vec<i64>,
}

/// The service.
struct Adder;

#[tonic::async_trait]
impl Counter for Adder {
    async fn add(&self, request: Request<Numbers>) -> tonic::Result<Response<Number>> {
        let values = request.into_inner().values;
        if values.is_empty() {
            return Err(Status::invalid_argument("nothing to add"));
        }
        let value = values.iter().sum();
        Ok(Response::new(Number { value }))
    }

    type CountDownStream = Pin<Box<dyn Stream<Item = tonic::Result<Number>> + Send>>;

    async fn count_down(
        &self,
        request: Request<Number>,
    ) -> tonic::Result<Response<Self::CountDownStream>> {
        let from = request.into_inner().value;
        let numbers = tokio_stream::iter((0..from).rev()).map(|value| Ok(Number { value }));
        if from < 0 {
            return Ok(Response::new(Box::pin(tokio_stream::pending())));
        }
        Ok(Response::new(Box::pin(numbers)))
    }

    async fn sum(&self, request: Request<Streaming<Number>>) -> tonic::Result<Response<Number>> {
        let mut numbers = request.into_inner();
        let mut value = 0;
        while let Some(number) = numbers.message().await? {
            value += number.value;
        }
        Ok(Response::new(Number { value }))
    }

    type DoubleStream = Self::CountDownStream;

    async fn double(
        &self,
        request: Request<Streaming<Number>>,
    ) -> tonic::Result<Response<Self::DoubleStream>> {
        let doubled = request.into_inner().map(|number| {
            let value = number?.value * 2;
            Ok(Number { value })
        });
        Ok(Response::new(Box::pin(doubled)))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = listener.local_addr()?.to_string();
    let service = Server::builder().add_service(CounterServer::new(Adder));
    tokio::spawn(service.serve_with_incoming(TcpListenerStream::new(listener)));
    let client = check(
        "connecting",
        CounterClient::connect(format!("http://{server}")),
    )
    .await?;
    check("a call", call(client.clone())).await?;
    check("100 calls at once", parallel(client.clone())).await?;
    check("a stream from the server", from_server(client.clone())).await?;
    check("a stream to the server", to_server(client.clone())).await?;
    check("streams both ways", both_ways(client)).await?;
    check("a timeout", timeout(&server)).await?;
    check("refused", refused()).await?;
    check("an unknown name", unknown_name()).await?;
    check("a server that vanishes", vanishing(&server)).await?;
    Ok(())
}

async fn call(mut client: Client) -> Result<()> {
    let values = (0..50_000).collect::<Vec<i64>>();
    let value = values.iter().sum();
    assert_eq!(
        client.add(Numbers { values }).await?.into_inner(),
        Number { value }
    );
    let error = must_fail(client.add(Numbers::default()).await);
    assert_eq!(
        (error.code(), error.message()),
        (Code::InvalidArgument, "nothing to add")
    );
    Ok(())
}

async fn parallel(client: Client) -> Result<()> {
    let mut calls = JoinSet::new();
    for i in 0..100 {
        let mut client = client.clone();
        calls.spawn(async move {
            let answer = client.add(Numbers { values: vec![i, 1] }).await?;
            assert_eq!(answer.into_inner().value, i + 1);
            tonic::Result::Ok(())
        });
    }
    let finished = calls.join_all().await;
    assert_eq!(finished.len(), 100);
    Ok(finished.into_iter().collect::<tonic::Result<()>>()?)
}

async fn from_server(mut client: Client) -> Result<()> {
    let mut numbers = client
        .count_down(Number { value: 1000 })
        .await?
        .into_inner();
    for value in (0..1000).rev() {
        assert_eq!(numbers.message().await?, Some(Number { value }));
    }
    assert_eq!(numbers.message().await?, None);
    Ok(())
}

async fn to_server(mut client: Client) -> Result<()> {
    let numbers = tokio_stream::iter((1..=1000).map(|value| Number { value }));
    assert_eq!(client.sum(numbers).await?.into_inner().value, 500_500);
    Ok(())
}

async fn both_ways(mut client: Client) -> Result<()> {
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let numbers = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let mut doubled = client.double(numbers).await?.into_inner();
    for value in 0..100 {
        sender.send(Number { value }).await?;
        assert_eq!(doubled.message().await?, Some(Number { value: value * 2 }));
    }
    drop(sender);
    assert_eq!(doubled.message().await?, None);
    Ok(())
}

async fn timeout(server: &str) -> Result<()> {
    let endpoint = Endpoint::from_shared(format!("http://{server}"))?;
    let mut client = CounterClient::new(endpoint.connect().await?);
    let mut endless = client.count_down(Number { value: -1 }).await?.into_inner();
    let waiting = tokio::time::timeout(Duration::from_millis(300), endless.message());
    assert!(waiting.await.is_err());
    drop(endless);
    call(client).await
}

async fn refused() -> Result<()> {
    let address = refused_address().await?;
    let error = must_fail(CounterClient::connect(format!("http://{address}")).await);
    assert_kind(&error, std::io::ErrorKind::ConnectionRefused);
    Ok(())
}

async fn unknown_name() -> Result<()> {
    let error = must_fail(CounterClient::connect(format!("http://{UNKNOWN_HOST}")).await);
    client_support::assert_mentions(&error, "dns");
    Ok(())
}

async fn vanishing(server: &str) -> Result<()> {
    let proxy = Proxy::start(server).await?;
    let mut client = CounterClient::connect(format!("http://{}", proxy.address())).await?;
    let mut endless = client.count_down(Number { value: -1 }).await?.into_inner();
    proxy.vanish().await;
    let error = must_fail(endless.message().await);
    assert!(
        matches!(error.code(), Code::Unknown | Code::Unavailable),
        "{error:?}"
    );
    let error = must_fail(client.add(Numbers { values: vec![1] }).await);
    assert_eq!(error.code(), Code::Unavailable, "{error:?}");
    Ok(())
}
