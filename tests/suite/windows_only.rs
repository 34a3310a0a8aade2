//! What sockets do on Windows alone: handles, and misuse of them.

use std::io::{ErrorKind, Read, Write};
use std::os::windows::io::{
    AsRawSocket, AsSocket, FromRawSocket, IntoRawSocket, OwnedSocket, RawSocket,
};
use std::time::Duration;

use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::{Events, Interest, Poll, Token};
use windows_sys::Win32::Foundation::{
    CloseHandle, GetHandleInformation, HANDLE, HANDLE_FLAG_INHERIT,
};

use crate::support::windows::{alone, kind_of, open_handles, would_block, BOTH};
use crate::support::{local, tcp_pair, Fixture};

const FIRST: Token = Token(1);
const SECOND: Token = Token(2);

#[test]
fn sockets_are_not_inherited() {
    let (client, server) = tcp_pair();
    let listener = TcpListener::bind(local()).unwrap();
    let datagrams = UdpSocket::bind(local()).unwrap();
    for (name, socket) in [
        ("client", client.as_raw_socket()),
        ("accepted", server.as_raw_socket()),
        ("listener", listener.as_raw_socket()),
        ("datagrams", datagrams.as_raw_socket()),
    ] {
        let mut flags = 0;
        // SAFETY: `flags` is a local that outlives the call.
        let result = unsafe { GetHandleInformation(socket as HANDLE, &mut flags) };
        assert_ne!(result, 0, "{name}: {}", std::io::Error::last_os_error());
        assert_eq!(flags & HANDLE_FLAG_INHERIT, 0, "{name}");
    }
}

#[test]
fn handles_keep_number_and_connection_through_conversions() {
    let (client, mut server) = tcp_pair();
    let number = client.as_raw_socket();
    assert_eq!(client.as_socket().as_raw_socket(), number);
    let raw = client.into_raw_socket();
    assert_eq!(raw, number);
    // SAFETY: the stream has just given it up.
    let client = unsafe { TcpStream::from_raw_socket(raw) };
    let owned = OwnedSocket::from(client);
    assert_eq!(owned.as_raw_socket(), number);
    let mut client = std::net::TcpStream::from(TcpStream::from(owned));
    assert_eq!(client.as_raw_socket(), number);
    client.write_all(b"same").unwrap();
    let mut fixture = Fixture::new();
    fixture.register(&mut server, FIRST, Interest::READABLE);
    fixture.expect_readable(FIRST);
    let mut buffer = [0; 8];
    assert_eq!(server.read(&mut buffer).unwrap(), 4);

    let listener = std::net::TcpListener::from(TcpListener::bind(local()).unwrap());
    assert!(listener.local_addr().is_ok());
    let datagrams = std::net::UdpSocket::from(UdpSocket::bind(local()).unwrap());
    assert!(datagrams.local_addr().is_ok());
}

#[test]
fn mode_is_kept_on_the_way_in_and_out() {
    /// Reads from our type, from std's, and from ours, with nothing to read.
    fn refusals(socket: std::net::TcpStream) -> [ErrorKind; 3] {
        let mut ours = TcpStream::from_std(socket);
        let first = ours.read(&mut [0; 4]).unwrap_err().kind();
        let mut socket = std::net::TcpStream::from(ours);
        let second = socket.read(&mut [0; 4]).unwrap_err().kind();
        let mut ours = TcpStream::from(OwnedSocket::from(socket));
        [first, second, ours.read(&mut [0; 4]).unwrap_err().kind()]
    }

    // A blocking socket waits for this long and returns `TimedOut`.
    let limit = Some(Duration::from_millis(20));
    for (is_nonblocking, refusal) in [(false, ErrorKind::TimedOut), (true, ErrorKind::WouldBlock)] {
        let listener = std::net::TcpListener::bind(local()).unwrap();
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.set_read_timeout(limit).unwrap();
        client.set_nonblocking(is_nonblocking).unwrap();
        assert_eq!(refusals(client), [refusal; 3]);

        let datagrams = std::net::UdpSocket::bind(local()).unwrap();
        datagrams.set_read_timeout(limit).unwrap();
        datagrams.set_nonblocking(is_nonblocking).unwrap();
        let ours = UdpSocket::from_std(datagrams);
        assert_eq!(kind_of(ours.recv(&mut [0; 4])), refusal);
        let datagrams = std::net::UdpSocket::from(ours);
        assert_eq!(kind_of(datagrams.recv(&mut [0; 4])), refusal);
    }
    // What the library makes never blocks, nor does it as std's.
    let (client, _server) = tcp_pair();
    assert_eq!(refusals(client.into()), [ErrorKind::WouldBlock; 3]);
    let listener = std::net::TcpListener::from(TcpListener::bind(local()).unwrap());
    assert_eq!(kind_of(listener.accept()), ErrorKind::WouldBlock);
    let number = listener.as_raw_socket();
    let listener = TcpListener::from_std(listener);
    assert_eq!(listener.as_raw_socket(), number);
    assert_eq!(kind_of(listener.accept()), ErrorKind::WouldBlock);
}

