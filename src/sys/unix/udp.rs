//! UDP sockets; for all Unix systems. The type is std's.

use std::io;
use std::mem::size_of_val;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;

pub(crate) use std::net::UdpSocket as Socket;

use super::addr::AnyAddr;
use super::{check, new_fd, tcp};

/// A socket at `address`.
pub(crate) fn bind(address: SocketAddr) -> io::Result<Socket> {
    let socket = new_fd::socket(AnyAddr::family(&address), libc::SOCK_DGRAM)?;
    tcp::bind(&socket, address)?;
    Ok(Socket::from(socket))
}

/// Reads IPV6_V6ONLY.
pub(crate) fn only_v6(socket: &Socket) -> io::Result<bool> {
    let mut value: libc::c_int = 0;
    let mut size = size_of_val(&value) as libc::socklen_t;
    let room: *mut libc::c_int = &mut value;
    // SAFETY: the option is an int, and `room` and `size` are of one.
    check::done(unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_IPV6,
            libc::IPV6_V6ONLY,
            room.cast(),
            &mut size,
        )
    })?;
    Ok(value != 0)
}
