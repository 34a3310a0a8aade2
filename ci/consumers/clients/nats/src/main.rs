//! async-nats with nats-server: subjects, requests, queues, and what goes wrong.
//!
//! Argument: the server's address.

use std::time::Duration;

use async_nats::{Client, ConnectErrorKind, ConnectOptions, RequestErrorKind};
use client_support::{
    argument, assert_kind, check, must_fail, pattern, refused_address, Proxy, UNKNOWN_HOST,
};
use futures_util::StreamExt;
use tokio::task::JoinSet;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let server = argument(1);
    let client = check("connecting", async_nats::connect(&server)).await?;
    check("publish and subscribe", publish(&client)).await?;
    check("900 kB in a message", large_message(&client)).await?;
    check("20 requests at once", requests(&client)).await?;
    check("a queue shares its messages", queue(&client)).await?;
    check("a request without a responder", no_responder(&client)).await;
    check("a timeout", timeout(&client)).await?;
    check("refused", refused()).await?;
    check("an unknown name", unknown_name()).await;
    check("a server that vanishes", vanishing(&server)).await?;
    Ok(())
}

async fn publish(client: &Client) -> Result<()> {
    let mut subscriber = client.subscribe("news.*").await?;
    for i in 0..100 {
        client
            .publish(format!("news.{i}"), format!("message {i}").into())
            .await?;
    }
    for i in 0..100 {
        let message = subscriber.next().await.expect("a message");
        assert_eq!(message.subject.as_str(), format!("news.{i}"));
        assert_eq!(message.payload, format!("message {i}"));
    }
    Ok(())
}

async fn large_message(client: &Client) -> Result<()> {
    let mut subscriber = client.subscribe("large").await?;
    client.publish("large", pattern(900_000).into()).await?;
    let message = subscriber.next().await.expect("a message");
    assert!(
        message.payload == pattern(900_000),
        "900 kB arrived changed"
    );
    Ok(())
}

async fn requests(client: &Client) -> Result<()> {
    let mut questions = client.subscribe("double").await?;
    let responder = client.clone();
    let serving = tokio::spawn(async move {
        while let Some(question) = questions.next().await {
            let number: i64 = std::str::from_utf8(&question.payload)?.parse()?;
            let reply = question.reply.expect("a subject for the answer");
            responder
                .publish(reply, (number * 2).to_string().into())
                .await?;
        }
        std::result::Result::<(), Box<dyn std::error::Error + Send + Sync>>::Ok(())
    });
    let mut tasks = JoinSet::new();
    for i in 0..20 {
        let client = client.clone();
        tasks.spawn(async move {
            let answer = client.request("double", i.to_string().into()).await?;
            assert_eq!(answer.payload, (i * 2).to_string());
            std::result::Result::<(), async_nats::RequestError>::Ok(())
        });
    }
    for finished in tasks.join_all().await {
        finished?;
    }
    serving.abort();
    Ok(())
}

async fn queue(client: &Client) -> Result<()> {
    let mut one = client.queue_subscribe("jobs", "workers".into()).await?;
    let mut two = client.queue_subscribe("jobs", "workers".into()).await?;
    for i in 0..50 {
        client.publish("jobs", i.to_string().into()).await?;
    }
    let mut done = Vec::new();
    while done.len() < 50 {
        let job = tokio::select! { job = one.next() => job, job = two.next() => job };
        done.push(std::str::from_utf8(&job.expect("a job").payload)?.parse::<i32>()?);
    }
    done.sort_unstable();
    assert_eq!(done, (0..50).collect::<Vec<_>>());
    Ok(())
}

async fn no_responder(client: &Client) {
    let error = must_fail(client.request("unserved", "".into()).await);
    assert_eq!(error.kind(), RequestErrorKind::NoResponders);
}

async fn timeout(client: &Client) -> Result<()> {
    let _silent = client.subscribe("silent").await?;
    let request = async_nats::Request::new().timeout(Some(Duration::from_millis(300)));
    let error = must_fail(client.send_request("silent", request).await);
    assert_eq!(error.kind(), RequestErrorKind::TimedOut);
    Ok(())
}

async fn refused() -> Result<()> {
    let address = refused_address().await?.to_string();
    let error = must_fail(async_nats::connect(address).await);
    assert_eq!(error.kind(), ConnectErrorKind::Io);
    assert_kind(&error, std::io::ErrorKind::ConnectionRefused);
    Ok(())
}

async fn unknown_name() {
    let error = must_fail(async_nats::connect(format!("{UNKNOWN_HOST}:4222")).await);
    assert!(
        matches!(error.kind(), ConnectErrorKind::Dns | ConnectErrorKind::Io),
        "{error:?}"
    );
}

async fn vanishing(server: &str) -> Result<()> {
    let proxy = Proxy::start(server).await?;
    let address = proxy.address().to_string();
    let (events, mut disconnected) = tokio::sync::mpsc::unbounded_channel();
    let options = ConnectOptions::new()
        .max_reconnects(2)
        .event_callback(move |event| {
            let events = events.clone();
            async move { drop(events.send(event.to_string())) }
        });
    let client = options.connect(address).await?;
    let _subscriber = client.subscribe("silent").await?;
    client.flush().await?;
    proxy.vanish().await;
    while let Some(event) = disconnected.recv().await {
        if event == "disconnected" {
            return Ok(());
        }
    }
    panic!("the client didn't report the lost connection")
}
