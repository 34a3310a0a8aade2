//! Descriptor traits of the sockets, for Unix and WASI.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};

use crate::net::{TcpListener, TcpStream, UdpSocket};

/// Gives a socket type the raw, borrowed and owned descriptor traits, and the
/// conversion into its std twin.
macro_rules! impl_handles {
    ($($type:ident => $std:ty),+ $(,)?) => { $(
        impl AsRawFd for $type {
            fn as_raw_fd(&self) -> RawFd {
                self.inner.get().as_raw_fd()
            }
        }

        impl IntoRawFd for $type {
            fn into_raw_fd(self) -> RawFd {
                self.inner.into_inner().into_raw_fd()
            }
        }

        impl FromRawFd for $type {
            /// Takes a descriptor over; it keeps the mode that it has.
            ///
            /// # Safety
            ///
            /// The descriptor is open, is a socket of this kind, and nobody
            /// else owns it.
            unsafe fn from_raw_fd(fd: RawFd) -> Self {
                // SAFETY: the caller's promise is what std asks for.
                Self::from_sys(unsafe { FromRawFd::from_raw_fd(fd) })
            }
        }

        impl AsFd for $type {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.inner.get().as_fd()
            }
        }

        impl From<OwnedFd> for $type {
            fn from(fd: OwnedFd) -> Self {
                Self::from_sys(fd.into())
            }
        }

        impl From<$type> for OwnedFd {
            fn from(socket: $type) -> Self {
                socket.inner.into_inner().into()
            }
        }

        impl From<$type> for $std {
            fn from(socket: $type) -> Self {
                Self::from(OwnedFd::from(socket))
            }
        }
    )+ };
}

impl_handles! {
    TcpListener => std::net::TcpListener,
    TcpStream => std::net::TcpStream,
    UdpSocket => std::net::UdpSocket,
}
