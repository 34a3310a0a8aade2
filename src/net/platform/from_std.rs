//! `from_std` of the sockets where std's types are what the library uses itself.

use crate::net::{TcpListener, TcpStream, UdpSocket};

impl TcpListener {
    /// Takes over a listener of std.
    ///
    /// It keeps the mode that it has: call
    /// [`set_nonblocking`](std::net::TcpListener::set_nonblocking) before.
    pub fn from_std(listener: std::net::TcpListener) -> Self {
        Self::from_sys(listener)
    }
}

impl TcpStream {
    /// Takes over a stream of std.
    ///
    /// It keeps the mode that it has: call
    /// [`set_nonblocking`](std::net::TcpStream::set_nonblocking) before.
    pub fn from_std(stream: std::net::TcpStream) -> Self {
        Self::from_sys(stream)
    }
}

impl UdpSocket {
    /// Takes over a socket of std.
    ///
    /// It keeps the mode that it has: call
    /// [`set_nonblocking`](std::net::UdpSocket::set_nonblocking) before.
    pub fn from_std(socket: std::net::UdpSocket) -> Self {
        Self::from_sys(socket)
    }
}
