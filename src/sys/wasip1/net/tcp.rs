//! TCP sockets of the host, with the methods that std's have elsewhere. WASI
//! preview 1.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr};

use super::socket::{impl_descriptor, impl_stream_io, no_such_option, Socket};
use crate::sys::wasip1::host::extension::{LEVEL_TCP, NODELAY, STREAM};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Answers of the host to an attempt to connect that has only begun.
const IN_PROGRESS: i32 = wasi::ERRNO_INPROGRESS.raw() as i32;
const AGAIN: i32 = wasi::ERRNO_AGAIN.raw() as i32;

/// Answers of the host to an option that it doesn't have.
const INVALID: i32 = wasi::ERRNO_INVAL.raw() as i32;
const NO_OPTION: i32 = wasi::ERRNO_NOPROTOOPT.raw() as i32;

/// A stream on its way to `address`.
pub(crate) fn connect(address: SocketAddr) -> io::Result<Stream> {
    let socket = Socket::open(&address, STREAM)?;
    match socket.connect(&address) {
        // Hosts on Windows return EAGAIN for EINPROGRESS (lib/host/wasi/inode-win.cpp).
        Err(error) if !matches!(error.raw_os_error(), Some(IN_PROGRESS | AGAIN)) => Err(error),
        _ => Ok(Stream { socket }),
    }
}

/// A listener at `address`.
pub(crate) fn listen(address: SocketAddr) -> io::Result<Listener> {
    let socket = Socket::open(&address, STREAM)?;
    socket.reuse_address()?;
    socket.bind(&address)?;
    socket.listen(BACKLOG)?;
    Ok(Listener { socket })
}

/// The next connection and its peer.
#[inline]
pub(crate) fn accept(listener: &Listener) -> io::Result<(Stream, SocketAddr)> {
    loop {
        let socket = listener.socket.accept()?;
        match socket.peer_addr() {
            // The peer has gone in the meantime. Nothing can be learned from this
            // connection any more; there may be another.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {}
            // Standard preview 1 tells no addresses, but it does accept.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                return Ok((Stream { socket }, (Ipv4Addr::UNSPECIFIED, 0).into()));
            }
            Err(error) => return Err(error),
            Ok(peer) => return Ok((Stream { socket }, peer)),
        }
    }
}

/// A TCP connection, or the attempt to make one.
#[derive(Debug)]
pub(crate) struct Stream {
    /// The socket.
    socket: Socket,
}

impl Stream {
    /// The address of the other side.
    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr()
    }

    /// The address of this side.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Shuts one or both directions down.
    pub(crate) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.socket.shutdown(how)
    }

    /// Copies what was received without consuming it.
    pub(crate) fn peek(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.recv(buffer, true)
    }

    /// Sets TCP_NODELAY where the host has it. It is a hint about latency that
    /// many programs demand to succeed, so elsewhere this does nothing.
    pub(crate) fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        match self.socket.set_flag(LEVEL_TCP, NODELAY, nodelay) {
            Err(error) if is_missing_option(&error) => {
                crate::log::debug!("set_nodelay has no effect: the host lacks TCP_NODELAY");
                Ok(())
            }
            result => result,
        }
    }

    /// Is TCP_NODELAY set? Not where the host lacks it.
    pub(crate) fn nodelay(&self) -> io::Result<bool> {
        match self.socket.flag(LEVEL_TCP, NODELAY) {
            Err(error) if is_missing_option(&error) => Ok(false),
            result => result,
        }
    }

    /// No host has it.
    pub(crate) fn set_ttl(&self, _: u32) -> io::Result<()> {
        no_ttl()
    }

    /// No host has it.
    pub(crate) fn ttl(&self) -> io::Result<u32> {
        no_ttl()
    }

    /// Takes the socket's error.
    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }
}

/// A socket that accepts connections.
#[derive(Debug)]
pub(crate) struct Listener {
    /// The socket.
    socket: Socket,
}

impl Listener {
    /// The address that it listens at.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// No host has it.
    pub(crate) fn set_ttl(&self, _: u32) -> io::Result<()> {
        no_ttl()
    }

    /// No host has it.
    pub(crate) fn ttl(&self) -> io::Result<u32> {
        no_ttl()
    }

    /// Takes the socket's error.
    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }
}

/// The answer to everything about the time to live.
pub(super) fn no_ttl<T>() -> io::Result<T> {
    no_such_option("no WASI host lets a program reach the time to live (IP_TTL)")
}

/// Does the host say that it doesn't have this option, or not this level?
fn is_missing_option(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
        || matches!(error.raw_os_error(), Some(INVALID | NO_OPTION))
}

impl_descriptor!(Stream: Stream, Listener: Listener);
impl_stream_io!(Stream);
