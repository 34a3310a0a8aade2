//! Raw and owned descriptors of the sockets, and std's types. Unix and WASI.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, IntoRawFd, OwnedFd};

use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::{Interest, Token};

use crate::support::{connect_to, local, tcp_pair, udp_pair, Fixture};

#[test]
fn raw_descriptor_keeps_its_number_and_connection() {
    let (client, mut server) = tcp_pair();
    let number = client.as_raw_fd();
    assert_eq!(client.as_fd().as_raw_fd(), number);
    let raw = client.into_raw_fd();
    assert_eq!(raw, number);
    // SAFETY: it was just given up.
    let mut client = unsafe { TcpStream::from_raw_fd(raw) };
    assert_eq!(client.as_raw_fd(), number);

    let mut fixture = Fixture::new();
    fixture.register(&mut client, Token(0), Interest::READABLE);
    server.write_all(b"same").unwrap();
    fixture.expect_readable(Token(0));
    let mut buffer = [0; 8];
    assert_eq!(client.read(&mut buffer).unwrap(), 4);
    // The mode is kept too.
    let error = client.read(&mut buffer).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

#[test]
fn owned_descriptor_goes_through_every_type() {
    let mut listener = TcpListener::bind(local()).unwrap();
    let number = listener.as_raw_fd();
    let address = listener.local_addr().unwrap();
    listener = TcpListener::from(OwnedFd::from(listener));
    assert_eq!(listener.as_raw_fd(), number);
    let std_listener = std::net::TcpListener::from(listener);
    assert_eq!(std_listener.as_raw_fd(), number);
    let mut listener = TcpListener::from_std(std_listener);
    assert_eq!(listener.local_addr().unwrap(), address);
    let (client, server) = connect_to(&mut listener);

    let number = client.as_raw_fd();
    let client = TcpStream::from_std(std::net::TcpStream::from(client));
    let client = TcpStream::from(OwnedFd::from(client));
    assert_eq!(client.as_raw_fd(), number);
    assert_eq!(client.peer_addr().unwrap(), server.local_addr().unwrap());

    let (first, second) = udp_pair();
    let number = first.as_raw_fd();
    let first = UdpSocket::from_std(std::net::UdpSocket::from(first));
    let first = UdpSocket::from(OwnedFd::from(first));
    assert_eq!(first.as_raw_fd(), number);
    assert_eq!(first.peer_addr().unwrap(), second.local_addr().unwrap());
    // SAFETY: it is given up in the same expression.
    let first = unsafe { UdpSocket::from_raw_fd(first.into_raw_fd()) };
    assert_eq!(first.send(b"x").unwrap(), 1);
    // SAFETY: as above.
    let listener = unsafe { TcpListener::from_raw_fd(listener.into_raw_fd()) };
    assert_eq!(listener.local_addr().unwrap(), address);
}

#[test]
fn giving_a_registered_stream_up_keeps_it_open() {
    let fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut client, Token(0), Interest::READABLE);
    let raw = client.into_raw_fd();
    // SAFETY: it was just given up.
    let mut client = unsafe { TcpStream::from_raw_fd(raw) };
    let mut other = Fixture::new();
    other.register(&mut client, Token(1), Interest::READABLE);
    server.write_all(b"x").unwrap();
    other.expect_readable(Token(1));
    assert_eq!(client.read(&mut [0; 4]).unwrap(), 1);
}

#[test]
fn descriptor_that_is_not_open_is_refused() {
    const NEVER_OPEN: i32 = 1 << 30;
    let fixture = Fixture::new();
    // SAFETY: no object owns the number, and it is released without being closed.
    let mut socket = unsafe { UdpSocket::from_raw_fd(NEVER_OPEN) };
    let registry = fixture.poll.registry();
    let error = registry
        .register(&mut socket, Token(0), Interest::READABLE)
        .unwrap_err();
    // EBADF: 8 on WASI, 9 elsewhere.
    let bad = if cfg!(target_os = "wasi") { 8 } else { 9 };
    assert_eq!(error.raw_os_error(), Some(bad));
    assert_eq!(socket.into_raw_fd(), NEVER_OPEN);
}

/// Is a descriptor in non-blocking mode?
fn is_nonblocking(socket: &impl AsRawFd) -> bool {
    // SAFETY: the command takes no memory.
    let flags = unsafe { libc::fcntl(socket.as_raw_fd(), libc::F_GETFL) };
    assert!(flags >= 0, "{}", std::io::Error::last_os_error());
    flags & libc::O_NONBLOCK != 0
}

/// Sets the mode. On WASI std can't for all of its types.
fn set_nonblocking(socket: &impl AsRawFd, mode: bool) {
    let flags = if mode { libc::O_NONBLOCK } else { 0 };
    // SAFETY: the command takes an int and no memory.
    let result = unsafe { libc::fcntl(socket.as_raw_fd(), libc::F_SETFL, flags) };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
}

#[test]
fn mode_is_kept_on_the_way_in_and_out() {
    let (client, server) = tcp_pair();
    let listener = TcpListener::bind(local()).unwrap();
    let (datagrams, _peer) = udp_pair();
    assert!(is_nonblocking(&client) && is_nonblocking(&server));
    assert!(is_nonblocking(&listener) && is_nonblocking(&datagrams));
    let mut client = std::net::TcpStream::from(client);
    let mut listener = std::net::TcpListener::from(listener);
    let mut datagrams = std::net::UdpSocket::from(datagrams);
    assert!(is_nonblocking(&client) && is_nonblocking(&listener) && is_nonblocking(&datagrams));
    for mode in [false, true, false] {
        set_nonblocking(&client, mode);
        let ours = TcpStream::from_std(client);
        assert_eq!(is_nonblocking(&ours), mode);
        client = ours.into();
        assert_eq!(is_nonblocking(&client), mode);

        set_nonblocking(&listener, mode);
        let ours = TcpListener::from_std(listener);
        assert_eq!(is_nonblocking(&ours), mode);
        listener = TcpListener::from(OwnedFd::from(ours)).into();
        assert_eq!(is_nonblocking(&listener), mode);

        set_nonblocking(&datagrams, mode);
        let ours = UdpSocket::from_std(datagrams);
        assert_eq!(is_nonblocking(&ours), mode);
        // SAFETY: it is given up in the same expression.
        datagrams = unsafe { UdpSocket::from_raw_fd(ours.into_raw_fd()) }.into();
        assert_eq!(is_nonblocking(&datagrams), mode);
    }
}
