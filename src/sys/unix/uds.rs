//! Unix sockets; for all Unix systems. The types are std's.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

pub use std::os::unix::net::SocketAddr;
pub(crate) use std::os::unix::net::{
    UnixDatagram as Datagram, UnixListener as Listener, UnixStream as Stream,
};

use crate::sys::posix::addr::AnyAddr;
use crate::sys::posix::new_fd;
use crate::sys::posix::system::linux::abstract_address;

/// The address that a path stands for. A path that begins with a zero byte is an abstract
/// name (unix(7)), where the system has them.
pub(crate) fn path_address(path: &Path) -> io::Result<SocketAddr> {
    match path.as_os_str().as_bytes().split_first() {
        Some((0, name)) => abstract_address(name),
        _ => SocketAddr::from_pathname(path),
    }
}

/// A stream that is connected to `address`, or being connected.
pub(crate) fn connect(address: &SocketAddr) -> io::Result<Stream> {
    let socket = new_fd::socket(libc::AF_UNIX, libc::SOCK_STREAM)?;
    // std's address type can only be read by std. Its `UnixStream` connects only blocking
    // sockets that it makes itself; its `UnixDatagram` passes any socket to connect(2).
    let socket = Datagram::from(socket);
    match socket.connect_addr(address) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
        _ => Ok(Stream::from(OwnedFd::from(socket))),
    }
}

/// A listener at `address`.
pub(crate) fn listen(address: &SocketAddr) -> io::Result<Listener> {
    let listener = Listener::bind_addr(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// The next connection and its peer.
pub(crate) fn accept(listener: &Listener) -> io::Result<(Stream, SocketAddr)> {
    let (socket, peer) = new_fd::accept(listener.as_fd())?;
    let stream = Stream::from(socket);
    let address = if is_nameless(&peer) {
        nameless()?
    } else {
        // Apple systems return zeros for a peer without a name (`sun_noname` in XNU's
        // bsd/kern/uipc_usrreq.c), and some systems no address for a peer that is gone.
        stream.peer_addr().or_else(|_| nameless())?
    };
    Ok((stream, address))
}

/// Two streams that are connected to each other.
pub(crate) fn stream_pair() -> io::Result<(Stream, Stream)> {
    let (first, second) = new_fd::socket_pair(libc::AF_UNIX, libc::SOCK_STREAM)?;
    Ok((first.into(), second.into()))
}

/// A datagram socket at `address`.
pub(crate) fn bind(address: &SocketAddr) -> io::Result<Datagram> {
    let socket = Datagram::bind_addr(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// A datagram socket without an address.
pub(crate) fn unbound() -> io::Result<Datagram> {
    new_fd::socket(libc::AF_UNIX, libc::SOCK_DGRAM).map(Datagram::from)
}

/// Two datagram sockets that are connected to each other.
pub(crate) fn datagram_pair() -> io::Result<(Datagram, Datagram)> {
    let (first, second) = new_fd::socket_pair(libc::AF_UNIX, libc::SOCK_DGRAM)?;
    Ok((first.into(), second.into()))
}

/// Is there nothing but the address family (two bytes, on all systems)?
fn is_nameless(address: &AnyAddr) -> bool {
    address.length() <= 2
}

/// The address of a socket that has none.
fn nameless() -> io::Result<SocketAddr> {
    SocketAddr::from_pathname("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nameless_address_has_no_path() {
        let address = nameless().unwrap();
        assert!(address.is_unnamed() && address.as_pathname().is_none());
    }
}
