//! Unix sockets: streams and listeners, and what all kinds have in common.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};

use mio::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};
use mio::{Interest, Token};

use crate::support::{receive_byte, set_backlog, Fixture, Ready, TempPath};

const HERE: Token = Token(1);
const THERE: Token = Token(2);

/// The kind of error that a result is.
#[track_caller]
fn kind<T: std::fmt::Debug>(result: io::Result<T>) -> ErrorKind {
    result.expect_err("an error").kind()
}

/// Accepts a connection that was made.
#[track_caller]
fn accept(fixture: &mut Fixture, listener: &UnixListener) -> (UnixStream, SocketAddr) {
    fixture.until("a connection", |_| match listener.accept() {
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        result => Some(result.unwrap()),
    })
}

/// Both ends of a stream, registered for both directions, with the first writable
/// events taken.
fn registered_pair(fixture: &mut Fixture) -> (UnixStream, UnixStream) {
    let (mut here, mut there) = UnixStream::pair().unwrap();
    let both = Interest::READABLE | Interest::WRITABLE;
    fixture.register(&mut here, HERE, both);
    fixture.register(&mut there, THERE, both);
    fixture.expect_writable(HERE);
    fixture.expect_writable(THERE);
    fixture.forget();
    (here, there)
}

#[test]
fn stream_connects_and_echoes() {
    let path = TempPath::new();
    let mut fixture = Fixture::new();
    let mut listener = UnixListener::bind(&path).unwrap();
    fixture.register(&mut listener, Token(0), Interest::READABLE);
    fixture.expect_silence(Token(0));

    let mut client = UnixStream::connect(&path).unwrap();
    let both = Interest::READABLE | Interest::WRITABLE;
    fixture.register(&mut client, HERE, both);
    fixture.expect_readable(Token(0));
    let (mut server, _) = accept(&mut fixture, &listener);
    fixture.register(&mut server, THERE, Interest::READABLE);
    assert!(!fixture.expect_writable(HERE).readable);
    assert!(client.take_error().unwrap().is_none());

    client.write_all(b"marco").unwrap();
    fixture.expect_readable(THERE);
    let mut message = [0; 16];
    assert_eq!(server.read(&mut message).unwrap(), 5);
    assert_eq!(kind(server.read(&mut [0; 16])), ErrorKind::WouldBlock);
    server.write_all(&message[..5]).unwrap();
    fixture.expect_readable(HERE);
    assert_eq!(client.read(&mut message).unwrap(), 5);
    assert_eq!(&message[..5], b"marco");
    assert_eq!(kind(client.read(&mut message)), ErrorKind::WouldBlock);
}

#[test]
fn listener_reports_each_connection_after_would_block() {
    let path = TempPath::new();
    let mut fixture = Fixture::new();
    let mut listener = UnixListener::bind(&path).unwrap();
    fixture.register(
        &mut listener,
        Token(0),
        Interest::READABLE | Interest::WRITABLE,
    );
    let mut streams = Vec::new();
    for _ in 0..3 {
        assert_eq!(kind(listener.accept()), ErrorKind::WouldBlock);
        streams.push(UnixStream::connect(&path).unwrap());
        let ready = fixture.expect_readable(Token(0));
        assert!(!ready.writable, "a listener is never writable");
        listener.accept().unwrap();
    }
    assert!(listener.take_error().unwrap().is_none());
}

#[test]
fn one_event_stands_for_many_connections() {
    let path = TempPath::new();
    let mut fixture = Fixture::new();
    let mut listener = UnixListener::bind(&path).unwrap();
    let _clients: Vec<_> = (0..5)
        .map(|_| UnixStream::connect(&path).unwrap())
        .collect();
    fixture.register(&mut listener, Token(0), Interest::READABLE);
    fixture.expect_readable(Token(0));
    for _ in 0..5 {
        listener.accept().unwrap();
    }
    assert_eq!(kind(listener.accept()), ErrorKind::WouldBlock);
}

