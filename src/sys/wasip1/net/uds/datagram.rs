//! Unix datagram sockets. WASI preview 1.

use std::io::{self, IoSlice};
use std::net::Shutdown;

use super::addr::SocketAddr;
use super::named::{address_of, bind_socket, check_named, connect_socket, open, peer_of};
use crate::sys::wasip1::host::extension::{self, DATAGRAM};
use crate::sys::wasip1::net::socket::{impl_descriptor, Socket};

/// A datagram socket at `address`.
pub(crate) fn bind(address: &SocketAddr) -> io::Result<Datagram> {
    let socket = open(DATAGRAM)?;
    bind_socket(&socket, address)?;
    Ok(Datagram { socket })
}

/// A datagram socket without an address.
pub(crate) fn unbound() -> io::Result<Datagram> {
    open(DATAGRAM).map(|socket| Datagram { socket })
}

/// A Unix datagram socket.
#[derive(Debug)]
pub(crate) struct Datagram {
    /// The socket.
    pub(super) socket: Socket,
}

impl Datagram {
    /// Connects it to a peer.
    pub(crate) fn connect_addr(&self, address: &SocketAddr) -> io::Result<()> {
        connect_socket(&self.socket, address)
    }

    /// The address of this socket.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        address_of(&self.socket)
    }

    /// The address that it is connected to.
    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        peer_of(&self.socket)
    }

    /// Receives, with the sender's address.
    pub(crate) fn recv_from(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let (received, sender, _) = extension::recv_from(self.socket.fd(), buffer, false)?;
        Ok((received, SocketAddr::from_host(&sender)))
    }

    /// Receives.
    pub(crate) fn recv(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.recv(buffer, false)
    }

    /// Sends to the socket at an address.
    pub(crate) fn send_to_addr(&self, buffer: &[u8], target: &SocketAddr) -> io::Result<usize> {
        check_named(target)?;
        extension::send_to_unix(self.socket.fd(), buffer, &target.to_host())
    }

    /// Sends to the peer.
    pub(crate) fn send(&self, buffer: &[u8]) -> io::Result<usize> {
        self.socket.send_vectored(&[IoSlice::new(buffer)])
    }

    /// Takes the socket's error.
    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }

    /// Shuts one or both directions down.
    pub(crate) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.socket.shutdown(how)
    }
}

impl_descriptor!(Datagram: Datagram);