#[test]
fn socket_belongs_to_one_poll_at_a_time() {
    let fixture = Fixture::new();
    let other = Poll::new().unwrap();
    let mut socket = UdpSocket::bind(local()).unwrap();
    fixture.register(&mut socket, FIRST, BOTH);
    let registry = other.registry();
    let second = registry.register(&mut socket, SECOND, BOTH);
    assert_eq!(kind_of(second), ErrorKind::AlreadyExists);
    let change = registry.reregister(&mut socket, SECOND, BOTH);
    assert_eq!(kind_of(change), ErrorKind::AlreadyExists);
    let end = registry.deregister(&mut socket);
    assert_eq!(kind_of(end), ErrorKind::NotFound);
    fixture.poll.registry().deregister(&mut socket).unwrap();
    registry.register(&mut socket, SECOND, BOTH).unwrap();
}

#[test]
fn closed_socket_is_refused_or_reported_as_an_error() {
    // No other test may reuse the number of the closed handle.
    let name = "windows_only::closed_socket_is_refused_or_reported_as_an_error";
    alone(name, || {
        let mut fixture = Fixture::new();
        // Nor may the device, which the first socket opens.
        let mut other = UdpSocket::bind(local()).unwrap();
        fixture.register(&mut other, SECOND, Interest::READABLE);
        let number = UdpSocket::bind(local()).unwrap().into_raw_socket();
        close(number);
        // SAFETY: it is not open, which the test is about; it is given up below,
        // before it could be closed once more.
        let mut socket = unsafe { UdpSocket::from_raw_socket(number) };
        // Wine's Winsock returns a base socket without checking the handle, and only
        // the driver refuses it.
        if fixture
            .poll
            .registry()
            .register(&mut socket, FIRST, BOTH)
            .is_ok()
        {
            let ready = fixture.expect_readable(FIRST);
            assert!(ready.error && ready.writable);
        }
        let _ = socket.into_raw_socket();
    });
}

#[test]
fn socket_closed_outside_the_library_does_not_disturb_the_others() {
    // No other test may reuse the number of the closed handle.
    let name = "windows_only::socket_closed_outside_the_library_does_not_disturb_the_others";
    alone(name, || {
        let mut fixture = Fixture::new();
        let (mut client, mut server) = tcp_pair();
        fixture.register(&mut server, FIRST, Interest::READABLE);
        for is_request_made in [true, false] {
            let (mut victim, _peer) = tcp_pair();
            fixture.register(&mut victim, SECOND, Interest::READABLE);
            if is_request_made {
                fixture.poll_for(Duration::ZERO);
            }
            close(victim.as_raw_socket());
            let ready = fixture.expect_readable(SECOND);
            assert!(ready.error);
            let kind = kind_of(victim.read(&mut [0; 8]));
            assert_ne!(kind, ErrorKind::WouldBlock);
            client.write_all(b"x").unwrap();
            fixture.expect_readable(FIRST);
            assert_eq!(server.read(&mut [0; 8]).unwrap(), 1);
            fixture.expect_silence(SECOND);
            let _ = victim.into_raw_socket();
        }
    });
}

#[test]
fn more_sockets_than_fit_one_device_handle_are_all_reported() {
    let mut fixture = Fixture::new();
    let mut sockets: Vec<_> = (0..100)
        .map(|_| UdpSocket::bind(local()).unwrap())
        .collect();
    for (number, socket) in sockets.iter_mut().enumerate() {
        fixture.register(socket, Token(number), Interest::WRITABLE);
    }
    for number in 0..sockets.len() {
        fixture.expect_writable(Token(number));
    }
    fixture.expect_silence(Token(50));
}

#[test]
fn capacity_of_one_serves_all_sockets_in_turn() {
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(1);
    let mut sockets: Vec<_> = (0..40).map(|_| UdpSocket::bind(local()).unwrap()).collect();
    for (number, socket) in sockets.iter_mut().enumerate() {
        let token = Token(number);
        poll.registry().register(socket, token, BOTH).unwrap();
    }
    let mut seen = vec![0; sockets.len()];
    for _ in 0..sockets.len() {
        let timeout = Some(Duration::from_secs(5));
        poll.poll(&mut events, timeout).unwrap();
        assert_eq!(events.iter().count(), 1);
        seen[events.iter().next().unwrap().token().0] += 1;
    }
    assert_eq!(seen, vec![1; sockets.len()]);
    poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
    assert!(events.is_empty());
}

#[test]
fn polls_and_registrations_leave_no_handle_behind() {
    alone(
        "windows_only::polls_and_registrations_leave_no_handle_behind",
        || {
            let use_all = || {
                let mut fixture = Fixture::new();
                let (mut client, mut server) = tcp_pair();
                fixture.register(&mut client, FIRST, BOTH);
                fixture.register(&mut server, SECOND, BOTH);
                fixture.expect_writable(FIRST);
                server.write_all(b"bye").unwrap();
                drop(server);
                fixture.expect_readable(FIRST);
                // Dropped in this order, with requests under way.
                drop(fixture);
                assert!(would_block(client.read(&mut [0; 8])).is_some());
            };
            use_all();
            let before = open_handles();
            for _ in 0..100 {
                use_all();
            }
            for _ in 0..500 {
                Poll::new().unwrap();
            }
            assert!(TcpListener::bind("192.0.2.1:1".parse().unwrap()).is_err());
            let after = open_handles();
            assert!(after <= before + 2, "{before} handles became {after}");
        },
    );
}

/// Closes a socket without its owner.
fn close(socket: RawSocket) {
    // SAFETY: that the owner's handle is then invalid is what the tests are about;
    // no other thread relies on it.
    assert_ne!(unsafe { CloseHandle(socket as HANDLE) }, 0);
}