#[test]
fn connect_to_a_missing_path_is_not_found() {
    let path = TempPath::new();
    assert_eq!(kind(UnixStream::connect(&path)), ErrorKind::NotFound);
    let socket = UnixDatagram::unbound().unwrap();
    assert_eq!(kind(socket.connect(&path)), ErrorKind::NotFound);
    assert_eq!(kind(socket.send_to(b"hello", &path)), ErrorKind::NotFound);
}

#[test]
fn connect_to_a_dropped_listener_is_refused() {
    let path = TempPath::new();
    drop(UnixListener::bind(&path).unwrap());
    assert_eq!(
        kind(UnixStream::connect(&path)),
        ErrorKind::ConnectionRefused
    );
}

#[test]
fn connect_to_a_full_listener_would_block() {
    let path = TempPath::new();
    let listener = UnixListener::bind(&path).unwrap();
    set_backlog(&listener, 1);
    let mut clients = Vec::new();
    let error = loop {
        match UnixStream::connect(&path) {
            Ok(client) => clients.push(client),
            Err(error) => break error,
        }
        assert!(clients.len() < 100, "the queue is never full");
    };
    // Some systems refuse instead.
    let expected = [ErrorKind::WouldBlock, ErrorKind::ConnectionRefused];
    assert!(expected.contains(&error.kind()), "{error}");
    listener.accept().unwrap();
    UnixStream::connect(&path).unwrap();
}

#[test]
fn bind_to_a_used_path_fails() {
    let path = TempPath::new();
    let _listener = UnixListener::bind(&path).unwrap();
    assert_eq!(kind(UnixListener::bind(&path)), ErrorKind::AddrInUse);
    assert_eq!(kind(UnixDatagram::bind(&path)), ErrorKind::AddrInUse);
}

#[test]
fn too_long_paths_are_refused() {
    let path = "x".repeat(200);
    assert_eq!(kind(UnixListener::bind(&path)), ErrorKind::InvalidInput);
    assert_eq!(kind(UnixStream::connect(&path)), ErrorKind::InvalidInput);
    assert_eq!(kind(UnixDatagram::bind(&path)), ErrorKind::InvalidInput);
    assert_eq!(kind(UnixStream::connect("a\0b")), ErrorKind::InvalidInput);
}

#[test]
fn addresses_name_the_path_on_the_listening_side() {
    let path = TempPath::new();
    let mut fixture = Fixture::new();
    let listener = UnixListener::bind(&path).unwrap();
    let client = UnixStream::connect(&path).unwrap();
    let (server, peer) = accept(&mut fixture, &listener);

    let named = Some(path.as_ref());
    assert_eq!(listener.local_addr().unwrap().as_pathname(), named);
    assert_eq!(server.local_addr().unwrap().as_pathname(), named);
    assert_eq!(client.peer_addr().unwrap().as_pathname(), named);
    for nameless in [
        peer,
        server.peer_addr().unwrap(),
        client.local_addr().unwrap(),
    ] {
        assert!(nameless.is_unnamed(), "{nameless:?}");
        assert!(nameless.as_pathname().is_none());
    }
}

#[cfg(any(target_os = "linux", target_os = "wasi"))] // abstract addresses
#[test]
fn abstract_addresses_round_trip() {
    #[cfg(target_os = "linux")]
    use std::os::linux::net::SocketAddrExt;

    let name = crate::support::unique_name("abstract");
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let mut fixture = Fixture::new();
    let listener = UnixListener::bind_addr(&address).unwrap();
    let client = UnixStream::connect_addr(&address).unwrap();
    let (server, peer) = accept(&mut fixture, &listener);
    for address in [
        listener.local_addr().unwrap(),
        server.local_addr().unwrap(),
        client.peer_addr().unwrap(),
    ] {
        assert_eq!(address.as_abstract_name(), Some(name.as_bytes()));
        assert!(address.as_pathname().is_none() && !address.is_unnamed());
    }
    assert!(peer.is_unnamed());
    assert_eq!(
        kind(UnixListener::bind_addr(&address)),
        ErrorKind::AddrInUse
    );

    let name = crate::support::unique_name("datagram");
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let socket = UnixDatagram::bind_addr(&address).unwrap();
    let local = socket.local_addr().unwrap();
    assert_eq!(local.as_abstract_name(), Some(name.as_bytes()));
}

