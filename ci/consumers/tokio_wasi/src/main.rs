//! Servers and a client on the published tokio_wasi and hyper_wasi.
//!
//! `http PORT` serves with hyper, `echo PORT` with tokio alone, `check` runs the
//! checks that need no one from outside.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use hyper::service::{make_service_fn, service_fn};
use hyper::{Body, Method, Request, Response, Server, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Answers one request.
async fn respond(request: Request<Body>) -> Result<Response<Body>, hyper::Error> {
    Ok(match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => Response::new(Body::from("Hello World!")),
        (&Method::POST, "/echo") => {
            let bytes = hyper::body::to_bytes(request.into_body()).await?;
            Response::new(Body::from(bytes))
        }
        _ => {
            let mut response = Response::new(Body::from("nothing here"));
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    })
}

/// Serves HTTP until the process ends.
async fn http(address: SocketAddr) -> Result<(), Failure> {
    let service = make_service_fn(|_| async { Ok::<_, Infallible>(service_fn(respond)) });
    let server = Server::try_bind(&address)?.serve(service);
    println!("listening on {}", server.local_addr());
    server.await?;
    Ok(())
}

/// Sends everything back until the client has had enough.
async fn echo_one(mut stream: TcpStream) -> Result<(), Failure> {
    let mut buffer = vec![0; 4096];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..count]).await?;
    }
}

/// Serves echo until the process ends.
async fn echo(listener: TcpListener) -> Result<(), Failure> {
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            if let Err(error) = echo_one(stream).await {
                eprintln!("connection lost: {error}");
            }
        });
    }
}

/// A task is awaited beside a listener to which nobody connects.
async fn spawn_beside_idle_listener() -> Result<(), Failure> {
    let _idle = TcpListener::bind("127.0.0.1:0").await?;
    for number in 0..100 {
        let task = tokio::spawn(async move {
            tokio::task::yield_now().await;
            number * 2
        });
        assert_eq!(task.await?, number * 2);
    }
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let task = tokio::spawn(receiver);
    sender.send("sent").map_err(|_| "nobody receives")?;
    assert_eq!(task.await??, "sent");
    Ok(())
}

/// A client of this program's own echo server: small and large messages, many
/// connections, closing.
async fn connect_and_echo() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(echo(listener));
    let mut clients = Vec::new();
    for number in 0..20_u8 {
        clients.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            assert_eq!(stream.peer_addr()?, address);
            let (mut reader, mut writer) = stream.split();
            let message = vec![number; 100_000];
            let mut answer = vec![0; message.len()];
            let (sent, received) =
                tokio::join!(writer.write_all(&message), reader.read_exact(&mut answer));
            sent?;
            received?;
            assert!(answer == message, "the echo differs");
            writer.shutdown().await?;
            assert_eq!(reader.read(&mut answer).await?, 0);
            Ok::<_, Failure>(())
        }));
    }
    for client in clients {
        client.await??;
    }
    server.abort();
    Ok(())
}

/// Refused connections are errors, and waiting for data can be given up.
async fn refusal_and_timeout() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let mut stream = TcpStream::connect(address).await?;
    let waited = timeout(Duration::from_millis(50), stream.read_u8()).await;
    assert!(waited.is_err(), "nobody has sent anything");
    let (mut accepted, _) = listener.accept().await?;
    accepted.write_all(b"x").await?;
    assert_eq!(stream.read_u8().await?, b'x');
    drop(listener);
    let error = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    Ok(())
}

async fn run(job: &str, port: Option<u16>) -> Result<(), Failure> {
    let address = SocketAddr::from(([127, 0, 0, 1], port.unwrap_or(0)));
    match job {
        "http" => http(address).await,
        "echo" => {
            let listener = TcpListener::bind(address).await?;
            println!("listening on {}", listener.local_addr()?);
            echo(listener).await
        }
        "check" => {
            timeout(Duration::from_secs(10), spawn_beside_idle_listener()).await??;
            println!("ok: tasks are awaited beside an idle listener");
            timeout(Duration::from_secs(30), connect_and_echo()).await??;
            println!("ok: 20 clients had their echo");
            timeout(Duration::from_secs(10), refusal_and_timeout()).await??;
            println!("ok: a refusal and a timeout");
            Ok(())
        }
        _ => Err("usage: http PORT | echo PORT | check".into()),
    }
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let job = arguments.next().unwrap_or_default();
    let port = arguments.next().map(|port| port.parse()).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(&job, port))
}
