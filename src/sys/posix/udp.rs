//! UDP sockets.

use std::io;
use std::net::SocketAddr;

pub(crate) use super::platform::types::{only_v6, Socket};

use super::addr::AnyAddr;
use super::platform::types;
use super::{new_fd, tcp};

/// A socket at `address`.
pub(crate) fn bind(address: SocketAddr) -> io::Result<Socket> {
    let socket = new_fd::socket(AnyAddr::family(&address), libc::SOCK_DGRAM)?;
    tcp::bind(&socket, address)?;
    types::bound(socket)
}
