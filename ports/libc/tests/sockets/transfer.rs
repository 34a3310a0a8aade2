//! Addresses, connections, streams and datagrams.

use std::mem::size_of;
use std::ptr::{null, null_mut};

use mio_wasi_libc as libc;

use crate::support::{assert_fails, connected, ok, Address, Socket, FAMILIES};

#[test]
fn names_are_those_of_both_ends() {
    for family in FAMILIES {
        let (listener, client, server) = connected(family);
        for (socket, port) in [
            (&client, listener.name().port()),
            (&server, client.name().port()),
        ] {
            let mut peer = Address::empty();
            // SAFETY: the address and its length outlive the call.
            ok(unsafe { libc::getpeername(socket.0, peer.pointer_mut(), &mut peer.length) });
            peer.assert_loopback(family, port);
        }
        server
            .name()
            .assert_loopback(family, listener.name().port());
    }
}

#[test]
fn accept_without_an_address_accepts() {
    let (listener, _client, _server) = connected(libc::AF_INET);
    let other = Socket::new(libc::AF_INET, libc::SOCK_STREAM);
    ok(other.connect(&listener.name()));
    // SAFETY: no address is wanted.
    let accepted = Socket(ok(unsafe {
        libc::accept(listener.0, null_mut(), null_mut())
    }));
    assert_eq!(other.send(b"x", 0), 1);
    assert_eq!(accepted.recv(&mut [0; 4], 0), 1);
}

#[test]
fn name_that_is_longer_than_its_buffer_is_cut() {
    let socket = Socket::bound(libc::AF_INET, libc::SOCK_DGRAM);
    let mut bytes = [0xff_u8; 16];
    let mut length = 4;
    // SAFETY: four bytes are writable.
    ok(unsafe { libc::getsockname(socket.0, bytes.as_mut_ptr().cast(), &mut length) });
    assert_eq!(length as usize, size_of::<libc::sockaddr_in>());
    assert_eq!(bytes[..2], (libc::AF_INET as u16).to_ne_bytes());
    assert_eq!(bytes[2..4], socket.name().port().to_be_bytes());
    assert_eq!(bytes[4..], [0xff; 12]);
}

#[test]
fn data_go_both_ways_until_the_end() {
    for family in FAMILIES {
        let (_listener, client, server) = connected(family);
        assert_eq!(client.send(b"there", libc::MSG_NOSIGNAL), 5);
        let mut bytes = [0; 16];
        assert_eq!(server.recv(&mut bytes, libc::MSG_PEEK), 5);
        assert_eq!(server.recv(&mut bytes[..5], libc::MSG_WAITALL), 5);
        assert_eq!(&bytes[..5], b"there");
        assert_eq!(server.send(b"back", 0), 4);
        // SAFETY: it takes no memory.
        ok(unsafe { libc::shutdown(server.0, libc::SHUT_WR) });
        assert_eq!(client.recv(&mut bytes, 0), 4);
        assert_eq!(&bytes[..4], b"back");
        assert_eq!(client.recv(&mut bytes, 0), 0);
        assert_fails(server.send(b"more", libc::MSG_NOSIGNAL), libc::EPIPE);
    }
}

#[test]
fn stream_has_no_sender() {
    let (_listener, client, server) = connected(libc::AF_INET);
    assert_eq!(client.send(b"data", 0), 4);
    let (mut bytes, mut from) = ([0; 8], Address::empty());
    // SAFETY: all of it outlives the call.
    let n = unsafe {
        libc::recvfrom(
            server.0,
            bytes.as_mut_ptr().cast(),
            8,
            0,
            from.pointer_mut(),
            &mut from.length,
        )
    };
    assert_eq!((n, &bytes[..4]), (4, &b"data"[..]));
    assert_eq!(from.length, 0);
}

#[test]
fn datagrams_carry_their_sender() {
    for family in FAMILIES {
        let a = Socket::bound(family, libc::SOCK_DGRAM);
        let b = Socket::bound(family, libc::SOCK_DGRAM);
        let to = b.name();
        // SAFETY: all of it outlives the call.
        let sent = unsafe {
            libc::sendto(
                a.0,
                b"datagram".as_ptr().cast(),
                8,
                libc::MSG_NOSIGNAL,
                to.pointer(),
                to.length,
            )
        };
        assert_eq!(sent, 8);
        let (mut bytes, mut from) = ([0; 16], Address::empty());
        // SAFETY: all of it outlives the call.
        let n = unsafe {
            libc::recvfrom(
                b.0,
                bytes.as_mut_ptr().cast(),
                16,
                0,
                from.pointer_mut(),
                &mut from.length,
            )
        };
        assert_eq!((n, &bytes[..8]), (8, &b"datagram"[..]));
        from.assert_loopback(family, a.name().port());

        ok(b.connect(&from));
        // SAFETY: the bytes outlive the call, and no address is given.
        let sent = unsafe { libc::sendto(b.0, b"re".as_ptr().cast(), 2, 0, null(), 0) };
        assert_eq!(sent, 2);
        // SAFETY: the bytes outlive the call, and no address is wanted.
        let n = unsafe {
            libc::recvfrom(
                a.0,
                bytes.as_mut_ptr().cast(),
                16,
                0,
                null_mut(),
                null_mut(),
            )
        };
        assert_eq!((n, &bytes[..2]), (2, &b"re"[..]));
    }
}

#[test]
fn nonblocking_socket_reports_what_would_block() {
    for family in FAMILIES {
        let socket = Socket::new(
            family,
            libc::SOCK_DGRAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC,
        );
        let address = Address::loopback(family, 0);
        // SAFETY: the address outlives the call.
        ok(unsafe { libc::bind(socket.0, address.pointer(), address.length) });
        assert_fails(socket.recv(&mut [0; 4], 0), libc::EAGAIN);
    }
}

#[test]
fn refused_connection_is_an_error() {
    for family in FAMILIES {
        let port = Socket::bound(family, libc::SOCK_STREAM).name().port();
        let socket = Socket::new(family, libc::SOCK_STREAM);
        let result = socket.connect(&Address::loopback(family, port));
        assert_fails(result as isize, libc::ECONNREFUSED);
    }
}
