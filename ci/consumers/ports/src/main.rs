//! What tokio leaves out on WASI preview 1 and the port tool brings: connections, listeners,
//! datagrams, names and blocking tasks.

use std::io::{Error, ErrorKind, Result};
use std::net::{SocketAddr, TcpListener as Closed};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{lookup_host, TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::time::timeout;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    timeout(Duration::from_secs(20), run())
        .await
        .map_err(|_| Error::new(ErrorKind::TimedOut, "the program did not finish"))?
}

async fn run() -> Result<()> {
    for host in ["127.0.0.1", "::1", "localhost"] {
        connections(host).await?;
    }
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let address = address.parse().map_err(Error::other)?;
        sockets(address).await?;
        datagrams(address).await?;
    }
    names().await?;
    refused().await?;
    no_threads();
    blocking_tasks().await
}

/// Sends a message from the client to the server, and its reverse back.
async fn exchange(mut client: TcpStream, mut server: TcpStream) -> Result<()> {
    client.set_nodelay(true)?;
    client.write_all(b"message").await?;
    let mut received = [0; 7];
    server.read_exact(&mut received).await?;
    assert_eq!(&received, b"message");
    received.reverse();
    server.write_all(&received).await?;
    drop(server);
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await?;
    assert_eq!(answer, b"egassem");
    Ok(())
}

async fn connections(host: &str) -> Result<()> {
    let listener = TcpListener::bind((host, 0)).await?;
    let port = listener.local_addr()?.port();
    let (client, server) = tokio::join!(TcpStream::connect((host, port)), listener.accept());
    let (client, (server, peer)) = (client?, server?);
    assert_eq!(client.local_addr()?, peer);
    exchange(client, server).await
}

/// By tokio's `TcpSocket`, which is socket2's.
async fn sockets(address: SocketAddr) -> Result<()> {
    let socket = |v4| match v4 {
        true => TcpSocket::new_v4(),
        false => TcpSocket::new_v6(),
    };
    let server = socket(address.is_ipv4())?;
    server.set_reuseaddr(true)?;
    assert!(server.reuseaddr()?);
    server.bind(address)?;
    let listener = server.listen(8)?;
    let client = socket(address.is_ipv4())?;
    client.set_send_buffer_size(32_768)?;
    assert!(client.send_buffer_size()? >= 32_768);
    let (client, server) = tokio::join!(client.connect(listener.local_addr()?), listener.accept());
    exchange(client?, server?.0).await
}

async fn datagrams(address: SocketAddr) -> Result<()> {
    let (a, b) = (
        UdpSocket::bind(address).await?,
        UdpSocket::bind(address).await?,
    );
    let mut received = [0; 16];
    assert_eq!(a.send_to(b"first", b.local_addr()?).await?, 5);
    let (n, from) = b.recv_from(&mut received).await?;
    assert_eq!((&received[..n], from), (&b"first"[..], a.local_addr()?));
    b.connect(from).await?;
    assert_eq!(b.send(b"second").await?, 6);
    let (n, from) = a.recv_from(&mut received).await?;
    assert_eq!((&received[..n], from), (&b"second"[..], b.local_addr()?));
    Ok(())
}

async fn names() -> Result<()> {
    let found: Vec<_> = lookup_host("localhost:7").await?.collect();
    assert!(!found.is_empty());
    for address in &found {
        assert!(
            address.ip().is_loopback() && address.port() == 7,
            "{found:?}"
        );
    }
    let error = TcpStream::connect("no-such-name.invalid:80")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error.to_string().contains("no-such-name.invalid"),
        "{error}"
    );
    Ok(())
}

/// To a port that a listener has had and closed.
async fn refused() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    drop(listener);
    let error = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    // std itself has no sockets here, and says so.
    assert_eq!(
        Closed::bind(address).unwrap_err().kind(),
        ErrorKind::Unsupported
    );
    Ok(())
}

/// A runtime with threads would never return from the first of its workers.
fn no_threads() {
    let error = tokio::runtime::Builder::new_multi_thread()
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("current_thread"), "{error}");
}

/// More of them than a task's budget has, in tasks that have to go on afterwards.
async fn blocking_tasks() -> Result<()> {
    for n in 0..1000 {
        let doubled = tokio::task::spawn_blocking(move || n * 2)
            .await
            .map_err(Error::other)?;
        assert_eq!(doubled, n * 2);
    }
    Ok(())
}
