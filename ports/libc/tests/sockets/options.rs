//! Socket options.

use std::ptr::{null, null_mut};

use mio_wasi_libc as libc;

use crate::support::{assert_fails, connected, ok, Socket};

#[test]
fn switches_and_sizes_are_set() {
    for (family, kind) in [
        (libc::AF_INET, libc::SOCK_STREAM),
        (libc::AF_INET6, libc::SOCK_STREAM),
        (libc::AF_INET, libc::SOCK_DGRAM),
    ] {
        let socket = Socket::new(family, kind);
        assert_eq!(socket.get(libc::SOL_SOCKET, libc::SO_TYPE, 0), (0, kind, 4));
        assert_eq!(socket.get(libc::SOL_SOCKET, libc::SO_ERROR, 7), (0, 0, 4));
        assert_eq!(
            socket.get(libc::SOL_SOCKET, libc::SO_ACCEPTCONN, 7),
            (0, 0, 4)
        );
        for name in [libc::SO_REUSEADDR, libc::SO_BROADCAST, libc::SO_KEEPALIVE] {
            assert_eq!(socket.get(libc::SOL_SOCKET, name, 7), (0, 0, 4), "{name}");
            for value in [1, 0] {
                ok(socket.set(libc::SOL_SOCKET, name, &value));
                assert_eq!(
                    socket.get(libc::SOL_SOCKET, name, 7),
                    (0, value, 4),
                    "{name}"
                );
            }
        }
        for name in [libc::SO_SNDBUF, libc::SO_RCVBUF] {
            ok(socket.set(libc::SOL_SOCKET, name, &20_000));
            // The kernel keeps twice the size.
            assert_eq!(socket.get(libc::SOL_SOCKET, name, 0), (0, 40_000, 4));
        }
    }
}

#[test]
fn linger_and_timeouts_have_values_of_their_own() {
    let socket = Socket::new(libc::AF_INET, libc::SOCK_STREAM);
    let linger = libc::linger {
        l_onoff: 1,
        l_linger: 9,
    };
    ok(socket.set(libc::SOL_SOCKET, libc::SO_LINGER, &linger));
    let none = libc::linger {
        l_onoff: 0,
        l_linger: 0,
    };
    let (result, got, length) = socket.get(libc::SOL_SOCKET, libc::SO_LINGER, none);
    assert_eq!(
        (ok(result), got.l_onoff, got.l_linger, length),
        (0, 1, 9, 8)
    );
    for name in [libc::SO_RCVTIMEO, libc::SO_SNDTIMEO] {
        ok(socket.set(
            libc::SOL_SOCKET,
            name,
            &libc::timeval {
                tv_sec: 3,
                tv_usec: 500_000,
            },
        ));
        let (result, got, length) = socket.get(
            libc::SOL_SOCKET,
            name,
            libc::timeval {
                tv_sec: 0,
                tv_usec: 0,
            },
        );
        assert_eq!(
            (ok(result), got.tv_sec, got.tv_usec, length),
            (0, 3, 500_000, 16)
        );
    }
}

#[test]
fn listener_says_that_it_listens() {
    let (listener, client, _server) = connected(libc::AF_INET);
    assert_eq!(
        listener.get(libc::SOL_SOCKET, libc::SO_ACCEPTCONN, 0),
        (0, 1, 4)
    );
    assert_eq!(
        client.get(libc::SOL_SOCKET, libc::SO_ACCEPTCONN, 7),
        (0, 0, 4)
    );
}

#[test]
fn options_of_tcp_are_set_without_effect() {
    let socket = Socket::new(libc::AF_INET, libc::SOCK_STREAM);
    for name in [libc::TCP_KEEPIDLE, libc::TCP_KEEPINTVL, libc::TCP_KEEPCNT] {
        ok(socket.set(libc::IPPROTO_TCP, name, &1));
        let result = socket.get(libc::IPPROTO_TCP, name, 7).0;
        assert_fails(result as isize, libc::ENOPROTOOPT);
    }
    // The host's sockets always delay.
    ok(socket.set(libc::IPPROTO_TCP, libc::TCP_NODELAY, &1));
    let nodelay = socket.get(libc::IPPROTO_TCP, libc::TCP_NODELAY, 7);
    assert_eq!(nodelay, (0, 0, 4));
}

#[test]
fn options_that_the_host_lacks_are_errors() {
    let socket = Socket::new(libc::AF_INET6, libc::SOCK_DGRAM);
    for (level, name) in [
        (libc::IPPROTO_IPV6, libc::IPV6_V6ONLY),
        (libc::IPPROTO_IPV6, libc::IPV6_UNICAST_HOPS),
        (libc::IPPROTO_IP, libc::IP_TTL),
        (libc::IPPROTO_IP, libc::IP_ADD_MEMBERSHIP),
        (libc::SOL_SOCKET, libc::SO_DOMAIN),
        (libc::SOL_SOCKET, libc::SO_PROTOCOL),
        (12_345, 1),
    ] {
        assert_fails(socket.get(level, name, 7).0 as isize, libc::ENOPROTOOPT);
        assert_fails(socket.set(level, name, &1) as isize, libc::ENOPROTOOPT);
    }
}

#[test]
fn wrong_values_of_options_are_errors() {
    let socket = Socket::new(libc::AF_INET, libc::SOCK_STREAM);
    let (reuse, linger) = (libc::SO_REUSEADDR, libc::SO_LINGER);
    assert_fails(
        socket.set(libc::SOL_SOCKET, reuse, &1_u8) as isize,
        libc::EINVAL,
    );
    assert_fails(
        socket.set(libc::SOL_SOCKET, linger, &1) as isize,
        libc::EINVAL,
    );
    // SAFETY: nothing is there to be read.
    let result = unsafe { libc::setsockopt(socket.0, libc::SOL_SOCKET, reuse, null(), 4) };
    assert_fails(result as isize, libc::EFAULT);
    let mut length = 4;
    // SAFETY: nothing is there to be written.
    let result =
        unsafe { libc::getsockopt(socket.0, libc::SOL_SOCKET, reuse, null_mut(), &mut length) };
    assert_fails(result as isize, libc::EFAULT);
    // As much as fits.
    ok(socket.set(libc::SOL_SOCKET, reuse, &1));
    assert_eq!(socket.get(libc::SOL_SOCKET, reuse, 0_u8), (0, 1, 1));
}
