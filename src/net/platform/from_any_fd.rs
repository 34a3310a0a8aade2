//! `from_std` of the sockets on WASI preview 1, where programs use std's types and
//! those of other crates for the host's sockets.

use std::os::fd::{FromRawFd, IntoRawFd};

use crate::net::{TcpListener, TcpStream, UdpSocket};
use crate::sys;

impl TcpListener {
    /// Takes over a listener: std's, or any other type that is [`IntoRawFd`].
    ///
    /// It keeps the mode that it has, and has to be non-blocking to be of use.
    pub fn from_std(listener: impl IntoRawFd) -> Self {
        // SAFETY: what gives a descriptor up no longer owns it.
        Self::from_sys(unsafe { sys::tcp::Listener::from_raw_fd(listener.into_raw_fd()) })
    }
}

impl TcpStream {
    /// Takes over a stream: std's, or any other type that is [`IntoRawFd`].
    ///
    /// It keeps the mode that it has, and has to be non-blocking to be of use.
    pub fn from_std(stream: impl IntoRawFd) -> Self {
        // SAFETY: what gives a descriptor up no longer owns it.
        Self::from_sys(unsafe { sys::tcp::Stream::from_raw_fd(stream.into_raw_fd()) })
    }
}

impl UdpSocket {
    /// Takes over a socket: std's, or any other type that is [`IntoRawFd`].
    ///
    /// It keeps the mode that it has, and has to be non-blocking to be of use.
    pub fn from_std(socket: impl IntoRawFd) -> Self {
        // SAFETY: what gives a descriptor up no longer owns it.
        Self::from_sys(unsafe { sys::udp::Socket::from_raw_fd(socket.into_raw_fd()) })
    }
}
