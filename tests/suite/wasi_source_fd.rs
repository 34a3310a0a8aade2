//! Descriptors that belong to someone else, by their number: sockets, standard
//! input, files. WASI.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::wasi::SourceFd;
use mio::{Interest, Token};

use crate::support::{pair_to_reset, tcp_pair, Fixture, PREVIEW_2};

const FD: Token = Token(1);
const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// The number of "bad file descriptor" in WASI.
const BAD_DESCRIPTOR: i32 = 8;

/// Changes a registration through another value of the same number.
#[track_caller]
fn reregister(fixture: &Fixture, stream: &TcpStream, interests: Interest) {
    let fd = stream.as_raw_fd();
    let registry = fixture.poll.registry();
    registry
        .reregister(&mut SourceFd(&fd), FD, interests)
        .unwrap();
}

#[test]
fn event_of_a_raw_descriptor_is_repeated_after_reregistering() {
    let mut fixture = Fixture::new();
    let (mut here, mut there) = tcp_pair();
    let fd = here.as_raw_fd();
    fixture.register(&mut SourceFd(&fd), FD, Interest::READABLE);
    fixture.expect_silence(FD);
    for round in 0..3 {
        there.write_all(&[round]).unwrap();
        assert!(!fixture.expect_readable(FD).writable);
        let mut byte = [9];
        assert_eq!(here.read(&mut byte).unwrap(), 1);
        assert_eq!(byte, [round]);
        // The host reports readable until a read has found nothing.
        let error = here.read(&mut byte).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        reregister(&fixture, &here, Interest::READABLE);
        fixture.expect_silence(FD);
    }
    reregister(&fixture, &here, BOTH);
    assert!(!fixture.expect_writable(FD).readable);
}

#[test]
fn registrations_are_known_by_the_number() {
    let fixture = Fixture::new();
    let (mut here, _there) = tcp_pair();
    let fd = here.as_raw_fd();
    let registry = fixture.poll.registry();
    let unknown = registry.deregister(&mut SourceFd(&fd)).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
    let unknown = registry.reregister(&mut SourceFd(&fd), FD, BOTH);
    assert_eq!(unknown.unwrap_err().kind(), ErrorKind::NotFound);
    fixture.register(&mut SourceFd(&fd), FD, BOTH);
    let twice = registry.register(&mut SourceFd(&fd), FD, BOTH);
    assert_eq!(twice.unwrap_err().kind(), ErrorKind::AlreadyExists);
    if PREVIEW_2 {
        return;
    }
    // The socket itself would be a second subscription of the same descriptor.
    let twice = registry.register(&mut here, Token(2), BOTH);
    assert_eq!(twice.unwrap_err().kind(), ErrorKind::AlreadyExists);
    registry.deregister(&mut SourceFd(&fd)).unwrap();
    fixture.register(&mut here, Token(2), BOTH);
    let twice = registry.register(&mut SourceFd(&fd), FD, BOTH);
    assert_eq!(twice.unwrap_err().kind(), ErrorKind::AlreadyExists);
}

#[test]
fn deregistered_number_is_silent() {
    let mut fixture = Fixture::new();
    let (here, mut there) = tcp_pair();
    let fd = here.as_raw_fd();
    fixture.register(&mut SourceFd(&fd), FD, Interest::READABLE);
    there.write_all(b"hello").unwrap();
    let registry = fixture.poll.registry();
    registry.deregister(&mut SourceFd(&fd)).unwrap();
    fixture.expect_silence(FD);
}

#[test]
fn dropping_changes_nothing() {
    let mut fixture = Fixture::new();
    let (here, mut there) = tcp_pair();
    let fd = here.as_raw_fd();
    {
        let mut source = SourceFd(&fd);
        fixture.register(&mut source, FD, Interest::READABLE);
        assert!(format!("{source:?}").contains(&fd.to_string()));
    }
    there.write_all(b"hello").unwrap();
    fixture.expect_readable(FD);
}

#[test]
fn closed_number_is_refused() {
    let fixture = Fixture::new();
    let registry = fixture.poll.registry();
    // No program has this many.
    let result = registry.register(&mut SourceFd(&RawFd::MAX), FD, BOTH);
    let error = result.unwrap_err();
    assert_eq!(error.raw_os_error(), Some(BAD_DESCRIPTOR), "{error}");
}

/// `ci/wasi_stdin.sh` chooses standard input and passes its kind.
#[test]
#[ignore = "needs a standard input of a known kind: ci/wasi_stdin.sh"]
fn standard_input_is_watched_or_refused() {
    let mut fixture = Fixture::new();
    let mut input = std::io::stdin();
    let fd = input.as_raw_fd();
    let registry = fixture.poll.registry();
    let result = registry.register(&mut SourceFd(&fd), FD, Interest::READABLE);
    if std::env::var("MIO_STDIN").as_deref() != Ok("pipe") {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        assert!(error.to_string().contains("regular files"), "{error}");
        return;
    }
    result.unwrap();
    let mut bytes = [0; 64];
    let mut received = Vec::new();
    loop {
        fixture.expect_readable(FD);
        let count = input.read(&mut bytes).unwrap();
        if count == 0 {
            break;
        }
        received.extend_from_slice(&bytes[..count]);
        let registry = fixture.poll.registry();
        registry
            .reregister(&mut SourceFd(&fd), FD, Interest::READABLE)
            .unwrap();
    }
    assert_eq!(received, b"first\nsecond\n");
    expect_number_is_free(&fixture, fd);
}

/// Checks that a number can be deregistered and registered.
#[track_caller]
fn expect_number_is_free(fixture: &Fixture, fd: RawFd) {
    let registry = fixture.poll.registry();
    registry.deregister(&mut SourceFd(&fd)).unwrap();
    fixture.register(&mut SourceFd(&fd), FD, Interest::READABLE);
}

#[test]
fn reset_of_a_busy_socket_is_returned_to_its_owner() {
    let mut fixture = Fixture::new();
    // Enough that a selector may peek at active streams between its polls.
    let mut idle: Vec<_> = (0..100).map(|_| tcp_pair()).collect();
    for (index, (client, _)) in idle.iter_mut().enumerate() {
        fixture.register(client, Token(1_000 + index), Interest::READABLE);
    }
    for _ in 0..10 {
        let (mut client, mut peer) = pair_to_reset();
        let fd = client.as_raw_fd();
        fixture.register(&mut SourceFd(&fd), FD, Interest::READABLE);
        let mut buffer = [0; 8];
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_millis(20) {
            let Some(server) = peer.stream() else {
                break;
            };
            server.write_all(b"ping").unwrap();
            fixture.expect_readable(FD);
            assert_eq!(client.read(&mut buffer).unwrap(), 4);
            reregister(&fixture, &client, Interest::READABLE);
        }
        peer.reset();
        fixture.expect_readable(FD);
        let error = client.read(&mut buffer).unwrap_err();
        let is_reset = error.kind() == ErrorKind::ConnectionReset;
        assert!(is_reset || PREVIEW_2, "{error}");
        let registry = fixture.poll.registry();
        registry.deregister(&mut SourceFd(&fd)).unwrap();
        fixture.forget();
    }
}
