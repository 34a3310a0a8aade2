//! tokio-tungstenite both ways: a client and a server of WebSockets in one module.

use std::time::Duration;

use client_support::{
    assert_kind, check, must_fail, pattern, refused_address, Proxy, UNKNOWN_HOST,
};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{accept_async, connect_async};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = listener.local_addr()?.to_string();
    tokio::spawn(serve(listener));
    check("texts and bytes", echo(&server)).await?;
    check("20 connections at once", parallel(&server)).await?;
    check("a ping and a close with its reason", close(&server)).await?;
    check("a server that speaks something else", no_websocket()).await?;
    check("a server that never answers", silent()).await?;
    check("refused", refused()).await?;
    check("an unknown name", unknown_name()).await;
    check("a server that vanishes", vanishing(&server)).await?;
    Ok(())
}

/// Sends back each message; says good-bye with a reason when the text "end" comes.
async fn serve(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut socket = accept_async(stream).await?;
            while let Some(message) = socket.next().await {
                match message? {
                    Message::Text(text) if text.as_str() == "end" => {
                        let (code, reason) = (CloseCode::Away, "finished".into());
                        socket.close(Some(CloseFrame { code, reason })).await?;
                    }
                    message @ (Message::Text(_) | Message::Binary(_)) => {
                        socket.send(message).await?
                    }
                    _ => {}
                }
            }
            std::result::Result::<(), Error>::Ok(())
        });
    }
}

async fn echo(server: &str) -> Result<()> {
    let (mut socket, response) = connect_async(format!("ws://{server}/")).await?;
    assert_eq!(response.status(), 101);
    for len in [0, 1, 125, 126, 65_535, 65_536, 1_000_000] {
        let message = Message::binary(pattern(len));
        socket.send(message.clone()).await?;
        let answer = socket.next().await.expect("an answer")?;
        assert!(answer == message, "{len} bytes came back changed");
    }
    socket.send(Message::text("ferris \u{1f980}")).await?;
    let answer = socket.next().await.expect("an answer")?;
    assert_eq!(answer, Message::text("ferris \u{1f980}"));
    Ok(())
}

async fn parallel(server: &str) -> Result<()> {
    let mut tasks = JoinSet::new();
    for i in 0..20 {
        let url = format!("ws://{server}/");
        tasks.spawn(async move {
            let (mut socket, _) = connect_async(url).await?;
            for round in 0..10 {
                let message = Message::text(format!("{i}: {round}"));
                socket.send(message.clone()).await?;
                assert_eq!(socket.next().await.expect("an answer")?, message);
            }
            std::result::Result::<(), Error>::Ok(())
        });
    }
    let finished = tasks.join_all().await;
    assert_eq!(finished.len(), 20);
    for result in finished {
        result?;
    }
    Ok(())
}

async fn close(server: &str) -> Result<()> {
    let (mut socket, _) = connect_async(format!("ws://{server}/")).await?;
    socket.send(Message::Ping("are you there".into())).await?;
    let pong = socket.next().await.expect("a pong")?;
    assert_eq!(pong, Message::Pong("are you there".into()));
    socket.send(Message::text("end")).await?;
    match socket.next().await.expect("a close frame")? {
        Message::Close(Some(frame)) => {
            assert_eq!(
                (frame.code, frame.reason.as_str()),
                (CloseCode::Away, "finished")
            );
        }
        other => panic!("{other:?} in place of a close frame"),
    }
    assert!(socket.next().await.is_none());
    Ok(())
}

async fn no_websocket() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        answer_plainly(stream).await
    });
    match must_fail(connect_async(format!("ws://{address}/")).await) {
        Error::Http(response) => assert_eq!(response.status(), 418),
        other => panic!("{other:?} in place of the status"),
    }
    Ok(server.await??)
}

/// Reads a request's head and answers with a status.
async fn answer_plainly(mut stream: TcpStream) -> std::io::Result<()> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let answer = b"HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n";
    stream.write_all(answer).await
}

async fn silent() -> Result<()> {
    // The listener accepts no connection: this one stays in its backlog.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}/", listener.local_addr()?);
    let connecting = timeout(Duration::from_millis(300), connect_async(url)).await;
    assert!(connecting.is_err());
    Ok(())
}

async fn refused() -> Result<()> {
    let address = refused_address().await?;
    let error = must_fail(connect_async(format!("ws://{address}/")).await);
    assert_kind(&error, std::io::ErrorKind::ConnectionRefused);
    Ok(())
}

async fn unknown_name() {
    let error = must_fail(connect_async(format!("ws://{UNKNOWN_HOST}/")).await);
    assert!(matches!(error, Error::Io(_)), "{error:?}");
}

async fn vanishing(server: &str) -> Result<()> {
    let proxy = Proxy::start(server).await?;
    let (mut socket, _) = connect_async(format!("ws://{}/", proxy.address())).await?;
    socket.send(Message::text("before")).await?;
    assert_eq!(
        socket.next().await.expect("an answer")?,
        Message::text("before")
    );
    proxy.vanish().await;
    let error = must_fail(socket.next().await.expect("an error"));
    assert!(
        matches!(error, Error::Protocol(_) | Error::Io(_)),
        "{error:?}"
    );
    Ok(())
}
