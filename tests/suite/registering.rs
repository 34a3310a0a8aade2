//! Registering, reregistering, deregistering, dropping.

use std::io::{self, ErrorKind, Read, Write};

use mio::event::Source;
use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::{Interest, Registry, Token, Waker};

use crate::support::{local, tcp_pair, udp_pair, Fixture, ALLOWS_WRONG_CALLS};

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

#[test]
fn registering_twice_is_refused_and_changes_nothing() {
    let mut fixture = Fixture::new();
    let mut socket = UdpSocket::bind(local()).unwrap();
    fixture.register(&mut socket, Token(1), Interest::WRITABLE);
    let registry = fixture.poll.registry();
    let result = registry.register(&mut socket, Token(2), Interest::READABLE);
    if ALLOWS_WRONG_CALLS {
        return result.unwrap();
    }
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    if cfg!(debug_assertions) {
        assert!(
            error
                .to_string()
                .contains("I/O source already registered with a `Registry`"),
            "{error}"
        );
    }
    fixture.expect_writable(Token(1));
    fixture.expect_silence(Token(2));
    fixture.poll.registry().deregister(&mut socket).unwrap();
}

#[test]
fn unknown_source_is_not_found() {
    let fixture = Fixture::new();
    let registry = fixture.poll.registry();
    let mut listener = TcpListener::bind(local()).unwrap();
    let result = registry.reregister(&mut listener, Token(1), Interest::READABLE);
    if ALLOWS_WRONG_CALLS {
        result.unwrap();
        registry.deregister(&mut listener).unwrap();
        return registry.deregister(&mut listener).unwrap();
    }
    assert_eq!(result.unwrap_err().kind(), ErrorKind::NotFound);
    let error = registry.deregister(&mut listener).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    if cfg!(debug_assertions) {
        assert!(error.to_string().contains("not registered"), "{error}");
    }
    // A failed call leaves no trace.
    registry
        .register(&mut listener, Token(1), Interest::READABLE)
        .unwrap();
    registry.deregister(&mut listener).unwrap();
    assert_eq!(
        registry.deregister(&mut listener).unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[test]
#[cfg_attr(
    not(any(debug_assertions, target_os = "wasi", windows)),
    ignore = "release builds leave it to the kernel, which takes a source with two polls"
)]
fn second_poll_is_refused() {
    let first = Fixture::new();
    let second = Fixture::new();
    let mut socket = UdpSocket::bind(local()).unwrap();
    first.register(&mut socket, Token(1), Interest::READABLE);
    let registry = second.poll.registry();
    let error = registry
        .register(&mut socket, Token(1), Interest::READABLE)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    let error = registry
        .reregister(&mut socket, Token(1), Interest::READABLE)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    let error = registry.deregister(&mut socket).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    // The first poll's registration is as it was.
    first.poll.registry().deregister(&mut socket).unwrap();
    registry
        .register(&mut socket, Token(1), Interest::READABLE)
        .unwrap();
}

#[test]
fn reregister_replaces_token_and_interest() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut client, Token(0), Interest::READABLE);
    server.write_all(b"x").unwrap();
    fixture.expect_readable(Token(0));
    for token in 1..10 {
        let registry = fixture.poll.registry();
        registry
            .reregister(&mut client, Token(token), BOTH)
            .unwrap();
        let ready = fixture.expect(Token(token), "both", |ready| {
            ready.readable && ready.writable
        });
        assert!(!ready.write_closed && !ready.error);
        fixture.expect_silence(Token(token - 1));
    }
    let registry = fixture.poll.registry();
    registry
        .reregister(&mut client, Token(10), Interest::WRITABLE)
        .unwrap();
    let ready = fixture.expect_writable(Token(10));
    assert!(!ready.readable, "{ready:?}");
}

#[test]
fn reregister_reports_what_is_still_ready() {
    let mut fixture = Fixture::new();
    let (mut receiver, sender) = udp_pair();
    fixture.register(&mut receiver, Token(0), Interest::READABLE);
    sender.send(b"still here").unwrap();
    fixture.expect_readable(Token(0));
    fixture.expect_silence(Token(0));
    let registry = fixture.poll.registry();
    registry
        .reregister(&mut receiver, Token(0), Interest::READABLE)
        .unwrap();
    fixture.expect_readable(Token(0));
}

#[test]
fn changed_interest_hides_what_was_not_polled() {
    let mut fixture = Fixture::new();
    let mut listener = TcpListener::bind(local()).unwrap();
    fixture.register(&mut listener, Token(0), Interest::READABLE);
    let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let registry = fixture.poll.registry();
    registry
        .reregister(&mut listener, Token(1), Interest::WRITABLE)
        .unwrap();
    fixture.expect_silence(Token(0));
    fixture.expect_silence(Token(1));
    let registry = fixture.poll.registry();
    registry
        .reregister(&mut listener, Token(2), Interest::READABLE)
        .unwrap();
    fixture.expect_readable(Token(2));
}

