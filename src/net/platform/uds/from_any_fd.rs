//! What the Unix sockets convert from and into, on WASI preview 1, where std has none.

use std::os::fd::{AsFd, FromRawFd, IntoRawFd};

use crate::forward::impl_handles;
use crate::net::{UnixDatagram, UnixListener, UnixStream};
use crate::sys;

impl_handles!(UnixDatagram, UnixListener, UnixStream);

impl UnixDatagram {
    /// Takes over a socket, of any type that owns its descriptor ([`IntoRawFd`] and [`AsFd`];
    /// a bare number is only the first).
    ///
    /// It keeps the mode that it has, and has to be non-blocking to be of use.
    pub fn from_std(socket: impl IntoRawFd + AsFd) -> Self {
        // SAFETY: what is `AsFd` and gives a descriptor up has owned it, and no longer does.
        Self::from_sys(unsafe { sys::uds::Datagram::from_raw_fd(socket.into_raw_fd()) })
    }
}

impl UnixListener {
    /// Takes over a listener, of any type that owns its descriptor ([`IntoRawFd`] and [`AsFd`];
    /// a bare number is only the first).
    ///
    /// It keeps the mode that it has, and has to be non-blocking to be of use.
    pub fn from_std(listener: impl IntoRawFd + AsFd) -> Self {
        // SAFETY: what is `AsFd` and gives a descriptor up has owned it, and no longer does.
        Self::from_sys(unsafe { sys::uds::Listener::from_raw_fd(listener.into_raw_fd()) })
    }
}

impl UnixStream {
    /// Takes over a stream, of any type that owns its descriptor ([`IntoRawFd`] and [`AsFd`];
    /// a bare number is only the first).
    ///
    /// It keeps the mode that it has, and has to be non-blocking to be of use.
    pub fn from_std(stream: impl IntoRawFd + AsFd) -> Self {
        // SAFETY: what is `AsFd` and gives a descriptor up has owned it, and no longer does.
        Self::from_sys(unsafe { sys::uds::Stream::from_raw_fd(stream.into_raw_fd()) })
    }
}
