//! A socket of the host: what TCP, UDP and Unix sockets have in common. WASI preview 1.
//!
//! It is not one of std: std's sockets know no addresses here, and write with a
//! call that lets a dead peer end the host process.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::OwnedFd;

use super::addr;
use crate::sys::wasip1::host::{self, extension};
use crate::sys::wasip1::source::Origin;

/// An open socket. Dropping it closes it, without shutting it down first: another
/// descriptor may share it.
#[derive(Debug)]
pub(crate) struct Socket {
    /// The descriptor.
    fd: OwnedFd,
    /// Where it is from.
    origin: Origin,
}

impl Socket {
    /// A new socket for the family of `address`, non-blocking.
    pub(super) fn open(address: &SocketAddr, kind: u32) -> io::Result<Self> {
        Self::of_family(addr::family(address), kind)
    }

    /// A new socket of a family, non-blocking.
    pub(super) fn of_family(family: u32, kind: u32) -> io::Result<Self> {
        Self::made(extension::open(family, kind)?, Origin::Opened)
    }

    /// Gives it its address.
    pub(super) fn bind(&self, address: &SocketAddr) -> io::Result<()> {
        addr::with_bytes(address, |bytes, port| {
            extension::bind(self.fd(), bytes, port)
        })
    }

    /// Connects it, or starts to.
    pub(super) fn connect(&self, address: &SocketAddr) -> io::Result<()> {
        addr::with_bytes(address, |bytes, port| {
            extension::connect(self.fd(), bytes, port)
        })
    }

    /// Lets it have an address whose old connections linger.
    pub(super) fn reuse_address(&self) -> io::Result<()> {
        self.set_flag(extension::LEVEL_SOCKET, extension::REUSE_ADDRESS, true)
    }

    /// Makes it a listener.
    pub(super) fn listen(&self, backlog: u32) -> io::Result<()> {
        extension::listen(self.fd(), backlog)
    }

    /// The next connection, non-blocking.
    #[inline]
    pub(super) fn accept(&self) -> io::Result<Self> {
        Self::made(host::accept(self.fd())?, Origin::Accepted)
    }

    /// A socket that the host has just made, which is blocking.
    #[inline]
    fn made(fd: OwnedFd, origin: Origin) -> io::Result<Self> {
        host::set_nonblocking(&fd)?;
        Ok(Self { fd, origin })
    }

    /// Where it is from.
    pub(super) fn origin(&self) -> Origin {
        self.origin
    }

    /// Receives into one buffer.
    pub(super) fn recv(&self, buffer: &mut [u8], peek: bool) -> io::Result<usize> {
        host::recv_one(self.fd(), buffer, peek)
    }

    /// Receives into several buffers.
    pub(super) fn recv_vectored(
        &self,
        buffers: &mut [IoSliceMut<'_>],
        peek: bool,
    ) -> io::Result<usize> {
        host::recv(self.fd(), buffers, peek)
    }

    /// Sends from one buffer.
    pub(super) fn send(&self, buffer: &[u8]) -> io::Result<usize> {
        host::send_one(self.fd(), buffer)
    }

    /// Sends from several buffers, in one segment or datagram as far as it goes.
    pub(super) fn send_vectored(&self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        host::send(self.fd(), buffers)
    }

    /// Sends a datagram to `target`.
    pub(super) fn send_to(&self, buffer: &[u8], target: &SocketAddr) -> io::Result<usize> {
        addr::with_bytes(target, |bytes, port| {
            extension::send_to(self.fd(), buffer, bytes, port)
        })
    }

    /// Receives a datagram, with its sender.
    pub(super) fn recv_from(
        &self,
        buffer: &mut [u8],
        peek: bool,
    ) -> io::Result<(usize, SocketAddr)> {
        let (received, sender, port) = extension::recv_from(self.fd(), buffer, peek)?;
        Ok((received, addr::from_host(&sender, port)?))
    }

    /// The address of this socket.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        let (address, port) = extension::local_address(self.fd())?;
        addr::from_host(&address, port)
    }

