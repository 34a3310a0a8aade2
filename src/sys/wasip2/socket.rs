//! The types of TCP streams and UDP sockets on WASI preview 2: std's, with what its
//! libc and its hosts do otherwise than elsewhere put right.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use crate::sys::posix::raw_poll;

/// Gives a newtype of a std socket its target and the descriptor traits.
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
            /// The descriptor is open, is of this kind, and nobody else owns it.
            unsafe fn from_raw_fd(fd: ::std::os::fd::RawFd) -> Self {
                // SAFETY: the caller's promise is what std asks for.
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

/// Waits until a new socket can be written to, for so many milliseconds at most.
pub(super) fn wait_until_writable(socket: BorrowedFd<'_>, limit: libc::c_int) -> io::Result<()> {
    let mut fd = libc::pollfd {
        fd: socket.as_raw_fd(),
        events: libc::POLLOUT,
        revents: 0,
    };
    raw_poll::poll(std::slice::from_mut(&mut fd), limit).map(drop)
}

/// How long to wait, at most, for a new socket to be writable, which it is already: the
/// host learns that only in a call that may wait. It takes microseconds unless the machine
/// is busy. The documentation of `net` states this bound.
pub(super) const WRITABLE_SETTLE_MS: libc::c_int = 10;

/// How long to wait, at most, for the end of an attempt to connect before a call that the
/// libc can't answer during it. The documentation of `net` states this bound.
pub(super) const CONNECT_SETTLE_MS: libc::c_int = 5;
