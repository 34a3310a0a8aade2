//! The types of TCP streams and UDP sockets: std's own. Unix.

use std::io;
use std::mem::size_of_val;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd};

pub(crate) use std::net::{TcpStream as Stream, UdpSocket as Socket};

use crate::sys::posix::addr::AnyAddr;
use crate::sys::posix::check;

/// A stream that is being connected to an address.
pub(crate) fn connecting(socket: OwnedFd, _: SocketAddr) -> Stream {
    Stream::from(socket)
}

/// A stream that was accepted.
pub(crate) fn accepted(socket: OwnedFd, _: &AnyAddr) -> io::Result<Stream> {
    Ok(Stream::from(socket))
}

/// A socket that was bound.
pub(crate) fn bound(socket: OwnedFd) -> io::Result<Socket> {
    Ok(Socket::from(socket))
}

/// Reads IPV6_V6ONLY.
pub(crate) fn only_v6(socket: &Socket) -> io::Result<bool> {
    let mut value: libc::c_int = 0;
    let mut size = size_of_val(&value) as libc::socklen_t;
    let output: *mut libc::c_int = &mut value;
    // SAFETY: the option is an int, and `output` and `size` are of one.
    check::done(unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_IPV6,
            libc::IPV6_V6ONLY,
            output.cast(),
            &mut size,
        )
    })?;
    Ok(value != 0)
}
