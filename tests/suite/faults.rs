//! Peers that misbehave: resets at each stage, extreme datagrams, descriptor
//! numbers that are reused. Expected: no event is lost, none is false, and all other
//! sources are served.

use std::io::{ErrorKind, Read, Write};

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Token};

use crate::support::{
    connect_to, local, no_new_process, reset, tcp_pair, udp_pair, Fixture, KQUEUE,
};

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);
const LISTENER: Token = Token(0);
const VICTIM: Token = Token(1);

/// Serves one well-behaved client, to prove that the listener works. Other pending
/// connections are accepted and closed.
#[track_caller]
fn serve_another(fixture: &mut Fixture, listener: &mut TcpListener) {
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let address = client.local_addr().unwrap();
    let mut server = fixture.until("another connection", |_| match listener.accept() {
        Ok((stream, peer)) => (peer == address).then_some(stream),
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        // A connection that was reset may be reported as an error.
        Err(_) => None,
    });
    fixture.register(&mut client, Token(9), Interest::READABLE);
    fixture.until("room to write", |_| server.write(b"hello").ok());
    let mut buffer = [0; 8];
    let count = fixture.until("a greeting", |_| client.read(&mut buffer).ok());
    assert_eq!(&buffer[..count], b"hello");
}

#[test]
fn reset_before_accepting_leaves_the_listener_alive() {
    let mut fixture = Fixture::new();
    let mut listener = TcpListener::bind(local()).unwrap();
    let address = listener.local_addr().unwrap();
    fixture.register(&mut listener, LISTENER, Interest::READABLE);
    for _ in 0..5 {
        let mut client = TcpStream::connect(address).unwrap();
        fixture.register(&mut client, VICTIM, Interest::WRITABLE);
        fixture.expect_writable(VICTIM);
        reset(client);
        fixture.forget();
        serve_another(&mut fixture, &mut listener);
    }
}

#[test]
fn reset_after_accepting_is_reported_and_ends_in_an_error() {
    let mut listener = TcpListener::bind(local()).unwrap();
    // Before anything was sent, with data unread, with a full buffer, after the end.
    for stage in 0..4 {
        let mut fixture = Fixture::new();
        let (mut client, mut server) = connect_to(&mut listener);
        fixture.register(&mut server, VICTIM, BOTH);
        fixture.expect_writable(VICTIM);
        match stage {
            1 => client.write_all(b"unread").unwrap(),
            2 => while server.write(&[7; 64 * 1024]).is_ok() {},
            3 => {
                client.shutdown(std::net::Shutdown::Write).unwrap();
                fixture.expect_readable(VICTIM);
                assert_eq!(server.read(&mut [0; 4]).unwrap(), 0);
                // The read direction has ended: only reregistering arms it.
                let registry = fixture.poll.registry();
                registry.reregister(&mut server, VICTIM, BOTH).unwrap();
            }
            _ => {}
        }
        reset(client);
        fixture.expect_readable(VICTIM);
        // Writing fails after a bounded number of events: no task waits indefinitely.
        let error = fixture.until("an error", |_| match server.write(b"anyone?") {
            Ok(_) => None,
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            Err(error) => Some(error),
        });
        assert_ne!(error.kind(), ErrorKind::NotFound, "stage {stage}");
        fixture.forget();
        drop(server);
        fixture.register(&mut listener, LISTENER, Interest::READABLE);
        serve_another(&mut fixture, &mut listener);
        fixture.poll.registry().deregister(&mut listener).unwrap();
    }
}

#[test]
fn smallest_and_largest_datagrams_arrive_whole_and_in_order() {
    /// More than fits into a packet of IPv4.
    const TOO_LARGE: usize = 65_508;
    // The default limit of systems with kqueue is about 9 kB.
    const LARGEST: usize = if KQUEUE { 9_000 } else { TOO_LARGE - 1 };

    let mut fixture = Fixture::new();
    let (mut receiver, sender) = udp_pair();
    fixture.register(&mut receiver, VICTIM, Interest::READABLE);
    let content: Vec<u8> = (0..LARGEST).map(|at| (at % 251) as u8).collect();
    let mut buffer = vec![0; LARGEST + 1];
    for length in [0, LARGEST, 0, 0, 1, LARGEST, 0] {
        assert_eq!(sender.send(&content[..length]).unwrap(), length);
        fixture.expect_readable(VICTIM);
        let count = fixture.until("the datagram", |_| receiver.recv(&mut buffer).ok());
        assert!(buffer[..count] == content[..length], "{count} of {length}");
        let error = receiver.recv(&mut buffer).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
    // More than that is refused, and harms nothing.
    let error = sender.send(&vec![0; TOO_LARGE]).unwrap_err();
    assert_ne!(error.kind(), ErrorKind::WouldBlock);
    sender.send(b"after").unwrap();
    fixture.expect_readable(VICTIM);
}

#[test]
fn descriptor_reused_between_polls_inherits_nothing() {
    let _turn = no_new_process();
    let mut fixture = Fixture::new();
    for round in 0..20 {
        let (mut first, mut second) = tcp_pair();
        let old = Token(100 + 2 * round);
        fixture.register(&mut second, old, BOTH);
        first.write_all(b"for the old one").unwrap();
        if round % 2 == 0 {
            fixture.expect_readable(old);
            fixture.forget();
        }
        // The next sockets are likely to reuse their numbers, where numbers are small.
        drop(second);
        drop(first);
        let (mut first, mut second) = tcp_pair();
        let new = Token(101 + 2 * round);
        fixture.register(&mut second, new, Interest::READABLE);
        fixture.expect_silence(old);
        fixture.expect_silence(new);
        first.write_all(b"x").unwrap();
        fixture.expect_readable(new);
        assert_eq!(second.read(&mut [0; 4]).unwrap(), 1);
    }
}
