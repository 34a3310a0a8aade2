//! What TCP streams and UDP sockets have in common on WASI preview 2. Their types wrap std's,
//! since wasi-libc and hosts differ from other systems in a few calls.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use crate::sys::posix::raw_poll;

/// Implements `Deref` to the socket of std, and the descriptor traits, for its newtype.
macro_rules! impl_wrapper {
    ($type:ident of $std:ty, |$value:ident| $made:expr) => {
        impl ::std::ops::Deref for $type {
            type Target = $std;

            fn deref(&self) -> &$std {
                &self.socket
            }
        }

        impl From<$std> for $type {
            fn from($value: $std) -> Self {
                $made
            }
        }

        impl From<::std::os::fd::OwnedFd> for $type {
            fn from(fd: ::std::os::fd::OwnedFd) -> Self {
                Self::from(<$std>::from(fd))
            }
        }

        impl From<$type> for ::std::os::fd::OwnedFd {
            fn from(wrapper: $type) -> Self {
                wrapper.socket.into()
            }
        }

        impl ::std::os::fd::FromRawFd for $type {
            /// Takes a descriptor over.
            ///
            /// # Safety
            ///
            /// The descriptor is open, is of this kind, and nothing else owns it.
            unsafe fn from_raw_fd(fd: ::std::os::fd::RawFd) -> Self {
                // SAFETY: the caller's promise is what std requires.
                Self::from(unsafe { <$std>::from_raw_fd(fd) })
            }
        }

        impl ::std::os::fd::IntoRawFd for $type {
            fn into_raw_fd(self) -> ::std::os::fd::RawFd {
                self.socket.into_raw_fd()
            }
        }

        impl ::std::os::fd::AsRawFd for $type {
            fn as_raw_fd(&self) -> ::std::os::fd::RawFd {
                self.socket.as_raw_fd()
            }
        }

        impl ::std::os::fd::AsFd for $type {
            fn as_fd(&self) -> ::std::os::fd::BorrowedFd<'_> {
                self.socket.as_fd()
            }
        }
    };
}
pub(super) use impl_wrapper;

/// Waits until a socket is writable, for at most this many milliseconds.
pub(super) fn await_writable(socket: BorrowedFd<'_>, max_ms: libc::c_int) -> io::Result<()> {
    let mut fd = libc::pollfd {
        fd: socket.as_raw_fd(),
        events: libc::POLLOUT,
        revents: 0,
    };
    raw_poll::poll(std::slice::from_mut(&mut fd), max_ms).map(drop)
}

/// The longest wait for a new socket to be reported as writable. It is writable already, but
/// wasmtime's runtime polls the system only in a call that may wait. Takes microseconds
/// unless the machine is busy. The documentation of `net` states this bound.
pub(super) const MAX_NEW_SOCKET_WAIT_MS: libc::c_int = 10;

/// The longest wait for the end of a connection attempt, before a call that wasi-libc can't
/// make during it. The documentation of `net` states this bound.
pub(super) const MAX_CONNECT_WAIT_MS: libc::c_int = 5;
