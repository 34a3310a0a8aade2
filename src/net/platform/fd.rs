//! Descriptor traits of the sockets, for Unix and WASI.

use crate::handles::{impl_handles, impl_into_std};
use crate::net::{TcpListener, TcpStream, UdpSocket};

impl_handles!(TcpListener, TcpStream, UdpSocket);

impl_into_std! {
    TcpListener => std::net::TcpListener,
    TcpStream => std::net::TcpStream,
    UdpSocket => std::net::UdpSocket,
}
