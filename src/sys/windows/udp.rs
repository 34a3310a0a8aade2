//! UDP sockets; for Windows. The type is std's.

use std::io;
use std::mem::size_of_val;
use std::net::SocketAddr;
use std::os::windows::io::AsRawSocket;

use windows_sys::Win32::Networking::WinSock::{getsockopt, IPPROTO_IPV6, IPV6_V6ONLY, SOCKET};

pub(crate) use std::net::UdpSocket as Socket;

/// A socket at `address`.
pub(crate) fn bind(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::bind(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Reads IPV6_V6ONLY.
pub(crate) fn only_v6(socket: &Socket) -> io::Result<bool> {
    let mut value: u32 = 0;
    let mut size = size_of_val(&value) as i32;
    let output: *mut u32 = &mut value;
    let socket = socket.as_raw_socket() as SOCKET;
    // SAFETY: the option is a 32-bit number, and `output` and `size` are of one.
    let result = unsafe { getsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, output.cast(), &mut size) };
    match result {
        0 => Ok(value != 0),
        _ => Err(io::Error::last_os_error()),
    }
}
