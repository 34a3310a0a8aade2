//! `from_std` of the sockets where the library uses types of its own, which take over
//! the descriptor: WASI preview 2.

use std::os::fd::OwnedFd;

use crate::net::{TcpListener, TcpStream, UdpSocket};

impl TcpListener {
    /// Takes over a listener of std.
    ///
    /// It keeps the mode that it has: call
    /// [`set_nonblocking`](std::net::TcpListener::set_nonblocking) before.
    pub fn from_std(listener: std::net::TcpListener) -> Self {
        OwnedFd::from(listener).into()
    }
}

impl TcpStream {
    /// Takes over a stream of std.
    ///
    /// It keeps the mode that it has: call
    /// [`set_nonblocking`](std::net::TcpStream::set_nonblocking) before.
    pub fn from_std(stream: std::net::TcpStream) -> Self {
        OwnedFd::from(stream).into()
    }
}

impl UdpSocket {
    /// Takes over a socket of std.
    ///
    /// It keeps the mode that it has: call
    /// [`set_nonblocking`](std::net::UdpSocket::set_nonblocking) before.
    pub fn from_std(socket: std::net::UdpSocket) -> Self {
        OwnedFd::from(socket).into()
    }
}
