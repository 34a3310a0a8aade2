//! Connected sockets, both ends in this thread.

use std::io::ErrorKind;
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
