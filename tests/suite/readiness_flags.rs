//! The table in the documentation of `Event`, row by row: which flags a situation
//! has. For epoll and WASI exactly; elsewhere what is true everywhere.

use std::io::{ErrorKind, Read};
use std::net::Shutdown;

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Token};

use crate::support::{local, pair_to_reset, tcp_pair, Fixture, Ready, KQUEUE, PREVIEW_2};

const HERE: Token = Token(1);
const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// Does this system distinguish a half-closed stream from data?
const REPORTS_HALF_CLOSED: bool = !cfg!(target_os = "wasi");
/// Does this system report errors in events of sockets?
const REPORTS_ERRORS: bool = cfg!(target_os = "linux") || PREVIEW_2;

/// The flags of the closed directions.
fn closed(ready: Ready) -> (bool, bool) {
    (ready.read_closed, ready.write_closed)
}

/// A connection whose local end has been reported as writable.
fn registered_pair(fixture: &mut Fixture, interests: Interest) -> (TcpStream, TcpStream) {
    let (mut here, there) = tcp_pair();
    register(fixture, &mut here, interests);
    (here, there)
}

/// Registers a stream, and waits until it is writable.
#[track_caller]
fn register(fixture: &mut Fixture, here: &mut TcpStream, interests: Interest) {
    fixture.register(here, HERE, interests);
    if interests.is_writable() {
        let ready = fixture.expect_writable(HERE);
        assert_eq!(closed(ready), (false, false));
        assert!(!ready.readable && !ready.error);
    }
    fixture.forget();
}

#[test]
fn half_closed_by_the_peer_is_readable_and_never_write_closed() {
    let mut fixture = Fixture::new();
    let (mut here, there) = registered_pair(&mut fixture, BOTH);
    there.shutdown(Shutdown::Write).unwrap();
    let ready = fixture.expect(HERE, "at its end", |ready| {
        ready.readable && ready.read_closed == REPORTS_HALF_CLOSED
    });
    assert!(!ready.write_closed && !ready.error, "{ready:?}");
    assert_eq!(here.read(&mut [0; 4]).unwrap(), 0);
}

#[test]
fn closed_by_the_peer_is_readable() {
    let mut fixture = Fixture::new();
    let (mut here, there) = registered_pair(&mut fixture, BOTH);
    drop(there);
    let ready = fixture.expect(HERE, "at its end", |ready| {
        ready.readable && ready.read_closed == REPORTS_HALF_CLOSED
    });
    // That the peer receives nothing more is not known here yet.
    assert!(!ready.write_closed && !ready.error, "{ready:?}");
    assert_eq!(here.read(&mut [0; 4]).unwrap(), 0);
}

#[test]
#[cfg_attr(mio_on_wine, ignore = "Wine keeps events after shutdown to itself")]
fn shut_down_here_for_writing_is_not_read_closed() {
    let mut fixture = Fixture::new();
    let (here, _there) = registered_pair(&mut fixture, Interest::READABLE);
    here.shutdown(Shutdown::Write).unwrap();
    fixture.poll_for(std::time::Duration::ZERO);
    let read_closed = fixture.events.iter().any(|event| event.is_read_closed());
    assert!(!read_closed, "{:?}", fixture.events);
}

#[test]
#[cfg_attr(mio_on_wine, ignore = "Wine keeps events after shutdown to itself")]
#[cfg_attr(
    all(target_os = "wasi", any(target_env = "p2", target_env = "p3")),
    ignore = "preview 2 has no such flags"
)]
fn shut_down_by_both_is_closed_both_ways_whatever_is_watched() {
    for interests in [BOTH, Interest::READABLE, Interest::WRITABLE] {
        let mut fixture = Fixture::new();
        let (mut here, there) = registered_pair(&mut fixture, Interest::READABLE);
        there.shutdown(Shutdown::Write).unwrap();
        fixture.expect_readable(HERE);
        assert_eq!(here.read(&mut [0; 4]).unwrap(), 0);
        here.shutdown(Shutdown::Write).unwrap();
        let registry = fixture.poll.registry();
        registry.reregister(&mut here, HERE, interests).unwrap();
        let expected = match KQUEUE {
            true => (interests.is_readable(), interests.is_writable()),
            false => (true, true),
        };
        let ready = fixture.expect(HERE, "closed", |ready| closed(ready) == expected);
        assert!(!ready.error, "{ready:?}");
        // Its peer is gone only when both have closed.
        drop(there);
    }
}

#[test]
#[cfg_attr(mio_on_wine, ignore = "Wine keeps the error of a reset to itself")]
fn reset_by_the_peer_is_closed_both_ways_and_keeps_its_error() {
    for interests in [BOTH, Interest::READABLE] {
        let mut fixture = Fixture::new();
        let (mut here, there) = pair_to_reset();
        register(&mut fixture, &mut here, interests);
        there.reset();
        let ready = fixture.expect(HERE, "reset", |ready| ready.readable);
        if cfg!(any(target_os = "linux", target_os = "wasi")) && !PREVIEW_2 {
            let is_write_closed = !KQUEUE || interests.is_writable();
            assert_eq!(closed(ready), (true, is_write_closed), "{ready:?}");
            assert_eq!(ready.error, REPORTS_ERRORS, "{ready:?}");
        }
        let error = here.read(&mut [0; 4]).unwrap_err();
        assert!(
            PREVIEW_2 || error.kind() == ErrorKind::ConnectionReset,
            "{error}"
        );
    }
}

#[test]
#[cfg_attr(mio_on_wine, ignore = "Wine keeps the refusal to itself")]
fn refused_connection_is_write_closed_and_keeps_its_error() {
    for interests in [BOTH, Interest::WRITABLE] {
        let mut fixture = Fixture::new();
        let gone = TcpListener::bind(local()).unwrap();
        let address = gone.local_addr().unwrap();
        drop(gone);
        // Some systems refuse at once.
        let Ok(mut stream) = TcpStream::connect(address) else {
            return;
        };
        fixture.register(&mut stream, HERE, interests);
        let ready = fixture.expect(HERE, "refused", |ready| ready.write_closed);
        assert!(ready.writable, "{ready:?}");
        if cfg!(any(target_os = "linux", target_os = "wasi")) {
            assert_eq!(ready.error, REPORTS_ERRORS, "{ready:?}");
        }
        let error = stream.take_error().unwrap().expect("the refusal");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    }
}
