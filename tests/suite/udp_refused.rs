//! `UdpSocket`: datagrams that are refused, whenever they were sent and however the socket
//! is watched.

use std::io::{self, ErrorKind};

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
    expect_refusal_by(fixture, || socket.recv(&mut [0; 8]));
}

/// As [`expect_refusal`], with the operation that takes it.
#[track_caller]
fn expect_refusal_by(fixture: &mut Fixture, mut operation: impl FnMut() -> io::Result<usize>) {
    fixture.expect(SOCKET, "refused", |ready| ready.readable || ready.error);
    let error = fixture.until("the refusal", |_| match operation() {
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
fn refusal_before_registration_for_both_is_reported_beside_the_write_readiness() {
    let mut fixture = Fixture::new();
    let mut socket = socket_without_peer();
    socket.send(b"anyone?").unwrap();
    fixture.register(&mut socket, SOCKET, Interest::READABLE | Interest::WRITABLE);
    // The two may come with one event or with two.
    fixture.expect(SOCKET, "writable and refused", |ready| {
        ready.writable && (ready.readable || ready.error)
    });
    let error = socket.recv(&mut [0; 8]).unwrap_err();
    let expected = [ErrorKind::ConnectionRefused, ErrorKind::ConnectionReset];
    assert!(expected.contains(&error.kind()), "{error:?}");
}

// On Windows a refusal is an error of the next receive, not of a send.
#[cfg(not(windows))]
#[test]
fn refusal_is_the_error_of_the_next_send() {
    for with_target in [false, true] {
        let mut fixture = Fixture::new();
        let mut socket = socket_without_peer();
        let gone = socket.peer_addr().unwrap();
        fixture.register(&mut socket, SOCKET, Interest::READABLE);
        socket.send(b"anyone?").unwrap();
        fixture.expect(SOCKET, "refused", |ready| ready.readable || ready.error);
        let sent = match with_target {
            true => socket.send_to(b"again", gone),
            false => socket.send(b"again"),
        };
        let error = sent.unwrap_err();
        // Some systems take no address on a connected socket.
        if with_target && error.kind() != ErrorKind::ConnectionRefused {
            continue;
        }
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused, "{error}");
        assert!(socket.take_error().unwrap().is_none());
        let error = socket.recv(&mut [0; 8]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock, "it comes once");
    }
}

#[test]
fn refusal_of_a_datagram_to_an_address_is_reported() {
    let mut fixture = Fixture::new();
    let mut socket = socket_without_peer();
    fixture.register(&mut socket, SOCKET, Interest::READABLE);
    let target = socket.peer_addr().unwrap();
    // Some systems take no address on a connected socket.
    if socket.send_to(b"anyone?", target).is_ok() {
        expect_refusal(&mut fixture, &socket);
    }
}

#[test]
fn error_of_a_refusal_outlives_the_registration() {
    let mut fixture = Fixture::new();
    let mut socket = socket_without_peer();
    fixture.register(&mut socket, SOCKET, Interest::READABLE);
    socket.send(b"anyone?").unwrap();
    fixture.expect(SOCKET, "refused", |ready| ready.readable || ready.error);
    fixture.poll.registry().deregister(&mut socket).unwrap();
    // On Windows it is an error of the next receive, and not of the socket.
    let error = match socket.take_error().unwrap() {
        Some(error) => error,
        None => socket.recv(&mut [0; 8]).unwrap_err(),
    };
    let expected = [ErrorKind::ConnectionRefused, ErrorKind::ConnectionReset];
    assert!(expected.contains(&error.kind()), "{error:?}");
    assert!(socket.take_error().unwrap().is_none());
    let error = socket.recv(&mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock, "it comes once");
}

/// Peeks by one of the two functions.
fn peek(socket: &UdpSocket, with_sender: bool) -> io::Result<usize> {
    let mut buffer = [0; 8];
    if with_sender {
        socket.peek_from(&mut buffer).map(|(length, _)| length)
    } else {
        socket.peek(&mut buffer)
    }
}

#[test]
fn datagram_after_an_error_that_a_peek_has_taken_is_reported() {
    for with_sender in [false, true] {
        let mut fixture = Fixture::new();
        let mut socket = socket_without_peer();
        let gone = socket.peer_addr().unwrap();
        fixture.register(&mut socket, SOCKET, Interest::READABLE);
        socket.send(b"anyone?").unwrap();
        expect_refusal_by(&mut fixture, || peek(&socket, with_sender));

        let peer = UdpSocket::bind(gone).unwrap();
        let target = socket.local_addr().unwrap();
        assert_eq!(peer.send_to(b"hello", target).unwrap(), 5);
        fixture.expect_readable(SOCKET);
        assert_eq!(peek(&socket, with_sender).unwrap(), 5);
        assert_eq!(socket.recv(&mut [0; 8]).unwrap(), 5);
    }
}
