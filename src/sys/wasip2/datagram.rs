//! A UDP socket on WASI preview 2.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use super::socket::{await_writable, impl_wrapper, MAX_NEW_SOCKET_WAIT_MS};

/// A UDP socket.
pub(crate) struct Socket {
    /// The socket of std.
    socket: UdpSocket,
    /// Was the socket waited for after a send that would have blocked? wasmtime 36 refuses the
    /// first datagram (`OutgoingDatagramStream` in crates/wasi/src/p2/host/udp.rs): its
    /// runtime knows a socket as writable only after it has polled the system.
    was_waited_for: AtomicBool,
}

impl_wrapper!(Socket of UdpSocket, |socket| Self {
    socket,
    was_waited_for: AtomicBool::new(false),
});

/// A socket that was bound.
pub(crate) fn bound(socket: OwnedFd) -> io::Result<Socket> {
    Ok(Socket::from(socket))
}

/// Does it refuse IPv4? No socket of preview 2 is dual-stack.
pub(crate) fn only_v6(socket: &Socket) -> io::Result<bool> {
    match socket.local_addr()? {
        SocketAddr::V6(_) => Ok(true),
        SocketAddr::V4(_) => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "on WASI an IPv4 socket has no IPV6_V6ONLY",
        )),
    }
}

/// The result of an option, as `Unsupported` if the host lacks it.
fn option<T>(result: io::Result<T>) -> io::Result<T> {
    result.map_err(|error| match error.raw_os_error() {
        Some(libc::ENOPROTOOPT) => io::Error::new(
            io::ErrorKind::Unsupported,
            "WASI preview 2 has no such option: broadcast and multicast are not available",
        ),
        _ => error,
    })
}

/// Sending, with the methods of std.
impl Socket {
    /// Sends to an address.
    pub(crate) fn send_to(&self, buffer: &[u8], target: SocketAddr) -> io::Result<usize> {
        self.send_or_wait(|| self.socket.send_to(buffer, target))
    }

    /// Sends to the peer.
    pub(crate) fn send(&self, buffer: &[u8]) -> io::Result<usize> {
        self.send_or_wait(|| self.socket.send(buffer))
    }

    /// Sends. If the first send of the socket would block, it waits and tries once more.
    fn send_or_wait(&self, send: impl Fn() -> io::Result<usize>) -> io::Result<usize> {
        match send() {
            Err(error)
                if error.kind() == io::ErrorKind::WouldBlock
                    && !self.was_waited_for.swap(true, Ordering::Relaxed) =>
            {
                await_writable(self.socket.as_fd(), MAX_NEW_SOCKET_WAIT_MS)?;
                send()
            }
            result => result,
        }
    }
}

/// The options that the host may lack, with the methods of std.
impl Socket {
    /// Sets SO_BROADCAST.
    pub(crate) fn set_broadcast(&self, on: bool) -> io::Result<()> {
        option(self.socket.set_broadcast(on))
    }

    /// Reads SO_BROADCAST.
    pub(crate) fn broadcast(&self) -> io::Result<bool> {
        option(self.socket.broadcast())
    }

    /// Sets IP_MULTICAST_LOOP.
    pub(crate) fn set_multicast_loop_v4(&self, on: bool) -> io::Result<()> {
        option(self.socket.set_multicast_loop_v4(on))
    }

    /// Reads IP_MULTICAST_LOOP.
    pub(crate) fn multicast_loop_v4(&self) -> io::Result<bool> {
        option(self.socket.multicast_loop_v4())
    }

    /// Sets IP_MULTICAST_TTL.
    pub(crate) fn set_multicast_ttl_v4(&self, ttl: u32) -> io::Result<()> {
        option(self.socket.set_multicast_ttl_v4(ttl))
    }

    /// Reads IP_MULTICAST_TTL.
    pub(crate) fn multicast_ttl_v4(&self) -> io::Result<u32> {
        option(self.socket.multicast_ttl_v4())
    }

    /// Sets IPV6_MULTICAST_LOOP.
    pub(crate) fn set_multicast_loop_v6(&self, on: bool) -> io::Result<()> {
        option(self.socket.set_multicast_loop_v6(on))
    }

    /// Reads IPV6_MULTICAST_LOOP.
    pub(crate) fn multicast_loop_v6(&self) -> io::Result<bool> {
        option(self.socket.multicast_loop_v6())
    }

    /// Joins a group.
    pub(crate) fn join_multicast_v4(&self, group: &Ipv4Addr, from: &Ipv4Addr) -> io::Result<()> {
        option(self.socket.join_multicast_v4(group, from))
    }

    /// Joins a group.
    pub(crate) fn join_multicast_v6(&self, group: &Ipv6Addr, from: u32) -> io::Result<()> {
        option(self.socket.join_multicast_v6(group, from))
    }

    /// Leaves a group.
    pub(crate) fn leave_multicast_v4(&self, group: &Ipv4Addr, from: &Ipv4Addr) -> io::Result<()> {
        option(self.socket.leave_multicast_v4(group, from))
    }

    /// Leaves a group.
    pub(crate) fn leave_multicast_v6(&self, group: &Ipv6Addr, from: u32) -> io::Result<()> {
        option(self.socket.leave_multicast_v6(group, from))
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.fmt(f)
    }
}
