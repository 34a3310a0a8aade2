//! Unix streams and their listeners. WASI preview 1.

use std::io;
use std::net::Shutdown;

use super::SocketAddr;
use crate::sys::wasip1::socket::Socket;

/// A Unix stream.
#[derive(Debug)]
pub(crate) struct Stream {
    /// The socket.
    pub(in crate::sys::wasip1) socket: Socket,
}

impl Stream {
    /// The address of the other side.
    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        super::peer_of(&self.socket)
    }

    /// The address of this side.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        super::address_of(&self.socket)
    }

    /// Shuts one or both directions down.
    pub(crate) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.socket.shutdown(how)
    }

    /// Takes the socket's error.
    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }
}

/// A Unix socket that accepts connections.
#[derive(Debug)]
pub(crate) struct Listener {
    /// The socket.
    pub(in crate::sys::wasip1) socket: Socket,
}

impl Listener {
    /// The address that it listens at.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        super::address_of(&self.socket)
    }

    /// Takes the socket's error.
    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }
}
