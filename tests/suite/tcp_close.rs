//! `TcpStream`: shutting down, ends, resets.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::time::Duration;

use mio::{Events, Interest, Token};

use crate::support::{pair_to_reset, receive_to_end, refused, tcp_pair, Fixture, PREVIEW_2};

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);
const CLIENT: Token = Token(1);

#[test]
fn shutdown_of_writing_gives_the_peer_its_end() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut server, Token(0), BOTH);
    fixture.expect_writable(Token(0));
    client.write_all(b"last words").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let ready = fixture.expect_readable(Token(0));
    // Writing is still possible, and must not be reported as closed.
    assert!(!ready.write_closed && !ready.error, "{ready:?}");
    assert_eq!(receive_to_end(&mut fixture, &mut server), b"last words");
    // The other direction is open.
    server.write_all(b"answer").unwrap();
    let mut other = Fixture::new();
    other.register(&mut client, CLIENT, Interest::READABLE);
    other.expect_readable(CLIENT);
    let mut buffer = [0; 6];
    client.read_exact(&mut buffer).unwrap();
    assert_eq!(&buffer, b"answer");

    let error = client.write(b"too late").unwrap_err();
    let expected = [ErrorKind::BrokenPipe, ErrorKind::ConnectionAborted];
    assert!(
        expected.contains(&error.kind()) || cfg!(windows),
        "{error:?}"
    );
}

#[test]
fn end_of_stream_is_reported_a_bounded_number_of_times() {
    let mut fixture = Fixture::new();
    let (mut client, server) = tcp_pair();
    fixture.register(&mut client, CLIENT, BOTH);
    fixture.expect_writable(CLIENT);
    drop(server);
    fixture.expect_readable(CLIENT);
    assert_eq!(client.read(&mut [0; 4]).unwrap(), 0);
    // One more event is allowed, an unbounded number is a busy loop.
    fixture.poll_for(Duration::from_millis(1));
    fixture.forget();
    fixture.expect_silence(CLIENT);
    assert_eq!(client.read(&mut [0; 4]).unwrap(), 0);
    fixture.expect_silence(CLIENT);
}

#[test]
fn read_shutdown_reads_the_end() {
    let mut fixture = Fixture::new();
    let (mut client, _server) = tcp_pair();
    fixture.register(&mut client, CLIENT, BOTH);
    fixture.expect_writable(CLIENT);
    client.shutdown(Shutdown::Read).unwrap();
    if !cfg!(windows) {
        let ready = fixture.expect_readable(CLIENT);
        assert!(!ready.write_closed && !ready.error, "{ready:?}");
        assert_eq!(client.read(&mut [0; 4]).unwrap(), 0);
    }
    assert_eq!(client.write(b"still open").unwrap(), 10);
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Windows reports nothing of the program's own shutdown"
)]
#[cfg_attr(
    all(target_os = "wasi", any(target_env = "p2", target_env = "p3")),
    ignore = "preview 2 has no such flags"
)]
fn shutdown_of_both_sides_closes_both() {
    let mut fixture = Fixture::new();
    let (mut client, _server) = tcp_pair();
    fixture.register(&mut client, CLIENT, BOTH);
    fixture.expect_writable(CLIENT);
    client.shutdown(Shutdown::Both).unwrap();
    let ready = fixture.expect(CLIENT, "closed", |ready| {
        ready.read_closed && ready.write_closed
    });
    assert!(ready.readable, "{ready:?}");
}

#[test]
fn shutdown_without_a_connection_is_not_connected() {
    let mut fixture = Fixture::new();
    if let Some((client, _)) = refused(&mut fixture, BOTH) {
        client.take_error().unwrap();
        let error = client.shutdown(Shutdown::Both).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotConnected);
    }
}

#[test]
#[cfg_attr(
    mio_on_wine,
    ignore = "Wine keeps the error of a reset to itself; reading gives the end"
)]
fn reset_by_the_peer_is_one_error() {
    let mut fixture = Fixture::new();
    let (mut client, server) = pair_to_reset();
    fixture.register(&mut client, CLIENT, BOTH);
    fixture.expect_writable(CLIENT);
    server.reset();
    let ready = fixture.expect(CLIENT, "reset", |ready| {
        ready.readable && (ready.writable || PREVIEW_2)
    });
    assert!(ready.read_closed || cfg!(windows) || PREVIEW_2, "{ready:?}");
    let error = client.read(&mut [0; 4]).unwrap_err();
    assert!(
        PREVIEW_2 || error.kind() == ErrorKind::ConnectionReset,
        "{error}"
    );
    let error = client.write(b"x").unwrap_err();
    let expected = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
    assert!(
        expected.contains(&error.kind()) || cfg!(windows),
        "{error:?}"
    );
    fixture.poll_for(Duration::from_millis(1));
    fixture.forget();
    fixture.expect_silence(CLIENT);
    // Both of these work on a source in this state.
    fixture
        .poll
        .registry()
        .reregister(&mut client, CLIENT, BOTH)
        .unwrap();
    fixture.poll.registry().deregister(&mut client).unwrap();
}

#[test]
#[cfg_attr(mio_on_wine, ignore = "Wine keeps the error of a reset to itself")]
#[cfg_attr(
    all(target_os = "wasi", any(target_env = "p2", target_env = "p3")),
    ignore = "preview 2 reports a reset to the next read or write only"
)]
fn reset_is_taken_as_the_error_of_the_socket_once() {
    let mut fixture = Fixture::new();
    let (mut client, server) = pair_to_reset();
    fixture.register(&mut client, CLIENT, Interest::READABLE);
    server.reset();
    fixture.expect_readable(CLIENT);
    let error = client.take_error().unwrap().expect("an error");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert!(client.take_error().unwrap().is_none());
}

#[test]
fn writing_to_a_closed_peer_ends_in_an_error() {
    let mut fixture = Fixture::new();
    let (mut client, server) = tcp_pair();
    fixture.register(&mut client, CLIENT, BOTH);
    drop(server);
    let error = fixture.until("a failing write", |_| match client.write(&[0; 1024]) {
        Ok(_) => None,
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(error) => Some(error),
    });
    let expected = [
        ErrorKind::BrokenPipe,
        ErrorKind::ConnectionReset,
        ErrorKind::ConnectionAborted,
    ];
    assert!(expected.contains(&error.kind()), "{error:?}");
}

#[test]
fn hang_up_is_one_event_also_in_a_small_buffer() {
    let mut fixture = Fixture::new();
    fixture.events = Events::with_capacity(1);
    let (mut client, server) = pair_to_reset();
    fixture.register(&mut client, CLIENT, BOTH);
    fixture.expect_writable(CLIENT);
    server.reset();
    fixture.expect(CLIENT, "reset", |ready| {
        ready.readable && (ready.writable || PREVIEW_2)
    });
    fixture.expect_silence(CLIENT);
}

#[test]
fn queries_of_a_failed_connection_cause_no_events() {
    let mut fixture = Fixture::new();
    if let Some((client, _)) = refused(&mut fixture, BOTH) {
        let mut events = 0;
        for _ in 0..50 {
            assert!(client.peer_addr().is_err());
            let _ = client.take_error().unwrap();
            fixture.poll_for(Duration::from_millis(1));
            events += fixture.events.iter().count();
        }
        assert!(events <= 3, "{events} events");
    }
}
