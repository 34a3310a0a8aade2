//! UDP sockets of the host, with the methods that std's have elsewhere. WASI
//! preview 1.

use std::io::{self, IoSlice};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::socket::{self, impl_descriptor, no_such_option};
use super::tcp::no_ttl;
use crate::sys::wasip1::host::extension::{BROADCAST, DATAGRAM, LEVEL_SOCKET};

/// A socket at `address`.
pub(crate) fn bind(address: SocketAddr) -> io::Result<Socket> {
    let socket = socket::Socket::open(&address, DATAGRAM)?;
    socket.bind(&address)?;
    Ok(Socket { socket })
}

/// No host has it.
pub(crate) fn only_v6(_: &Socket) -> io::Result<bool> {
    no_such_option("no WASI host tells whether a socket is for IPv6 only (IPV6_V6ONLY)")
}

/// A UDP socket.
#[derive(Debug)]
pub(crate) struct Socket {
    /// The socket.
    socket: socket::Socket,
}

impl Socket {
    /// The address of this socket.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The address that it is connected to.
    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr()
    }

    /// Connects it to a peer.
    pub(crate) fn connect(&self, address: SocketAddr) -> io::Result<()> {
        self.socket.connect(&address)
    }

    /// Sends to a given address.
    pub(crate) fn send_to(&self, buffer: &[u8], target: SocketAddr) -> io::Result<usize> {
        self.socket.send_to(buffer, &target)
    }

    /// Receives, with the sender's address.
    pub(crate) fn recv_from(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.socket.recv_from(buffer, false)
    }

    /// Receives without consuming, with the sender's address.
    pub(crate) fn peek_from(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.socket.recv_from(buffer, true)
    }

    /// Sends to the peer.
    pub(crate) fn send(&self, buffer: &[u8]) -> io::Result<usize> {
        self.socket.send_vectored(&[IoSlice::new(buffer)])
    }

    /// Receives.
    pub(crate) fn recv(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.recv(buffer, false)
    }

    /// Receives without consuming.
    pub(crate) fn peek(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.recv(buffer, true)
    }

    /// Sets SO_BROADCAST.
    pub(crate) fn set_broadcast(&self, on: bool) -> io::Result<()> {
        self.socket.set_flag(LEVEL_SOCKET, BROADCAST, on)
    }

    /// Reads SO_BROADCAST.
    pub(crate) fn broadcast(&self) -> io::Result<bool> {
        self.socket.flag(LEVEL_SOCKET, BROADCAST)
    }

    /// No host has it.
    pub(crate) fn set_ttl(&self, _: u32) -> io::Result<()> {
        no_ttl()
    }

    /// No host has it.
    pub(crate) fn ttl(&self) -> io::Result<u32> {
        no_ttl()
    }

    /// No host has it.
    pub(crate) fn set_multicast_loop_v4(&self, _: bool) -> io::Result<()> {
        no_multicast()
    }

    /// No host has it.
    pub(crate) fn multicast_loop_v4(&self) -> io::Result<bool> {
        no_multicast()
    }

    /// No host has it.
    pub(crate) fn set_multicast_ttl_v4(&self, _: u32) -> io::Result<()> {
        no_multicast()
    }

    /// No host has it.
    pub(crate) fn multicast_ttl_v4(&self) -> io::Result<u32> {
        no_multicast()
    }

    /// No host has it.
    pub(crate) fn set_multicast_loop_v6(&self, _: bool) -> io::Result<()> {
        no_multicast()
    }

    /// No host has it.
    pub(crate) fn multicast_loop_v6(&self) -> io::Result<bool> {
        no_multicast()
    }

    /// No host has it.
    pub(crate) fn join_multicast_v4(&self, _: &Ipv4Addr, _: &Ipv4Addr) -> io::Result<()> {
        no_multicast()
    }

    /// No host has it.
    pub(crate) fn join_multicast_v6(&self, _: &Ipv6Addr, _: u32) -> io::Result<()> {
        no_multicast()
    }

    /// No host has it.
    pub(crate) fn leave_multicast_v4(&self, _: &Ipv4Addr, _: &Ipv4Addr) -> io::Result<()> {
        no_multicast()
    }

    /// No host has it.
    pub(crate) fn leave_multicast_v6(&self, _: &Ipv6Addr, _: u32) -> io::Result<()> {
        no_multicast()
    }

    /// Takes the socket's error.
    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }
}

/// The answer to everything about multicast.
fn no_multicast<T>() -> io::Result<T> {
    no_such_option("no WASI host lets a program use multicast")
}

impl_descriptor!(Socket: Datagram);
