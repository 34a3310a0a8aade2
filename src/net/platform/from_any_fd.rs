//! `from_std` of the sockets on WASI preview 1, where programs use std's types and
//! those of other crates for the host's sockets.

use std::os::fd::{AsFd, FromRawFd, IntoRawFd};

use crate::net::{TcpListener, TcpStream, UdpSocket};
use crate::sys;

impl TcpListener {
    /// Takes over a listener: std's, or any other type that owns its descriptor
    /// ([`IntoRawFd`] and [`AsFd`]; a bare number is only the first).
    ///
    /// It keeps the mode that it has, and has to be non-blocking to be of use.
    pub fn from_std(listener: impl IntoRawFd + AsFd) -> Self {
        // SAFETY: what is `AsFd` and gives a descriptor up has owned it, and no longer does.
        Self::from_sys(unsafe { sys::tcp::Listener::from_raw_fd(listener.into_raw_fd()) })
    }
}

impl TcpStream {
    /// Takes over a stream: std's, or any other type that owns its descriptor
    /// ([`IntoRawFd`] and [`AsFd`]; a bare number is only the first).
    ///
    /// It keeps the mode that it has, and has to be non-blocking to be of use.
    pub fn from_std(stream: impl IntoRawFd + AsFd) -> Self {
        // SAFETY: what is `AsFd` and gives a descriptor up has owned it, and no longer does.
        Self::from_sys(unsafe { sys::tcp::Stream::from_raw_fd(stream.into_raw_fd()) })
    }
}

impl UdpSocket {
    /// Takes over a socket: std's, or any other type that owns its descriptor
    /// ([`IntoRawFd`] and [`AsFd`]; a bare number is only the first).
    ///
    /// It keeps the mode that it has, and has to be non-blocking to be of use.
    pub fn from_std(socket: impl IntoRawFd + AsFd) -> Self {
        // SAFETY: what is `AsFd` and gives a descriptor up has owned it, and no longer does.
        Self::from_sys(unsafe { sys::udp::Socket::from_raw_fd(socket.into_raw_fd()) })
    }
}
