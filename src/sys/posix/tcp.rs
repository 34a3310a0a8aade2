//! TCP sockets.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

pub(crate) use super::platform::types::Stream;
pub(crate) use std::net::TcpListener as Listener;

use super::addr::AnyAddr;
use super::platform::types;
use super::{check, new_fd, option};

/// The length of the queue of connections to be accepted; the system may shorten it.
const BACKLOG: libc::c_int = 1024;

/// A stream that is being connected to `address`.
pub(crate) fn connect(address: SocketAddr) -> io::Result<Stream> {
    let socket = new_fd::socket(AnyAddr::family(&address), libc::SOCK_STREAM)?;
    let target = AnyAddr::from(address);
    // SAFETY: the address and its length belong together and outlive the call.
    let result = unsafe { libc::connect(socket.as_raw_fd(), target.as_ptr(), target.length()) };
    match check::done(result) {
        // A connection attempt goes on after EINTR (POSIX, connect).
        Err(error) if !matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR)) => {
            Err(error)
        }
        _ => Ok(types::connecting(socket, address)),
    }
}

/// A listener at `address`.
pub(crate) fn listen(address: SocketAddr) -> io::Result<Listener> {
    let socket = new_fd::socket(AnyAddr::family(&address), libc::SOCK_STREAM)?;
    // A restarted server can bind its port while old connections are in TIME_WAIT.
    option::switch_on(socket.as_fd(), libc::SOL_SOCKET, libc::SO_REUSEADDR)?;
    bind(&socket, address)?;
    // SAFETY: the call takes no memory.
    check::done(unsafe { libc::listen(socket.as_raw_fd(), BACKLOG) })?;
    Ok(Listener::from(socket))
}

/// The next connection and its peer.
pub(crate) fn accept(listener: &Listener) -> io::Result<(Stream, SocketAddr)> {
    let (socket, peer) = new_fd::accept(listener.as_fd())?;
    // On an error the connection is closed.
    let address = peer.to_peer()?;
    Ok((types::accepted(socket, &peer)?, address))
}

/// bind(2).
pub(super) fn bind(socket: &OwnedFd, address: SocketAddr) -> io::Result<()> {
    let address = AnyAddr::from(address);
    // SAFETY: the address and its length belong together and outlive the call.
    let result = unsafe { libc::bind(socket.as_raw_fd(), address.as_ptr(), address.length()) };
    check::done(result)
}
