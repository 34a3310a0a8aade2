//! Unix streams and their listeners. WASI preview 1.

use std::io;
use std::net::Shutdown;

use super::addr::SocketAddr;
use super::named::{address_of, bind_socket, connect_socket, open, peer_of};
use crate::sys::wasip1::host::extension::STREAM;
use crate::sys::wasip1::net::socket::{impl_descriptor, impl_stream_io, Socket};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// A stream that is connected to `address`, or on its way. A listener whose queue
/// is full is `WouldBlock`, with nothing begun.
pub(crate) fn connect(address: &SocketAddr) -> io::Result<Stream> {
    let socket = open(STREAM)?;
    connect_socket(&socket, address)?;
    Ok(Stream { socket })
}

/// A listener at `address`.
pub(crate) fn listen(address: &SocketAddr) -> io::Result<Listener> {
    let socket = open(STREAM)?;
    bind_socket(&socket, address)?;
    socket.listen(BACKLOG)?;
    Ok(Listener { socket })
}

/// The next connection and its peer.
pub(crate) fn accept(listener: &Listener) -> io::Result<(Stream, SocketAddr)> {
    let socket = listener.socket.accept()?;
    // One that is gone already has no name to tell.
    let peer = peer_of(&socket).unwrap_or(SocketAddr::UNNAMED);
    Ok((Stream { socket }, peer))
}

/// A Unix stream.
#[derive(Debug)]
pub(crate) struct Stream {
    /// The socket.
    pub(super) socket: Socket,
}

impl Stream {
    /// The address of the other side.
    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        peer_of(&self.socket)
    }

    /// The address of this side.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        address_of(&self.socket)
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
    pub(super) socket: Socket,
}

impl Listener {
    /// The address that it listens at.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        address_of(&self.socket)
    }

    /// Takes the socket's error.
    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }
}

impl_descriptor!(Stream: Stream, Listener: Listener);
impl_stream_io!(Stream);
