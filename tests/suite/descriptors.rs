//! What happens when descriptors run out. `ci/descriptors.sh` runs these tests
//! one by one in processes that may have only a few.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::{Interest, Poll, Token, Waker};

use crate::support::{local, udp_pair, Fixture};

/// More than any process of `ci/descriptors.sh` may have.
const MANY: usize = 10_000;

/// Does this error mean that descriptors have run out?
fn is_shortage(error: &io::Error) -> bool {
    // EMFILE: 24 on Unix, 33 on WASI.
    error.raw_os_error() == Some(if cfg!(target_os = "wasi") { 33 } else { 24 })
}

#[test]
#[ignore = "needs a limit of descriptors: ci/descriptors.sh"]
fn accept_without_descriptors_neither_spins_nor_kills_the_listener() {
    let mut fixture = Fixture::new();
    let mut listener = TcpListener::bind(local()).unwrap();
    let address = listener.local_addr().unwrap();
    fixture.register(&mut listener, Token(0), Interest::READABLE);
    let (mut receiver, sender) = udp_pair();
    fixture.register(&mut receiver, Token(1), Interest::READABLE);

    let mut clients = Vec::new();
    let error = loop {
        match TcpStream::connect(address) {
            Ok(client) => clients.push(client),
            Err(error) => break error,
        }
        assert!(clients.len() < MANY, "no limit is set");
    };
    assert!(is_shortage(&error), "{error:?}");

    // The listener is ready and accepting fails: repeated with a delay, not in a busy loop.
    let (start, mut events, mut failures) = (Instant::now(), 0, 0);
    while start.elapsed() < Duration::from_millis(300) {
        fixture.poll_for(Duration::from_millis(50));
        for event in &fixture.events {
            assert_eq!(event.token(), Token(0));
            events += 1;
            let error = listener.accept().unwrap_err();
            assert!(is_shortage(&error), "{error:?}");
            failures += 1;
        }
    }
    assert!(
        (1..=60).contains(&events),
        "{events} events, {failures} failures"
    );

    // All other sources still work.
    fixture.forget();
    sender.send(b"x").unwrap();
    fixture.expect_readable(Token(1));
    assert_eq!(receiver.recv(&mut [0; 4]).unwrap(), 1);

    let kept = clients.len() / 2;
    clients.truncate(kept);
    let mut accepted = Vec::new();
    fixture.until("the connections that remain", |_| loop {
        match listener.accept() {
            Ok((stream, _)) => accepted.push(stream),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
            Err(error) if is_shortage(&error) => return Some(()),
            Err(error) => panic!("accept failed: {error}"),
        }
        if accepted.len() >= kept {
            return Some(());
        }
    });
    assert!(!accepted.is_empty());
}

#[test]
#[ignore = "needs a limit of descriptors: ci/descriptors.sh"]
fn constructors_without_descriptors_fail_and_leak_none() {
    let mut sockets = Vec::new();
    let poll = Poll::new().unwrap();
    let error = loop {
        match UdpSocket::bind(local()) {
            Ok(socket) => sockets.push(socket),
            Err(error) => break error,
        }
        assert!(sockets.len() < MANY, "no limit is set");
    };
    assert!(is_shortage(&error), "{error:?}");
    for _ in 0..MANY {
        assert!(is_shortage(&TcpListener::bind(local()).unwrap_err()));
        assert!(is_shortage(&TcpStream::connect(local()).unwrap_err()));
        if let Err(error) = Poll::new() {
            assert!(is_shortage(&error), "{error:?}");
        }
    }
    if let Err(error) = poll.registry().try_clone() {
        assert!(is_shortage(&error), "{error:?}");
    }
    // Exactly one is free after closing one.
    sockets.pop();
    let listener = TcpListener::bind(local()).unwrap();
    assert!(is_shortage(&UdpSocket::bind(local()).unwrap_err()));
    drop(listener);
    // A failed bind closes its descriptor.
    let used = sockets[0].local_addr().unwrap();
    for _ in 0..MANY {
        let error = UdpSocket::bind(used).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
    }
    drop(UdpSocket::bind(local()).unwrap());
}

#[test]
#[ignore = "needs a limit of descriptors: ci/descriptors.sh"]
fn waker_without_descriptors_fails_until_one_is_free() {
    let mut fixture = Fixture::new();
    let mut sockets = Vec::new();
    while let Ok(socket) = UdpSocket::bind(local()) {
        sockets.push(socket);
        assert!(sockets.len() < MANY, "no limit is set");
    }
    let registry = fixture.poll.registry();
    // Some systems need no descriptor.
    let waker = Waker::new(registry, Token(0)).or_else(|error| {
        assert!(is_shortage(&error), "{error:?}");
        // A pipe needs two.
        sockets.truncate(sockets.len() - 2);
        Waker::new(registry, Token(0))
    });
    let waker = waker.unwrap();
    waker.wake().unwrap();
    fixture.expect_readable(Token(0));
}
