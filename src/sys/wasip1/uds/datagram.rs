//! Unix datagram sockets. WASI preview 1.

use std::io::{self, IoSlice};
use std::net::Shutdown;

use super::SocketAddr;
use crate::sys::wasip1::host::extension;
use crate::sys::wasip1::socket::Socket;

/// A Unix datagram socket.
#[derive(Debug)]
pub(crate) struct Datagram {
    /// The socket.
    pub(in crate::sys::wasip1) socket: Socket,
}

impl Datagram {
    /// Connects it to a peer.
    pub(crate) fn connect_addr(&self, address: &SocketAddr) -> io::Result<()> {
        super::connect_socket(&self.socket, address)
    }

    /// The address of this socket.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        super::address_of(&self.socket)
    }

    /// The address that it is connected to.
    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        super::peer_of(&self.socket)
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
        super::check_named(target)?;
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
