//! tokio's own `UdpSocket`, `TcpSocket` and `lookup_host`.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use client_support::{check, must_fail, pattern, refused_address, UNKNOWN_HOST};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{lookup_host, TcpSocket, TcpStream, UdpSocket};
use tokio::time::timeout;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    for local in ["127.0.0.1:0", "[::1]:0"] {
        check(&format!("datagrams from {local}"), datagrams(local)).await?;
        check(&format!("connected UDP on {local}"), connected_udp(local)).await?;
        check(&format!("TcpSocket on {local}"), tcp_socket(local)).await?;
    }
    check("no datagram", no_datagram()).await?;
    check("an address in use", address_in_use()).await?;
    check("refused", refused()).await?;
    check("names", names()).await?;
    check("a peer that vanishes", vanishing_peer()).await?;
    Ok(())
}

async fn datagrams(local: &str) -> io::Result<()> {
    let (one, two) = (UdpSocket::bind(local).await?, UdpSocket::bind(local).await?);
    let (from, to) = (one.local_addr()?, two.local_addr()?);
    let mut buffer = vec![0; 2000];
    for len in [0, 1, 1400] {
        assert_eq!(one.send_to(&pattern(len), to).await?, len);
        assert_eq!(two.recv_from(&mut buffer).await?, (len, from));
        assert_eq!(buffer[..len], pattern(len));
    }
    assert_eq!(
        must_fail(two.try_recv_from(&mut buffer)).kind(),
        ErrorKind::WouldBlock
    );
    Ok(())
}

async fn connected_udp(local: &str) -> io::Result<()> {
    let (one, two) = (UdpSocket::bind(local).await?, UdpSocket::bind(local).await?);
    one.connect(two.local_addr()?).await?;
    two.connect(one.local_addr()?).await?;
    assert_eq!(one.peer_addr()?, two.local_addr()?);
    let mut buffer = [0; 64];
    for i in 0..50u8 {
        one.send(&[i; 33]).await?;
        assert_eq!(two.recv(&mut buffer).await?, 33);
        assert_eq!(buffer[..33], [i; 33]);
        two.send(&[i]).await?;
        assert_eq!(one.recv(&mut buffer).await?, 1);
        assert_eq!(buffer[0], i);
    }
    Ok(())
}

/// A socket of the family of `address`.
fn socket_for(address: SocketAddr) -> io::Result<TcpSocket> {
    match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }
}

async fn tcp_socket(local: &str) -> io::Result<()> {
    let local: SocketAddr = local.parse().expect("an address");
    let listening = socket_for(local)?;
    listening.set_reuseaddr(true)?;
    assert!(listening.reuseaddr()?);
    listening.bind(local)?;
    let listener = listening.listen(16)?;
    let connecting = socket_for(local)?;
    connecting.bind(local)?;
    let bound = connecting.local_addr()?;
    let (client, accepted) = tokio::join!(
        connecting.connect(listener.local_addr()?),
        listener.accept()
    );
    let (mut client, (mut server, peer)) = (client?, accepted?);
    assert_eq!(peer, bound);
    assert_eq!(client.peer_addr()?, listener.local_addr()?);
    let body = pattern(200_000);
    let sending = async {
        client.write_all(&body).await?;
        client.shutdown().await
    };
    let mut received = Vec::new();
    let (sent, read) = tokio::join!(sending, server.read_to_end(&mut received));
    sent?;
    assert_eq!(read?, body.len());
    assert!(received == body, "200,000 bytes arrived changed");
    Ok(())
}

async fn no_datagram() -> io::Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    let receiving = timeout(Duration::from_millis(100), socket.recv_from(&mut [0; 8])).await;
    assert!(receiving.is_err());
    Ok(())
}

async fn address_in_use() -> io::Result<()> {
    let first = UdpSocket::bind("127.0.0.1:0").await?;
    let error = must_fail(UdpSocket::bind(first.local_addr()?).await);
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    Ok(())
}

async fn refused() -> io::Result<()> {
    let address = refused_address().await?;
    let error = must_fail(TcpSocket::new_v4()?.connect(address).await);
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    let error = must_fail(TcpStream::connect(address).await);
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    Ok(())
}

async fn names() -> io::Result<()> {
    let found: Vec<SocketAddr> = lookup_host("localhost:80").await?.collect();
    assert!(!found.is_empty());
    for address in found {
        assert!(
            address.ip().is_loopback() && address.port() == 80,
            "{address}"
        );
    }
    for literal in ["127.0.0.1", "::1"] {
        let ip: IpAddr = literal.parse().expect("an address");
        let found: Vec<SocketAddr> = lookup_host((literal, 443)).await?.collect();
        assert_eq!(found, [SocketAddr::new(ip, 443)]);
    }
    assert!(lookup_host((UNKNOWN_HOST, 80)).await.is_err());
    assert!(TcpStream::connect((UNKNOWN_HOST, 80)).await.is_err());
    Ok(())
}

async fn vanishing_peer() -> io::Result<()> {
    let listening = TcpSocket::new_v4()?;
    listening.bind("127.0.0.1:0".parse().expect("an address"))?;
    let listener = listening.listen(1)?;
    let (client, accepted) = tokio::join!(
        TcpStream::connect(listener.local_addr()?),
        listener.accept()
    );
    let mut client = client?;
    let (mut server, _) = accepted?;
    server.write_all(b"half of ").await?;
    drop((server, listener));
    let mut message = [0; 16];
    let error = must_fail(client.read_exact(&mut message).await);
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    assert_eq!(&message[..8], b"half of ");
    Ok(())
}
