//! What bad input gets.

use std::ptr::{null, null_mut};

use mio_wasi_libc as libc;

use crate::support::{assert_fails, ok, Address, Socket, FAMILIES};

#[test]
fn wrong_kinds_of_sockets_are_errors() {
    for (family, kind, number) in [
        (libc::AF_UNIX, libc::SOCK_STREAM, libc::EAFNOSUPPORT),
        (libc::AF_UNSPEC, libc::SOCK_STREAM, libc::EAFNOSUPPORT),
        (77, libc::SOCK_STREAM, libc::EAFNOSUPPORT),
        (libc::AF_INET, 0, libc::EPROTONOSUPPORT),
        (libc::AF_INET, 77, libc::EPROTONOSUPPORT),
    ] {
        // SAFETY: it takes no memory.
        let result = unsafe { libc::socket(family, kind, 0) };
        assert_fails(result as isize, number);
    }
}

#[test]
fn wrong_protocol_is_an_error() {
    for (kind, protocol) in [
        (libc::SOCK_STREAM, libc::IPPROTO_UDP),
        (libc::SOCK_DGRAM, libc::IPPROTO_TCP),
        (libc::SOCK_DGRAM, 99),
    ] {
        // SAFETY: it takes no memory.
        let result = unsafe { libc::socket(libc::AF_INET, kind, protocol) };
        assert_fails(result as isize, libc::EPROTONOSUPPORT);
    }
    for (kind, protocol) in [
        (libc::SOCK_STREAM, libc::IPPROTO_TCP),
        (libc::SOCK_DGRAM, libc::IPPROTO_UDP),
    ] {
        // SAFETY: it takes no memory.
        drop(Socket(ok(unsafe {
            libc::socket(libc::AF_INET, kind, protocol)
        })));
    }
}

#[test]
fn wrong_addresses_are_errors() {
    for family in FAMILIES {
        let socket = Socket::new(family, libc::SOCK_DGRAM);
        let good = Address::loopback(family, 1);
        let mut unknown = Address::loopback(family, 1);
        unknown.storage.ss_family = 77;
        let cases = [
            (null(), 0, libc::EINVAL),
            (good.pointer(), 1, libc::EINVAL),
            (good.pointer(), good.length - 1, libc::EINVAL),
            (unknown.pointer(), unknown.length, libc::EAFNOSUPPORT),
        ];
        for (address, length, number) in cases {
            // SAFETY: as many bytes are readable, or the pointer is null.
            let result = unsafe { libc::bind(socket.0, address, length) };
            assert_fails(result as isize, number);
            // SAFETY: as above.
            let result = unsafe { libc::connect(socket.0, address, length) };
            assert_fails(result as isize, number);
            if !address.is_null() {
                // SAFETY: as above.
                let sent =
                    unsafe { libc::sendto(socket.0, b"x".as_ptr().cast(), 1, 0, address, length) };
                assert_fails(sent, number);
            }
        }
    }
}

#[test]
fn closed_descriptor_is_an_error_everywhere() {
    let socket = Socket::new(libc::AF_INET, libc::SOCK_STREAM);
    let address = Address::loopback(libc::AF_INET, 1);
    let mut name = Address::empty();
    // SAFETY: the descriptor is this test's own; the value's own close fails without effect.
    ok(unsafe { libc::close(socket.0) });
    let mut bytes = [0; 4];
    // SAFETY: all that is passed outlives the calls.
    let results = unsafe {
        [
            libc::bind(socket.0, address.pointer(), address.length),
            libc::connect(socket.0, address.pointer(), address.length),
            libc::listen(socket.0, 1),
            libc::accept(socket.0, null_mut(), null_mut()),
            libc::getsockname(socket.0, name.pointer_mut(), &mut name.length),
            libc::getpeername(socket.0, name.pointer_mut(), &mut name.length),
            libc::shutdown(socket.0, libc::SHUT_RDWR),
        ]
    };
    assert_eq!(results, [-1; 7]);
    assert_fails(results[6] as isize, libc::EBADF);
    assert_fails(socket.send(b"x", 0), libc::EBADF);
    assert_fails(socket.recv(&mut bytes, 0), libc::EBADF);
    for (level, name) in [
        (libc::SOL_SOCKET, libc::SO_KEEPALIVE),
        (libc::IPPROTO_TCP, libc::TCP_NODELAY),
    ] {
        assert_fails(socket.set(level, name, &1) as isize, libc::EBADF);
        assert_fails(socket.get(level, name, 1).0 as isize, libc::EBADF);
    }
}

#[test]
fn wrong_shutdown_and_unconnected_peer_are_errors() {
    let socket = Socket::new(libc::AF_INET, libc::SOCK_STREAM);
    for how in [-1, 0, 4] {
        // SAFETY: it takes no memory.
        let result = unsafe { libc::shutdown(socket.0, how) };
        assert_fails(result as isize, libc::EINVAL);
    }
    let mut name = Address::empty();
    // SAFETY: the address and its length outlive the call.
    let result = unsafe { libc::getpeername(socket.0, name.pointer_mut(), &mut name.length) };
    assert_fails(result as isize, libc::ENOTCONN);
}
