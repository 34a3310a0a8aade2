//! Unix datagram sockets.

use std::io::{self, ErrorKind};
use std::net::Shutdown;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd};

use mio::net::UnixDatagram;
use mio::{Interest, Token};

use crate::support::{Fixture, Ready, TempPath, KQUEUE};

const HERE: Token = Token(1);
const THERE: Token = Token(2);

/// The kind of error that a result is.
#[track_caller]
fn kind<T: std::fmt::Debug>(result: io::Result<T>) -> ErrorKind {
    result.expect_err("an error").kind()
}

#[test]
fn datagrams_carry_the_path_of_a_bound_sender() {
    let (path, other_path) = (TempPath::new(), TempPath::new());
    let mut fixture = Fixture::new();
    let mut receiver = UnixDatagram::bind(&path).unwrap();
    fixture.register(&mut receiver, HERE, Interest::READABLE);
    assert_eq!(kind(receiver.recv(&mut [0; 8])), ErrorKind::WouldBlock);
    let sender = UnixDatagram::bind(&other_path).unwrap();
    assert_eq!(sender.send_to(b"hello", &path).unwrap(), 5);
    fixture.expect_readable(HERE);
    let mut message = [0; 16];
    let (length, from) = receiver.recv_from(&mut message).unwrap();
    assert_eq!(&message[..length], b"hello");
    assert_eq!(from.as_pathname(), Some(other_path.as_ref()));
    let local = receiver.local_addr().unwrap();
    assert_eq!(local.as_pathname(), Some(path.as_ref()));
}

// mio's issue 1403: such a sender has an address of length zero.
#[test]
fn datagrams_of_an_unbound_sender_have_no_name() {
    let path = TempPath::new();
    let mut fixture = Fixture::new();
    let mut receiver = UnixDatagram::bind(&path).unwrap();
    fixture.register(&mut receiver, HERE, Interest::READABLE);
    let sender = UnixDatagram::unbound().unwrap();
    assert!(sender.local_addr().unwrap().is_unnamed());
    assert_eq!(kind(sender.peer_addr()), ErrorKind::NotConnected);
    sender.connect(&path).unwrap();
    let peer = sender.peer_addr().unwrap();
    assert_eq!(peer.as_pathname(), Some(path.as_ref()));
    sender.send(b"hello").unwrap();
    fixture.expect_readable(HERE);
    let (length, from) = receiver.recv_from(&mut [0; 16]).unwrap();
    assert_eq!(length, 5);
    assert!(
        from.is_unnamed() && from.as_pathname().is_none(),
        "{from:?}"
    );
}

#[test]
fn datagrams_stay_whole_and_in_order() {
    let mut fixture = Fixture::new();
    let (here, mut there) = UnixDatagram::pair().unwrap();
    fixture.register(&mut there, THERE, Interest::READABLE);
    for message in [&b"first"[..], b"", b"second"] {
        assert_eq!(here.send(message).unwrap(), message.len());
    }
    fixture.expect_readable(THERE);
    let mut buffer = [0; 3];
    assert_eq!(there.recv(&mut buffer).unwrap(), 3);
    assert_eq!(&buffer, b"fir", "the rest of a datagram is lost");
    assert_eq!(there.recv(&mut buffer).unwrap(), 0);
    let mut buffer = [0; 16];
    assert_eq!(there.recv(&mut buffer).unwrap(), 6);
    assert_eq!(kind(there.recv(&mut buffer)), ErrorKind::WouldBlock);
    here.send(b"third").unwrap();
    fixture.expect_readable(THERE);
    assert!(here.take_error().unwrap().is_none());
}

#[test]
fn full_datagram_peer_would_block_until_it_reads() {
    let mut fixture = Fixture::new();
    let (mut here, there) = UnixDatagram::pair().unwrap();
    fixture.register(&mut here, HERE, Interest::WRITABLE);
    fixture.expect_writable(HERE);
    let mut sent = 0;
    while here.send(&[1; 64]).is_ok() {
        sent += 1;
        assert!(sent < 1_000_000, "the queue is never full");
    }
    let error = here.send(&[1; 64]).unwrap_err();
    // Systems with kqueue return ENOBUFS, and report the socket as writable all the same.
    let is_full = error.kind() == ErrorKind::WouldBlock;
    const ENOBUFS: i32 = 55; // on all of them
    let is_nobufs = KQUEUE && error.raw_os_error() == Some(ENOBUFS);
    assert!(is_full || is_nobufs, "{error}");
    if is_full {
        fixture.expect_silence(HERE);
    }
    for _ in 0..sent {
        assert_eq!(there.recv(&mut [0; 64]).unwrap(), 64);
    }
    if is_full {
        fixture.expect_writable(HERE);
    }
    here.send(b"again").unwrap();
}

#[test]
fn datagram_shutdown_closes_each_direction() {
    let mut fixture = Fixture::new();
    let (mut here, _there) = UnixDatagram::pair().unwrap();
    let both = Interest::READABLE | Interest::WRITABLE;
    fixture.register(&mut here, HERE, both);
    fixture.expect_writable(HERE);
    here.shutdown(Shutdown::Read).unwrap();
    // A WASI host doesn't distinguish a closed direction from data.
    let closed = |ready: Ready| ready.read_closed || (cfg!(target_os = "wasi") && ready.readable);
    let ready = fixture.expect(HERE, "read closed", closed);
    assert!(!ready.write_closed);
    // Where the system keeps no edges, receiving arms the direction.
    if cfg!(target_os = "wasi") {
        assert_eq!(kind(here.recv(&mut [0; 8])), ErrorKind::WouldBlock);
    }
    here.shutdown(Shutdown::Write).unwrap();
    fixture.expect(HERE, "write closed", |ready| ready.write_closed);
    assert_eq!(kind(here.send(b"late")), ErrorKind::BrokenPipe);
}

/// What std has for it.
#[cfg(unix)]
type StdDatagram = std::os::unix::net::UnixDatagram;
/// What std has for it: a descriptor.
#[cfg(target_os = "wasi")]
type StdDatagram = std::os::fd::OwnedFd;

#[test]
fn datagram_conversions_keep_the_socket() {
    let (here, there) = UnixDatagram::pair().unwrap();
    let fd = here.as_raw_fd();
    let std_socket: StdDatagram = here.into();
    let here = UnixDatagram::from_std(std_socket);
    // SAFETY: the socket gives it up.
    let here = unsafe { UnixDatagram::from_raw_fd(here.into_raw_fd()) };
    assert_eq!(here.as_raw_fd(), fd);
    let sent = here.try_io(|| here.send(b"hello")).unwrap();
    assert_eq!(sent, 5);
    assert_eq!(there.recv(&mut [0; 8]).unwrap(), 5);
}