    /// The address of its peer.
    #[inline]
    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        let (address, port) = extension::peer_address(self.fd())?;
        addr::from_host(&address, port)
    }

    /// Shuts one or both directions down.
    pub(super) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        host::shutdown(self.fd(), how)
    }

    /// Takes the error that the host keeps for it; the host has translated the
    /// number.
    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        let errno = extension::option(self.fd(), extension::LEVEL_SOCKET, extension::ERROR)?;
        Ok(match i32::try_from(errno) {
            Ok(0) => None,
            Ok(errno) => Some(io::Error::from_raw_os_error(errno)),
            Err(_) => Some(io::ErrorKind::Other.into()),
        })
    }

    /// The value of an option that is on or off.
    pub(super) fn flag(&self, level: u32, name: u32) -> io::Result<bool> {
        Ok(extension::option(self.fd(), level, name)? != 0)
    }

    /// Turns an option on or off.
    pub(super) fn set_flag(&self, level: u32, name: u32, on: bool) -> io::Result<()> {
        extension::set_option(self.fd(), level, name, on.into())
    }

    /// The descriptor.
    pub(super) fn fd(&self) -> &OwnedFd {
        &self.fd
    }
}

impl From<OwnedFd> for Socket {
    fn from(fd: OwnedFd) -> Self {
        Self {
            fd,
            origin: Origin::Unknown,
        }
    }
}

impl From<Socket> for OwnedFd {
    fn from(socket: Socket) -> Self {
        socket.fd
    }
}

/// The error of an option that no host has.
pub(super) fn no_such_option<T>(option: &'static str) -> io::Result<T> {
    Err(io::Error::new(io::ErrorKind::Unsupported, option))
}

/// Gives a type with a field `socket: Socket` its descriptor traits and its kind.
macro_rules! impl_descriptor {
    ($($type:ty: $kind:ident),+ $(,)?) => { $(
        impl $crate::sys::wasip1::source::AsRawSource for $type {
            const KIND: $crate::sys::wasip1::source::Kind =
                $crate::sys::wasip1::source::Kind::$kind;

            fn origin(&self) -> $crate::sys::wasip1::source::Origin {
                self.socket.origin()
            }
        }

        impl std::os::fd::AsRawFd for $type {
            fn as_raw_fd(&self) -> std::os::fd::RawFd {
                std::os::fd::AsRawFd::as_raw_fd(self.socket.fd())
            }
        }

        impl std::os::fd::AsFd for $type {
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                std::os::fd::AsFd::as_fd(self.socket.fd())
            }
        }

        impl std::os::fd::IntoRawFd for $type {
            fn into_raw_fd(self) -> std::os::fd::RawFd {
                std::os::fd::IntoRawFd::into_raw_fd(std::os::fd::OwnedFd::from(self))
            }
        }

        impl std::os::fd::FromRawFd for $type {
            /// Takes a descriptor over.
            ///
            /// # Safety
            ///
            /// It is open, and nobody else owns it.
            unsafe fn from_raw_fd(fd: std::os::fd::RawFd) -> Self {
                // SAFETY: the caller's promise is what std asks for.
                Self::from(unsafe {
                    <std::os::fd::OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(fd)
                })
            }
        }

        impl From<std::os::fd::OwnedFd> for $type {
            fn from(fd: std::os::fd::OwnedFd) -> Self {
                Self { socket: fd.into() }
            }
        }

        impl From<$type> for std::os::fd::OwnedFd {
            fn from(value: $type) -> Self {
                value.socket.into()
            }
        }
    )+ };
}

pub(super) use impl_descriptor;

/// Gives a stream with a field `socket: Socket` its `Read` and `Write` by reference.
macro_rules! impl_stream_io {
    ($($type:ty),+ $(,)?) => { $(
        impl std::io::Read for &$type {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                self.socket.recv(buffer, false)
            }

            fn read_vectored(&mut self, buffers: &mut [std::io::IoSliceMut<'_>]) -> std::io::Result<usize> {
                self.socket.recv_vectored(buffers, false)
            }
        }

        impl std::io::Write for &$type {
            fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
                self.socket.send(buffer)
            }

            fn write_vectored(&mut self, buffers: &[std::io::IoSlice<'_>]) -> std::io::Result<usize> {
                self.socket.send_vectored(buffers)
            }

            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
    )+ };
}
pub(super) use impl_stream_io;
