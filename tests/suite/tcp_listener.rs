//! `TcpListener`: binding and accepting.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Token};

use crate::support::{local, local_both, reset, Fixture, PREVIEW_2};

const LISTENER: Token = Token(0);

#[test]
fn port_zero_is_resolved() {
    for address in local_both() {
        let listener = TcpListener::bind(address).unwrap();
        let bound = listener.local_addr().unwrap();
        assert_eq!(bound.ip(), address.ip());
        assert_ne!(bound.port(), 0);
    }
}

#[test]
fn used_address_is_refused() {
    let first = TcpListener::bind(local()).unwrap();
    let error = TcpListener::bind(first.local_addr().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

#[test]
fn foreign_address_is_refused() {
    let foreign: SocketAddr = "203.0.113.1:0".parse().unwrap();
    let error = TcpListener::bind(foreign).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
}

#[test]
fn idle_listener_is_silent_and_would_block() {
    let mut fixture = Fixture::new();
    let mut listener = TcpListener::bind(local()).unwrap();
    let both = Interest::READABLE | Interest::WRITABLE;
    fixture.register(&mut listener, LISTENER, both);
    fixture.expect_silence(LISTENER);
    let error = listener.accept().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    fixture.expect_silence(LISTENER);
    assert!(listener.take_error().unwrap().is_none());
}

#[test]
fn accepted_stream_has_both_addresses_and_never_blocks() {
    for address in local_both() {
        let mut fixture = Fixture::new();
        let mut listener = TcpListener::bind(address).unwrap();
        fixture.register(&mut listener, LISTENER, Interest::READABLE);
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let ready = fixture.expect_readable(LISTENER);
        assert!(!ready.writable && !ready.read_closed, "{ready:?}");
        let (mut stream, peer) = listener.accept().unwrap();
        assert_eq!(peer, client.local_addr().unwrap());
        assert_eq!(stream.peer_addr().unwrap(), peer);
        assert_eq!(stream.local_addr().unwrap(), listener.local_addr().unwrap());
        let error = stream.read(&mut [0; 1]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        // And the listener has kept its mode.
        let error = listener.accept().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
}

#[test]
fn each_connection_after_would_block_is_reported() {
    let mut fixture = Fixture::new();
    let mut listener = TcpListener::bind(local()).unwrap();
    let address = listener.local_addr().unwrap();
    fixture.register(&mut listener, LISTENER, Interest::READABLE);
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(TcpStream::connect(address).unwrap());
        fixture.expect_readable(LISTENER);
        listener.accept().unwrap();
        assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}

#[test]
fn one_event_may_stand_for_many_connections() {
    let mut fixture = Fixture::new();
    let mut listener = TcpListener::bind(local()).unwrap();
    let address = listener.local_addr().unwrap();
    fixture.register(&mut listener, LISTENER, Interest::READABLE);
    let clients: Vec<_> = (0..10)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    let mut accepted = 0;
    while accepted < clients.len() {
        fixture.expect_readable(LISTENER);
        loop {
            match listener.accept() {
                Ok(_) => accepted += 1,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("accept failed: {error}"),
            }
        }
    }
    fixture.forget();
    fixture.expect_silence(LISTENER);
}

#[test]
fn one_accept_for_each_event_gets_all_connections() {
    let mut fixture = Fixture::new();
    let mut listener = TcpListener::bind(local()).unwrap();
    let address = listener.local_addr().unwrap();
    fixture.register(&mut listener, LISTENER, Interest::READABLE);
    for _ in 0..5 {
        let _client = TcpStream::connect(address).unwrap();
        fixture.expect_readable(LISTENER);
        listener.accept().unwrap();
    }
}

#[test]
fn connection_that_is_reset_before_accept_does_not_kill_the_listener() {
    let mut fixture = Fixture::new();
    let mut listener = TcpListener::bind(local()).unwrap();
    let address = listener.local_addr().unwrap();
    fixture.register(&mut listener, LISTENER, Interest::READABLE);
    let mut doomed = TcpStream::connect(address).unwrap();
    fixture.register(&mut doomed, Token(1), Interest::WRITABLE);
    fixture.expect_writable(Token(1));
    reset(doomed);

    let mut client = TcpStream::connect(address).unwrap();
    let own = client.local_addr().unwrap();
    let mut stream = fixture.until("the second connection", |_| match listener.accept() {
        Ok((stream, peer)) => (peer == own).then_some(stream),
        Err(_) => None,
    });
    fixture.register(&mut client, Token(2), Interest::READABLE);
    stream.write_all(b"alive").unwrap();
    fixture.expect_readable(Token(2));
    let mut buffer = [0; 5];
    client.read_exact(&mut buffer).unwrap();
    assert_eq!(&buffer, b"alive");
}

#[test]
fn address_can_be_bound_after_a_connection() {
    let mut listener = TcpListener::bind(local()).unwrap();
    let address = listener.local_addr().unwrap();
    if PREVIEW_2 {
        // Hosts make a port reusable only where the program has chosen it.
        drop(listener);
        listener = TcpListener::bind(address).unwrap();
    }
    let (client, server) = crate::support::connect_to(&mut listener);
    // The server's side closes first, so its address lingers in the system.
    drop(server);
    drop(listener);
    drop(client);
    let rebound = TcpListener::bind(address).unwrap();
    assert_eq!(rebound.local_addr().unwrap(), address);
}

#[test]
fn ttl_round_trips_or_is_unsupported() {
    let listener = TcpListener::bind(local()).unwrap();
    if cfg!(target_os = "wasi") && !PREVIEW_2 {
        assert_eq!(listener.ttl().unwrap_err().kind(), ErrorKind::Unsupported);
        assert_eq!(
            listener.set_ttl(9).unwrap_err().kind(),
            ErrorKind::Unsupported
        );
    } else {
        listener.set_ttl(9).unwrap();
        assert_eq!(listener.ttl().unwrap(), 9);
    }
}