#[test]
fn deregistered_source_is_silent_and_works() {
    let mut fixture = Fixture::new();
    let (mut receiver, sender) = udp_pair();
    fixture.register(&mut receiver, Token(0), BOTH);
    sender.send(b"pending").unwrap();
    fixture.poll.registry().deregister(&mut receiver).unwrap();
    fixture.expect_silence(Token(0));
    let mut buffer = [0; 16];
    let count = fixture.until("the datagram", |_| receiver.recv(&mut buffer).ok());
    assert_eq!(count, 7);
    let error = receiver.recv(&mut buffer).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    fixture.expect_silence(Token(0));

    // With nothing pending, and then with something.
    fixture.register(&mut receiver, Token(1), Interest::READABLE);
    fixture.expect_silence(Token(1));
    sender.send(b"again").unwrap();
    fixture.expect_readable(Token(1));
}

#[test]
fn dropped_source_is_silent() {
    let mut fixture = Fixture::new();
    for round in 0..10 {
        let (mut client, mut server) = tcp_pair();
        fixture.register(&mut client, Token(round), BOTH);
        server.write_all(b"x").unwrap();
        if round % 2 == 0 {
            fixture.expect_readable(Token(round));
            fixture.forget();
        }
        drop(client);
        fixture.expect_silence(Token(round));
    }
}

#[test]
fn dropped_stream_closes_the_connection_at_once() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    let mut other = Fixture::new();
    other.register(&mut client, Token(0), BOTH);
    other.expect_writable(Token(0));
    drop(client);
    fixture.register(&mut server, Token(1), Interest::READABLE);
    fixture.expect_readable(Token(1));
    assert_eq!(server.read(&mut [0; 4]).unwrap(), 0);
}

#[test]
fn reused_descriptor_inherits_nothing() {
    let mut fixture = Fixture::new();
    for round in 0..200 {
        let (mut receiver, sender) = udp_pair();
        fixture.register(&mut receiver, Token(round), Interest::READABLE);
        sender.send(b"left unread").unwrap();
        if round % 3 == 0 {
            fixture.expect_readable(Token(round));
        }
        drop(receiver);
        // Most likely the same number as the one just closed.
        let mut heir = UdpSocket::bind(local()).unwrap();
        let token = Token(10_000 + round);
        fixture.register(&mut heir, token, Interest::READABLE);
        fixture.forget();
        fixture.expect_silence(token);
        fixture.expect_silence(Token(round));
    }
}

#[test]
fn sources_with_one_token_both_report() {
    let mut fixture = Fixture::new();
    let mut first = UdpSocket::bind(local()).unwrap();
    let mut second = UdpSocket::bind(local()).unwrap();
    fixture.register(&mut first, Token(5), Interest::WRITABLE);
    fixture.register(&mut second, Token(5), Interest::WRITABLE);
    let mut count = 0;
    fixture.until("two events of one token", |fixture| {
        count += fixture
            .events
            .iter()
            .filter(|event| event.token() == Token(5))
            .count();
        (count >= 2).then_some(())
    });
}

#[test]
fn extreme_tokens_come_back_whole() {
    let mut fixture = Fixture::new();
    for token in [0, 1 << 31, usize::MAX / 2 + 1, usize::MAX] {
        let mut socket = UdpSocket::bind(local()).unwrap();
        fixture.register(&mut socket, Token(token), Interest::WRITABLE);
        fixture.expect_writable(Token(token));
    }
}

#[test]
fn cloned_registry_is_the_same_and_outlives_its_poll() {
    let mut fixture = Fixture::new();
    let registry = fixture.poll.registry().try_clone().unwrap();
    let mut socket = UdpSocket::bind(local()).unwrap();
    registry
        .register(&mut socket, Token(1), Interest::WRITABLE)
        .unwrap();
    fixture.expect_writable(Token(1));
    fixture
        .poll
        .registry()
        .reregister(&mut socket, Token(2), Interest::WRITABLE)
        .unwrap();
    fixture.expect_writable(Token(2));
    drop(fixture);
    registry.deregister(&mut socket).unwrap();
    registry
        .register(&mut socket, Token(3), Interest::WRITABLE)
        .unwrap();
    assert_eq!(
        socket.send_to(b"x", socket.local_addr().unwrap()).unwrap(),
        1
    );
}

#[test]
fn socket_outlives_its_poll() {
    let (mut client, mut server) = tcp_pair();
    let fixture = Fixture::new();
    fixture.register(&mut client, Token(0), BOTH);
    drop(fixture);
    server.write_all(b"after").unwrap();
    let mut other = Fixture::new();
    let mut peer = TcpStream::from_std(std::net::TcpStream::from(client));
    other.register(&mut peer, Token(1), Interest::READABLE);
    other.expect_readable(Token(1));
    let mut buffer = [0; 5];
    peer.read_exact(&mut buffer).unwrap();
    assert_eq!(&buffer, b"after");
}