#[cfg(any(target_os = "linux", target_os = "wasi"))] // abstract addresses
#[test]
fn path_that_begins_with_a_zero_is_an_abstract_name() {
    #[cfg(target_os = "linux")]
    use std::os::linux::net::SocketAddrExt;

    let name = crate::support::unique_name("by-path");
    let path = format!("\0{name}");
    let mut fixture = Fixture::new();
    let listener = UnixListener::bind(&path).unwrap();
    let client = UnixStream::connect(&path).unwrap();
    let (server, _) = accept(&mut fixture, &listener);
    for address in [
        listener.local_addr().unwrap(),
        server.local_addr().unwrap(),
        client.peer_addr().unwrap(),
    ] {
        assert_eq!(address.as_abstract_name(), Some(name.as_bytes()));
    }
    assert_eq!(kind(UnixListener::bind(&path)), ErrorKind::AddrInUse);
    drop((listener, server));
    assert_eq!(
        kind(UnixStream::connect(&path)),
        ErrorKind::ConnectionRefused
    );

    let (path, other) = (format!("{path}-1"), format!("{path}-2"));
    let receiver = UnixDatagram::bind(&path).unwrap();
    let sender = UnixDatagram::bind(&other).unwrap();
    assert_eq!(sender.send_to(b"hello", &path).unwrap(), 5);
    sender.connect(&path).unwrap();
    assert_eq!(sender.send(b"again").unwrap(), 5);
    let mut message = [0; 16];
    for expected in [b"hello", b"again"] {
        let (length, from) = receiver.recv_from(&mut message).unwrap();
        assert_eq!(&message[..length], expected);
        let name = from.as_abstract_name().map(<[u8]>::to_vec);
        assert_eq!(name.as_deref(), Some(&other.as_bytes()[1..]));
    }
}

#[cfg(any(target_os = "linux", target_os = "wasi"))] // abstract addresses
#[test]
fn empty_path_lets_the_system_choose_a_name() {
    #[cfg(target_os = "linux")]
    use std::os::linux::net::SocketAddrExt;

    let listener = UnixListener::bind("").unwrap();
    let address = listener.local_addr().unwrap();
    assert!(!address.as_abstract_name().unwrap().is_empty());
    UnixStream::connect_addr(&address).unwrap();
}

#[test]
fn vectored_operations_are_one_operation() {
    let mut fixture = Fixture::new();
    let (mut here, mut there) = registered_pair(&mut fixture);
    let parts = [
        IoSlice::new(b"hello "),
        IoSlice::new(b""),
        IoSlice::new(b"world"),
    ];
    assert_eq!(here.write_vectored(&parts).unwrap(), 11);
    fixture.expect_readable(THERE);
    let (mut first, mut second) = ([0; 4], [9; 16]);
    let mut parts = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
    assert_eq!(there.read_vectored(&mut parts).unwrap(), 11);
    assert_eq!((&first, &second[..7]), (b"hell", &b"o world"[..]));
    assert!(second[7..].iter().all(|byte| *byte == 9));
    here.flush().unwrap();
}

