//! A TCP stream on WASI preview 2.

use std::fmt;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::OnceLock;

use super::closing::UnblockedClose;
use super::socket::{await_writable, impl_wrapper, MAX_CONNECT_WAIT_MS, MAX_NEW_SOCKET_WAIT_MS};
use crate::sys::posix::addr::AnyAddr;

/// A TCP connection, or an attempt to make one.
pub(crate) struct Stream {
    /// The socket of std.
    socket: UnblockedClose,
    /// The peer's address, once it is known. wasi-libc calls abort(3) when the peer has reset
    /// the connection (seen with Rust 1.85; `tcp_getpeername` in
    /// libc-bottom-half/sources/getsockpeername.c; some of these aborts became errors in
    /// <https://github.com/WebAssembly/wasi-libc/pull/678>).
    peer: OnceLock<SocketAddr>,
    /// Was the error of a failed connection attempt returned? SO_ERROR of wasi-libc doesn't
    /// reset it (`tcp_getsockopt` in libc-bottom-half/sources/sockopt.c).
    error_was_returned: AtomicBool,
}

impl_wrapper!(Stream of TcpStream, |socket| Self {
    socket: socket.into(),
    peer: OnceLock::new(),
    error_was_returned: AtomicBool::new(false),
});

/// A stream that is being connected to an address.
pub(crate) fn connecting(socket: OwnedFd, address: SocketAddr) -> Stream {
    let stream = Stream::from(socket);
    let _ = stream.peer.set(address);
    stream
}

/// A stream that was accepted.
pub(crate) fn accepted(socket: OwnedFd, peer: &AnyAddr) -> io::Result<Stream> {
    await_writable(socket.as_fd(), MAX_NEW_SOCKET_WAIT_MS)?;
    let stream = Stream::from(socket);
    let _ = stream.peer.set(peer.to_internet()?);
    Ok(stream)
}

/// Calls that abort(3) in wasi-libc while the connection is being made, after the attempt has
/// failed, or after a reset.
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

    /// The address of this side. Waits briefly for the end of a connection attempt.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.await_connect_end()?;
        self.connected()?.local_addr()
    }

    /// Shuts one or both directions down. Waits as `local_addr`.
    pub(crate) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.await_connect_end()?;
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

    /// Waits for the end of a connection attempt, for at most `MAX_CONNECT_WAIT_MS`: wasi-libc
    /// finishes it only in poll(2).
    fn await_connect_end(&self) -> io::Result<()> {
        if self.is_connecting()? {
            await_writable(self.socket.as_fd(), MAX_CONNECT_WAIT_MS)?;
        }
        Ok(())
    }

    /// The socket, unless the connection attempt is pending or has failed.
    fn connected(&self) -> io::Result<&TcpStream> {
        match self.socket.take_error()? {
            None => Ok(&*self.socket),
            Some(_) => Err(io::Error::new(
                io::ErrorKind::NotConnected,
                "the stream is not connected",
            )),
        }
    }

    /// A result of I/O, `WouldBlock` in place of `NotConnected` while connecting.
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

    /// Is the connection attempt pending?
    fn is_connecting(&self) -> io::Result<bool> {
        let error = self.socket.take_error()?;
        Ok(error.is_some_and(|error| error.raw_os_error() == Some(libc::EINPROGRESS)))
    }

    /// Takes the socket's error, once. EINPROGRESS, which wasi-libc returns for a pending
    /// connection attempt, is none.
    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        Ok(self.socket.take_error()?.filter(|error| {
            error.raw_os_error() != Some(libc::EINPROGRESS)
                && !self.error_was_returned.swap(true, Ordering::Relaxed)
        }))
    }
}

impl Read for &Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.or_would_block((&*self.socket).read(buffer))
    }

    fn read_vectored(&mut self, buffers: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.or_would_block((&*self.socket).read_vectored(buffers))
    }
}

impl Write for &Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.or_would_block((&*self.socket).write(buffer))
    }

    /// Sends all buffers in one call. std sends the first alone; without TCP_NODELAY, which no
    /// host has, the next would be delayed until the peer acknowledges it.
    fn write_vectored(&mut self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut filled = buffers.iter().filter(|buffer| !buffer.is_empty());
        let first: &[u8] = filled.next().map_or(&[], |buffer| buffer);
        if first.len() >= MAX_GATHERED || filled.next().is_none() {
            return self.write(first);
        }
        let mut gathered = [0; MAX_GATHERED];
        let mut space = &mut gathered[..];
        for buffer in buffers {
            // Copies what fits, and moves the start of the slice behind it.
            space.write_all(&buffer[..buffer.len().min(space.len())])?;
        }
        let left = space.len();
        self.write(&gathered[..MAX_GATHERED - left])
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.socket).flush()
    }
}

impl fmt::Debug for Stream {
    /// Makes no call: see the field `peer`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpStream")
            .field("peer", &self.peer.get())
            .field("fd", &self.socket.as_raw_fd())
            .finish()
    }
}

/// The most bytes that are copied for one call: a response's head and a small body.
const MAX_GATHERED: usize = 8 * 1024;
