//! Connected sockets, both ends in this thread.

use std::io::{ErrorKind, Read};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::{Interest, Token};

use super::Fixture;

/// Any free port of this machine.
pub(crate) fn local() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

/// Any free port of this machine, IPv4 and (where it has that) IPv6.
pub(crate) fn local_both() -> Vec<SocketAddr> {
    let v6 = (Ipv6Addr::LOCALHOST, 0).into();
    match UdpSocket::bind(v6) {
        Ok(_) => vec![local(), v6],
        Err(error) => {
            println!("IPv6 is left out, this machine lacks it: {error}");
            vec![local()]
        }
    }
}

/// A connected client and the stream that the listener accepted for it. None of
/// them is registered.
#[track_caller]
pub(crate) fn connect_to(listener: &mut TcpListener) -> (TcpStream, TcpStream) {
    let mut fixture = Fixture::new();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    fixture.register(listener, Token(0), Interest::READABLE);
    fixture.register(&mut client, Token(1), Interest::WRITABLE);
    let (server, peer) = fixture.until("a connection", |_| match listener.accept() {
        Ok(accepted) => Some(accepted),
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(error) => panic!("accept failed: {error}"),
    });
    fixture.expect_writable(Token(1));
    assert!(client.take_error().unwrap().is_none());
    assert_eq!(peer, client.local_addr().unwrap());
    fixture.poll.registry().deregister(listener).unwrap();
    fixture.poll.registry().deregister(&mut client).unwrap();
    (client, server)
}

/// Two ends of a TCP connection, not registered.
#[track_caller]
pub(crate) fn tcp_pair() -> (TcpStream, TcpStream) {
    connect_to(&mut TcpListener::bind(local()).unwrap())
}

/// Two UDP sockets, connected to each other, not registered.
#[track_caller]
pub(crate) fn udp_pair() -> (UdpSocket, UdpSocket) {
    let first = UdpSocket::bind(local()).unwrap();
    let second = UdpSocket::bind(local()).unwrap();
    first.connect(second.local_addr().unwrap()).unwrap();
    second.connect(first.local_addr().unwrap()).unwrap();
    (first, second)
}

/// Reads what there is, up to the end of the stream; `true` when that was reached.
fn read_all(stream: &mut TcpStream, mut take: impl FnMut(&[u8])) -> bool {
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return true,
            Ok(count) => take(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
            Err(error) => panic!("read failed: {error}"),
        }
    }
}

/// Receives until `received` has reached `total`.
#[track_caller]
pub(crate) fn receive_until(
    fixture: &mut Fixture,
    stream: &mut TcpStream,
    received: &mut usize,
    total: usize,
) {
    fixture.until("everything to arrive", |_| {
        read_all(stream, |bytes| *received += bytes.len());
        (*received == total).then_some(())
    });
}

/// Receives all there is until the other side has shut down.
#[track_caller]
pub(crate) fn receive_to_end(fixture: &mut Fixture, stream: &mut TcpStream) -> Vec<u8> {
    let mut received = Vec::new();
    fixture.until("the end", |_| {
        read_all(stream, |bytes| received.extend_from_slice(bytes)).then_some(())
    });
    received
}
