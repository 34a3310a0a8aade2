//! A TCP stream on WASI preview 2.

use std::fmt;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::OnceLock;

use super::socket::{impl_wrapper, wait_until_writable, CONNECT_SETTLE_MS, WRITABLE_SETTLE_MS};
use crate::sys::posix::addr::AnyAddr;

/// A TCP connection, or the attempt to make one.
pub(crate) struct Stream {
    /// What does the work.
    socket: TcpStream,
    /// The peer's address, once it is known. wasi-libc ends the program when it is
    /// asked for the address of a peer that is gone.
    peer: OnceLock<SocketAddr>,
    /// Has the error of a failed attempt been told? wasi-libc tells it for ever.
    has_told_error: AtomicBool,
}

impl_wrapper!(Stream of TcpStream, |socket| Self {
    socket,
    peer: OnceLock::new(),
    has_told_error: AtomicBool::new(false),
});

/// A stream on its way to an address.
pub(crate) fn connecting(socket: OwnedFd, address: SocketAddr) -> Stream {
    let stream = Stream::from(socket);
    let _ = stream.peer.set(address);
    stream
}

/// A stream that was accepted.
pub(crate) fn accepted(socket: OwnedFd, peer: &AnyAddr) -> io::Result<Stream> {
    wait_until_writable(socket.as_fd(), WRITABLE_SETTLE_MS)?;
    let stream = Stream::from(socket);
    let _ = stream.peer.set(peer.to_internet()?);
    Ok(stream)
}

/// What wasi-libc ends the program for is answered here: questions about a socket whose
/// connection is being made, could not be made, or is gone.
impl Stream {
    /// The address of the other side.
    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        let socket = self.connected()?;
        match self.peer.get() {
            Some(peer) => Ok(*peer),
            None => {
                let peer = socket.peer_addr()?;
                Ok(*self.peer.get_or_init(|| peer))
            }
        }
    }

    /// The address of this side. While connecting it is waited for, for a moment.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.settle()?;
        self.connected()?.local_addr()
    }

    /// Shuts one or both directions down. While connecting as `local_addr`.
    pub(crate) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.settle()?;
        self.socket.shutdown(how)
    }

    /// Sets IP_TTL.
    pub(crate) fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.connected()?.set_ttl(ttl)
    }

    /// Reads IP_TTL.
    pub(crate) fn ttl(&self) -> io::Result<u32> {
        self.connected()?.ttl()
    }

    /// Gives an attempt to connect a moment: an end that nobody has waited for yet is not
    /// known.
    fn settle(&self) -> io::Result<()> {
        if self.is_connecting()? {
            wait_until_writable(self.socket.as_fd(), CONNECT_SETTLE_MS)?;
        }
        Ok(())
    }

    /// The socket, unless the attempt to connect goes on or has failed.
    fn connected(&self) -> io::Result<&TcpStream> {
        match self.socket.take_error()? {
            None => Ok(&self.socket),
            Some(_) => Err(io::Error::new(
                io::ErrorKind::NotConnected,
                "the stream is not connected",
            )),
        }
    }

    /// A result of I/O. While connecting it would block, as elsewhere.
    fn or_would_block(&self, result: io::Result<usize>) -> io::Result<usize> {
        match result {
            Err(error)
                if error.kind() == io::ErrorKind::NotConnected && self.is_connecting()? =>
            {
                Err(io::ErrorKind::WouldBlock.into())
            }
            result => result,
        }
    }

    /// Does the attempt to connect go on?
    fn is_connecting(&self) -> io::Result<bool> {
        let error = self.socket.take_error()?;
        Ok(error.is_some_and(|error| error.raw_os_error() == Some(libc::EINPROGRESS)))
    }

    /// Takes the socket's error, once. An attempt to connect that goes on is none,
    /// though wasi-libc says so.
    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        Ok(self.socket.take_error()?.filter(|error| {
            error.raw_os_error() != Some(libc::EINPROGRESS)
                && !self.has_told_error.swap(true, Ordering::Relaxed)
        }))
    }
}

impl Read for &Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.or_would_block((&self.socket).read(buffer))
    }

    fn read_vectored(&mut self, buffers: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.or_would_block((&self.socket).read_vectored(buffers))
    }
}

impl Write for &Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.or_would_block((&self.socket).write(buffer))
    }

    /// Sends what belongs together in one call. std sends the first buffer alone, and
    /// without TCP_NODELAY, which no host has, the next would wait for its answer.
    fn write_vectored(&mut self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut filled = buffers.iter().filter(|buffer| !buffer.is_empty());
        let first: &[u8] = filled.next().map_or(&[], |buffer| buffer);
        if first.len() >= GATHERED || filled.next().is_none() {
            return self.write(first);
        }
        let mut gathered = [0; GATHERED];
        let mut room = &mut gathered[..];
        for buffer in buffers {
            // Copies what fits, and makes the room smaller by that.
            room.write_all(&buffer[..buffer.len().min(room.len())])?;
        }
        let left = room.len();
        self.write(&gathered[..GATHERED - left])
    }

    fn flush(&mut self) -> io::Result<()> {
        (&self.socket).flush()
    }
}

impl fmt::Debug for Stream {
    /// Doesn't ask the host: see the field `peer`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpStream")
            .field("peer", &self.peer.get())
            .field("fd", &self.socket.as_raw_fd())
            .finish()
    }
}

/// How much is copied for one call at most; a response's head and a small body.
const GATHERED: usize = 8 * 1024;