#[test]
fn drained_stream_becomes_writable() {
    let mut fixture = Fixture::new();
    let (mut here, mut there) = registered_pair(&mut fixture);
    let mut sent = 0;
    let error = loop {
        match here.write(&[7; 4096]) {
            Ok(count) => sent += count,
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    fixture.forget();
    fixture.expect_silence(HERE);
    let mut buffer = [0; 4096];
    while sent > 0 {
        sent -= there.read(&mut buffer).unwrap();
    }
    fixture.expect_writable(HERE);
}

#[test]
fn shutdown_of_the_peer_is_read_closed() {
    let mut fixture = Fixture::new();
    let (mut here, there) = registered_pair(&mut fixture);
    there.shutdown(Shutdown::Write).unwrap();
    // A WASI host doesn't distinguish a half-closed stream from data.
    let closed = |ready: Ready| ready.read_closed || cfg!(target_os = "wasi");
    let ready = fixture.expect(HERE, "read closed", |ready| ready.readable && closed(ready));
    assert!(!ready.write_closed && !ready.error);
    assert_eq!(here.read(&mut [0; 8]).unwrap(), 0);
    fixture.expect_silence(HERE);
    // The other direction goes on.
    assert_eq!(here.write(b"still").unwrap(), 5);
    fixture.expect_readable(THERE);
}

#[test]
fn shutdown_of_both_sides_is_closed_in_both_directions() {
    let mut fixture = Fixture::new();
    let (mut here, _there) = registered_pair(&mut fixture);
    here.shutdown(Shutdown::Both).unwrap();
    let ready = fixture.expect(HERE, "closed", |ready| {
        ready.read_closed && ready.write_closed
    });
    assert!(ready.readable && ready.writable && !ready.error);
    assert_eq!(kind(here.write(b"late")), ErrorKind::BrokenPipe);
}

#[test]
fn dropping_a_registered_stream_closes_it_at_once() {
    let mut fixture = Fixture::new();
    let (here, mut there) = registered_pair(&mut fixture);
    drop(here);
    assert_eq!(there.read(&mut [0; 8]).unwrap(), 0);
    fixture.expect(THERE, "closed", |ready| {
        ready.read_closed && ready.write_closed
    });
    fixture.expect_silence(HERE);
}

#[test]
fn deregistered_stream_is_silent_and_works_on() {
    let mut fixture = Fixture::new();
    let (mut here, mut there) = registered_pair(&mut fixture);
    there.write_all(b"early").unwrap();
    fixture.poll.registry().deregister(&mut here).unwrap();
    fixture.expect_silence(HERE);
    let mut message = [0; 8];
    assert_eq!(here.read(&mut message).unwrap(), 5);
    there.write_all(b"late").unwrap();
    fixture.register(&mut here, HERE, Interest::READABLE);
    fixture.expect_readable(HERE);
}

#[test]
fn reregistering_repeats_pending_readiness() {
    let mut fixture = Fixture::new();
    let (mut here, mut there) = registered_pair(&mut fixture);
    there.write_all(b"hello").unwrap();
    fixture.expect_readable(HERE);
    let registry = fixture.poll.registry();
    registry
        .reregister(&mut here, Token(9), Interest::READABLE)
        .unwrap();
    fixture.expect_readable(Token(9));
    fixture.expect_silence(HERE);
}

#[test]
fn try_io_rearms_after_would_block() {
    let mut fixture = Fixture::new();
    let (here, mut there) = registered_pair(&mut fixture);
    let receive = || here.try_io(|| receive_byte(&here));
    for round in 0..3 {
        there.write_all(&[round]).unwrap();
        fixture.expect_readable(HERE);
        assert_eq!(receive().unwrap(), round);
        assert_eq!(kind(receive()), ErrorKind::WouldBlock);
    }
}

/// As what std has for it: its type, or on WASI a descriptor.
fn into_std(stream: UnixStream) -> StdStream {
    stream.into()
}

#[cfg(unix)]
type StdStream = std::os::unix::net::UnixStream;
#[cfg(target_os = "wasi")]
type StdStream = OwnedFd;

#[test]
fn stream_conversions_keep_the_connection() {
    let (here, mut there) = UnixStream::pair().unwrap();
    let fd = here.as_raw_fd();
    let fd_after = here.into_raw_fd();
    assert_eq!(fd, fd_after);
    // SAFETY: the stream has given it up.
    let here = unsafe { UnixStream::from_raw_fd(fd_after) };
    let here = UnixStream::from(OwnedFd::from(here));
    let mut here = UnixStream::from_std(into_std(here));
    assert_eq!(here.as_raw_fd(), fd);
    here.write_all(b"hello").unwrap();
    assert_eq!(there.read(&mut [0; 8]).unwrap(), 5);
    assert!(format!("{here:?}").contains(&format!("fd: {fd}")));
}