#[test]
fn boxed_sources_register() {
    let mut fixture = Fixture::new();
    let mut boxed: Box<dyn Source> = Box::new(UdpSocket::bind(local()).unwrap());
    fixture.register(&mut boxed, Token(0), Interest::WRITABLE);
    fixture.expect_writable(Token(0));
    let mut typed = Box::new(UdpSocket::bind(local()).unwrap());
    fixture.register(&mut typed, Token(1), Interest::WRITABLE);
    fixture.expect_writable(Token(1));
    fixture.poll.registry().deregister(&mut boxed).unwrap();
}

/// Counts its calls, and fails as configured.
struct Counting {
    calls: Vec<(&'static str, Option<(Token, Interest)>)>,
}

impl Source for Counting {
    fn register(&mut self, _: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        self.calls.push(("register", Some((token, interests))));
        Err(io::Error::new(ErrorKind::Other, "no register"))
    }

    fn reregister(&mut self, _: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        self.calls.push(("reregister", Some((token, interests))));
        Err(io::Error::new(ErrorKind::Other, "no reregister"))
    }

    fn deregister(&mut self, _: &Registry) -> io::Result<()> {
        self.calls.push(("deregister", None));
        Err(io::Error::new(ErrorKind::Other, "no deregister"))
    }
}

#[test]
fn registry_calls_a_source_once_and_hands_its_error_on() {
    let fixture = Fixture::new();
    let registry = fixture.poll.registry();
    let mut source = Counting { calls: Vec::new() };
    let error = registry.register(&mut source, Token(1), BOTH).unwrap_err();
    assert_eq!(error.to_string(), "no register");
    let error = registry
        .reregister(&mut source, Token(2), Interest::READABLE)
        .unwrap_err();
    assert_eq!(error.to_string(), "no reregister");
    let error = registry.deregister(&mut source).unwrap_err();
    assert_eq!(error.to_string(), "no deregister");
    assert_eq!(
        source.calls,
        [
            ("register", Some((Token(1), BOTH))),
            ("reregister", Some((Token(2), Interest::READABLE))),
            ("deregister", None),
        ],
    );
}

#[test]
fn interest_that_cannot_be_watched_is_unsupported() {
    let fixture = Fixture::new();
    let mut socket = UdpSocket::bind(local()).unwrap();
    let registry = fixture.poll.registry();
    let error = registry
        .register(&mut socket, Token(1), Interest::LIO)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    // It can still be registered for what exists.
    registry
        .register(&mut socket, Token(1), Interest::READABLE)
        .unwrap();
    let interests = Interest::READABLE | Interest::LIO;
    let error = registry
        .reregister(&mut socket, Token(1), interests)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn bad_descriptor_does_not_disturb_the_others() {
    let mut fixture = Fixture::new();
    let waker = Waker::new(fixture.poll.registry(), Token(9)).unwrap();
    let (mut receiver, sender) = udp_pair();
    fixture.register(&mut receiver, Token(1), Interest::READABLE);
    let mut bad = UdpSocket::bind(local()).unwrap();
    fixture.register(&mut bad, Token(2), BOTH);
    // Closed outside of the library.
    drop(std::net::UdpSocket::from(handle_of(&bad)));
    sender.send(b"x").unwrap();
    fixture.expect_readable(Token(1));
    waker.wake().unwrap();
    fixture.expect_readable(Token(9));
    let mut buffer = [0; 4];
    assert_eq!(receiver.recv(&mut buffer).unwrap(), 1);
    sender.send(b"y").unwrap();
    fixture.expect_readable(Token(1));
    if cfg!(target_os = "wasi") {
        // The host reports it; elsewhere another test may use the number by now.
        let ready = fixture.expect(Token(2), "an error", |ready| ready.error);
        assert!(ready.readable && ready.writable, "{ready:?}");
        assert!(bad.recv(&mut [0; 4]).is_err());
    }
    std::mem::forget(bad);
}

/// A second owner of a socket's handle.
fn handle_of(socket: &UdpSocket) -> UdpSocket {
    #[cfg(any(unix, target_os = "wasi"))]
    {
        use std::os::fd::{AsRawFd, FromRawFd};
        // SAFETY: the caller closes it and forgets the first owner.
        unsafe { UdpSocket::from_raw_fd(socket.as_raw_fd()) }
    }
    #[cfg(windows)]
    {
        use std::os::windows::io::{AsRawSocket, FromRawSocket};
        // SAFETY: the caller closes it and forgets the first owner.
        unsafe { UdpSocket::from_raw_socket(socket.as_raw_socket()) }
    }
}
