//! Sockets into tokio, which opens none on WASI preview 1: mio opens them, and std's
//! types transfer them.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::Failure;

pub const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::from_std(mio::net::TcpListener::bind(address)?.into())
}

pub async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::from_std(mio::net::TcpStream::connect(address)?.into())?;
    stream.writable().await?;
    match stream.take_error()? {
        Some(error) => Err(error),
        None => Ok(stream),
    }
}

/// Both ends of a connection.
pub async fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = listen(ANY_PORT)?;
    let client = connect(listener.local_addr()?).await?;
    Ok((client, listener.accept().await?.0))
}

/// They have their addresses, and carry data both ways, also after they were std's
/// a second time.
pub async fn converted_sockets() -> Result<(), Failure> {
    let listener = TcpListener::from_std(listen(ANY_PORT)?.into_std()?)?;
    let client = connect(listener.local_addr()?).await?;
    let (mut server, peer) = listener.accept().await?;
    assert_eq!(peer, client.local_addr()?);
    assert_eq!(client.peer_addr()?, listener.local_addr()?);
    let mut client = TcpStream::from_std(client.into_std()?)?;
    let mut buffer = [0; 5];
    for _ in 0..3 {
        client.write_all(b"marco").await?;
        server.read_exact(&mut buffer).await?;
        assert_eq!(&buffer, b"marco");
        server.write_all(b"polo!").await?;
        client.read_exact(&mut buffer).await?;
        assert_eq!(&buffer, b"polo!");
    }
    Ok(())
}

/// std's own write would end the host by SIGPIPE here: it must not be the one used.
pub async fn peer_that_is_gone() -> Result<(), Failure> {
    let (client, server) = pair().await?;
    let converted = TcpStream::from_std(server.into_std()?)?;
    for (mut stream, peer) in [pair().await?, (converted, client)] {
        drop(peer);
        let error = loop {
            match stream.write(&[0; 1024]).await {
                Ok(_) => tokio::task::yield_now().await,
                Err(error) => break error,
            }
        };
        let kind = error.kind();
        let of_the_dead = [io::ErrorKind::BrokenPipe, io::ErrorKind::ConnectionReset];
        assert!(of_the_dead.contains(&kind), "{error}");
        // By now the kernel raises the signal at each write without MSG_NOSIGNAL.
        let error = stream.write(&[0; 1024]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
    Ok(())
}

/// Refused connections are errors, and waiting for data can be cancelled.
pub async fn refusal_and_timeout() -> Result<(), Failure> {
    let listener = listen(ANY_PORT)?;
    let address = listener.local_addr()?;
    let mut client = connect(address).await?;
    let waited = timeout(Duration::from_millis(50), client.read_u8()).await;
    assert!(waited.is_err(), "nobody has sent anything");
    let (mut server, _) = listener.accept().await?;
    server.write_all(b"x").await?;
    assert_eq!(client.read_u8().await?, b'x');
    drop(listener);
    let error = connect(address).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    Ok(())
}
