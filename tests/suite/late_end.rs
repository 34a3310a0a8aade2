//! `TcpStream`: an end or a reset that comes after data was already reported, while
//! the program has read all, some or none of it and never up to `WouldBlock`.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Interest, Token};

use crate::support::{tcp_pair, Fixture, Ready};

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);
const HERE: Token = Token(1);

/// Does the event report the end of the stream? The hosts of WASI report the
/// end of a stream as readable only.
fn is_end(ready: Ready) -> bool {
    ready.readable && (ready.read_closed || cfg!(target_os = "wasi"))
}

/// A connection with five bytes that were reported here and have not been read.
fn pair_with_reported_data(fixture: &mut Fixture, interests: Interest) -> (TcpStream, TcpStream) {
    let (mut here, mut there) = tcp_pair();
    fixture.register(&mut here, HERE, interests);
    if interests.is_writable() {
        fixture.expect_writable(HERE);
    }
    assert_eq!(there.write(b"hello").unwrap(), 5);
    let ready = fixture.expect_readable(HERE);
    assert!(!ready.read_closed, "{ready:?}");
    fixture.expect_silence(HERE);
    (here, there)
}

#[test]
fn end_after_all_was_read_is_reported() {
    for interests in [Interest::READABLE, BOTH] {
        let mut fixture = Fixture::new();
        let (mut here, there) = pair_with_reported_data(&mut fixture, interests);
        here.read_exact(&mut [0; 5]).unwrap();
        there.shutdown(Shutdown::Write).unwrap();
        let ready = fixture.expect(HERE, "at its end", is_end);
        assert!(!ready.write_closed && !ready.error, "{ready:?}");
        assert_eq!(here.read(&mut [0; 4]).unwrap(), 0);
    }
}

#[test]
fn end_that_was_reported_leaves_the_other_direction_working() {
    let mut fixture = Fixture::new();
    let (mut here, mut there) = pair_with_reported_data(&mut fixture, BOTH);
    here.read_exact(&mut [0; 5]).unwrap();
    there.shutdown(Shutdown::Write).unwrap();
    fixture.expect(HERE, "at its end", is_end);
    // As long as the peer reads nothing, there is nothing to report.
    while match here.write(&[1; 65_536]) {
        Ok(_) => true,
        Err(error) if error.kind() == ErrorKind::WouldBlock => false,
        Err(error) => panic!("{error}"),
    } {}
    fixture.poll_for(Duration::from_millis(1));
    fixture.forget();
    fixture.expect_silence(HERE);
    let mut buffer = [0; 65_536];
    fixture.until("the stream to be writable", |fixture| {
        while matches!(there.read(&mut buffer), Ok(1..)) {}
        let is_writable = fixture.events.iter().any(|event| event.is_writable());
        is_writable.then_some(())
    });
    assert!(here.write(b"more").is_ok());
    assert_eq!(here.read(&mut [0; 4]).unwrap(), 0);
    fixture.poll_for(Duration::ZERO);
    fixture.forget();
    fixture.expect_silence(HERE);
}

// The hosts of WASI report levels: unread data hide an end that follows them.
#[cfg(not(target_os = "wasi"))]
mod behind_unread_data {
    use super::*;
    use crate::support::reset;

    /// The same after reading this many of the five bytes.
    fn pair_with_unread_data(fixture: &mut Fixture, read: usize) -> (TcpStream, TcpStream) {
        let (mut here, there) = pair_with_reported_data(fixture, BOTH);
        here.read_exact(&mut [0; 2][..read]).unwrap();
        fixture.poll_for(Duration::ZERO);
        fixture.forget();
        (here, there)
    }

    #[test]
    fn end_after_reading_by_try_io_is_reported() {
        let mut fixture = Fixture::new();
        let (here, there) = pair_with_reported_data(&mut fixture, BOTH);
        let mut buffer = [std::mem::MaybeUninit::uninit(); 8];
        let received = here.try_io(|| socket2::SockRef::from(&here).recv(&mut buffer));
        assert_eq!(received.unwrap(), 5);
        drop(there);
        let ready = fixture.expect(HERE, "at its end", is_end);
        assert!(!ready.write_closed && !ready.error, "{ready:?}");
        fixture.expect_silence(HERE);
    }

    #[test]
    #[cfg_attr(
        mio_on_wine,
        ignore = "Wine detects the end by peeking, so unread data hide it"
    )]
    fn end_is_reported_once() {
        for read_before in [0, 2] {
            let mut fixture = Fixture::new();
            let (mut here, there) = pair_with_unread_data(&mut fixture, read_before);
            drop(there);
            let ready = fixture.expect(HERE, "at its end", is_end);
            assert!(!ready.write_closed && !ready.error, "{ready:?}");
            // The end persists and is reported once.
            fixture.expect_silence(HERE);
            let mut rest = Vec::new();
            here.read_to_end(&mut rest).unwrap();
            assert_eq!(rest, &b"hello"[read_before..]);
        }
    }

    #[test]
    fn reset_is_reported_once() {
        for read_before in [0, 2] {
            let mut fixture = Fixture::new();
            let (_here, there) = pair_with_unread_data(&mut fixture, read_before);
            reset(there);
            fixture.expect_readable(HERE);
            fixture.expect_silence(HERE);
        }
    }
}
