//! `UdpSocket`: datagrams that are refused, whenever they were sent and however the socket
//! is watched.

use std::io::ErrorKind;

use mio::net::UdpSocket;
use mio::{Interest, Token};

use crate::support::{local, Fixture};

const SOCKET: Token = Token(1);

/// A socket that is connected to a closed port.
fn socket_without_peer() -> UdpSocket {
    let gone = UdpSocket::bind(local()).unwrap().local_addr().unwrap();
    let socket = UdpSocket::bind(local()).unwrap();
    socket.connect(gone).unwrap();
    socket
}

/// Waits until the socket is readable, and takes the refusal from it.
#[track_caller]
fn expect_refusal(fixture: &mut Fixture, socket: &UdpSocket) {
    fixture.expect(SOCKET, "refused", |ready| ready.readable || ready.error);
    let error = fixture.until("the refusal", |_| match socket.recv(&mut [0; 8]) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        result => Some(result.unwrap_err()),
    });
    let expected = [ErrorKind::ConnectionRefused, ErrorKind::ConnectionReset];
    assert!(expected.contains(&error.kind()), "{error:?}");
    fixture.forget();
}

#[test]
fn refusal_before_registration_is_reported() {
    let mut fixture = Fixture::new();
    let mut socket = socket_without_peer();
    socket.send(b"anyone?").unwrap();
    fixture.register(&mut socket, SOCKET, Interest::READABLE);
    expect_refusal(&mut fixture, &socket);
}

#[test]
fn refusal_before_a_change_of_the_registration_is_reported() {
    let mut fixture = Fixture::new();
    let mut socket = socket_without_peer();
    fixture.register(&mut socket, SOCKET, Interest::READABLE);
    socket.send(b"anyone?").unwrap();
    let registry = fixture.poll.registry();
    registry
        .reregister(&mut socket, SOCKET, Interest::READABLE)
        .unwrap();
    expect_refusal(&mut fixture, &socket);

    socket.send(b"anyone?").unwrap();
    fixture.poll.registry().deregister(&mut socket).unwrap();
    fixture.register(&mut socket, SOCKET, Interest::READABLE);
    expect_refusal(&mut fixture, &socket);
}

#[test]
fn refusal_after_the_write_interest_was_used_up_is_reported() {
    let mut fixture = Fixture::new();
    let mut socket = socket_without_peer();
    fixture.register(&mut socket, SOCKET, Interest::READABLE | Interest::WRITABLE);
    fixture.expect_writable(SOCKET);
    fixture.forget();
    socket.send(b"anyone?").unwrap();
    expect_refusal(&mut fixture, &socket);
}

#[test]
#[cfg_attr(
    not(any(target_os = "linux", target_os = "wasi")),
    ignore = "other systems refuse to send to an address on a connected socket, or report nothing"
)]
fn refusal_of_a_datagram_to_an_address_is_reported() {
    let mut fixture = Fixture::new();
    let mut socket = socket_without_peer();
    fixture.register(&mut socket, SOCKET, Interest::READABLE);
    let target = socket.peer_addr().unwrap();
    match socket.send_to(b"anyone?", target) {
        Ok(_) => expect_refusal(&mut fixture, &socket),
        // Preview 2 refuses it.
        Err(error) => assert!(crate::support::PREVIEW_2, "{error}"),
    }
}

#[test]
#[cfg_attr(
    mio_on_wine,
    ignore = "a refusal is an error of the next receive there, and not of the socket"
)]
fn error_of_a_refusal_outlives_the_registration() {
    let mut fixture = Fixture::new();
    let mut socket = socket_without_peer();
    fixture.register(&mut socket, SOCKET, Interest::READABLE);
    socket.send(b"anyone?").unwrap();
    fixture.expect(SOCKET, "refused", |ready| ready.readable || ready.error);
    fixture.poll.registry().deregister(&mut socket).unwrap();
    let error = socket.take_error().unwrap();
    // Preview 2 gives the error to the next operation only.
    if !crate::support::PREVIEW_2 {
        assert_eq!(error.unwrap().kind(), ErrorKind::ConnectionRefused);
        assert!(socket.take_error().unwrap().is_none());
    }
}
