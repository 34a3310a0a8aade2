//! redis with redis-server: pipelines, large values, publishing, and what goes wrong.
//!
//! Argument: the server's address.

use std::time::Duration;

use client_support::{
    argument, assert_mentions, check, must_fail, pattern, refused_address, Proxy, UNKNOWN_HOST,
};
use futures_util::StreamExt;
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, Client, ErrorKind, RedisResult, ServerErrorKind};
use tokio::task::JoinSet;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let server = argument(1);
    let client = Client::open(format!("redis://{server}/"))?;
    let connection = client.get_multiplexed_async_connection().await?;
    check("a pipeline", pipeline(connection.clone())).await?;
    check("100 at once", parallel(connection.clone())).await?;
    check("values of 1 MB", large_values(connection.clone())).await?;
    check(
        "publish and subscribe",
        publish(&client, connection.clone()),
    )
    .await?;
    check("a command of the wrong type", wrong_type(connection)).await?;
    check("a timeout", timeout(&client)).await?;
    check("refused", refused()).await?;
    check("an unknown name", unknown_name()).await?;
    check("a server that vanishes", vanishing(&server)).await?;
    Ok(())
}

async fn pipeline(mut connection: MultiplexedConnection) -> Result<()> {
    let (old, count, text): (Option<String>, i64, String) = redis::pipe()
        .atomic()
        .del(&["count", "text"])
        .ignore()
        .getset("text", "first")
        .incr("count", 42)
        .get("text")
        .query_async(&mut connection)
        .await?;
    assert_eq!(old, None);
    assert_eq!((count, text.as_str()), (42, "first"));
    Ok(())
}

async fn parallel(mut connection: MultiplexedConnection) -> Result<()> {
    let () = connection.del("parallel").await?;
    let mut tasks = JoinSet::new();
    for i in 1..=100i64 {
        let mut connection = connection.clone();
        tasks.spawn(async move { connection.incr("parallel", i).await });
    }
    let sums = tasks.join_all().await;
    let mut sums = sums.into_iter().collect::<RedisResult<Vec<i64>>>()?;
    sums.sort_unstable();
    assert_eq!(sums.len(), 100);
    assert_eq!(sums.last(), Some(&5050));
    Ok(())
}

async fn large_values(mut connection: MultiplexedConnection) -> Result<()> {
    let value = pattern(1_000_000);
    let () = connection.set("large", &value[..]).await?;
    let found: Vec<u8> = connection.get("large").await?;
    assert!(found == value, "a value of 1 MB came back changed");
    let part: Vec<u8> = connection.getrange("large", 500_000, 500_099).await?;
    assert_eq!(part, &value[500_000..500_100]);
    Ok(())
}

async fn publish(client: &Client, mut connection: MultiplexedConnection) -> Result<()> {
    let mut subscriber = client.get_async_pubsub().await?;
    subscriber.subscribe("news").await?;
    for i in 0..10 {
        let receivers: i64 = connection.publish("news", format!("message {i}")).await?;
        assert_eq!(receivers, 1);
    }
    let mut messages = subscriber.on_message();
    for i in 0..10 {
        let message = messages.next().await.expect("a message");
        assert_eq!(message.get_channel_name(), "news");
        assert_eq!(message.get_payload::<String>()?, format!("message {i}"));
    }
    Ok(())
}

async fn wrong_type(mut connection: MultiplexedConnection) -> Result<()> {
    let () = connection.set("text", "no number").await?;
    let error = must_fail(connection.incr::<_, _, i64>("text", 1).await);
    assert_eq!(
        error.kind(),
        ErrorKind::Server(ServerErrorKind::ResponseError)
    );
    assert_mentions(&error, "not an integer");
    Ok(())
}

async fn timeout(client: &Client) -> Result<()> {
    let limit = Some(Duration::from_millis(300));
    let config = redis::AsyncConnectionConfig::new().set_response_timeout(limit);
    let mut connection = client
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    let blocked = connection.blpop::<_, String>("nothing here", 0.0).await;
    assert!(must_fail(blocked).is_timeout());
    Ok(())
}

async fn refused() -> Result<()> {
    let client = Client::open(format!("redis://{}/", refused_address().await?))?;
    let error = must_fail(client.get_multiplexed_async_connection().await);
    assert!(error.is_connection_refusal(), "{error:?}");
    Ok(())
}

async fn unknown_name() -> Result<()> {
    let client = Client::open(format!("redis://{UNKNOWN_HOST}/"))?;
    let error = must_fail(client.get_multiplexed_async_connection().await);
    assert!(
        error.is_io_error() && !error.is_connection_refusal(),
        "{error:?}"
    );
    Ok(())
}

async fn vanishing(server: &str) -> Result<()> {
    let proxy = Proxy::start(server).await?;
    let client = Client::open(format!("redis://{}/", proxy.address()))?;
    let config = redis::AsyncConnectionConfig::new().set_response_timeout(None);
    let mut connection = client
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    let mut waiting = connection.clone();
    let pending =
        tokio::spawn(async move { waiting.blpop::<_, String>("nothing here", 0.0).await });
    let pong: String = connection.ping().await?;
    assert_eq!(pong, "PONG");
    proxy.vanish().await;
    let error = must_fail(pending.await?);
    assert!(
        error.is_connection_dropped() || error.is_io_error(),
        "{error:?}"
    );
    assert!(must_fail(connection.ping::<String>().await).is_unrecoverable_error());
    Ok(())
}
