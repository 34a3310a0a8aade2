//! Unix sockets of the host, with the methods that std's have elsewhere. WASI
//! preview 1, in hosts that allow them (`wasmedge run --allow-af-unix`).

mod addr;
mod datagram;
mod pair;
mod stream;

use std::io;
use std::os::wasi::ffi::OsStrExt;
use std::path::Path;

use super::host::extension::{self, FamilyAndAddress, DATAGRAM, STREAM, UNIX};
use super::socket::Socket;

pub use self::addr::SocketAddr;
pub(crate) use self::datagram::Datagram;
pub(crate) use self::pair::{datagram_pair, stream_pair};
pub(crate) use self::stream::{Listener, Stream};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Answers of the host: to an attempt to connect that has only begun, and to a
/// family that it doesn't allow.
const IN_PROGRESS: i32 = wasi::ERRNO_INPROGRESS.raw() as i32;
const NO_SYSTEM_CALL: i32 = wasi::ERRNO_NOSYS.raw() as i32;

/// The address that a path stands for. A path that begins with a zero byte is an abstract
/// name, as on Linux; other hosts refuse to bind or connect to it.
pub(crate) fn path_address(path: &Path) -> io::Result<SocketAddr> {
    match path.as_os_str().as_bytes().split_first() {
        Some((0, name)) => SocketAddr::from_abstract_name(name),
        _ => SocketAddr::from_pathname(path),
    }
}

/// A stream that is connected to `address`, or on its way. A listener whose queue
/// is full is `WouldBlock`, with nothing begun.
pub(crate) fn connect(address: &SocketAddr) -> io::Result<Stream> {
    let socket = open(STREAM)?;
    connect_socket(&socket, address)?;
    Ok(Stream { socket })
}

/// A listener at `address`.
pub(crate) fn listen(address: &SocketAddr) -> io::Result<Listener> {
    let socket = open(STREAM)?;
    bind_socket(&socket, address)?;
    socket.listen(BACKLOG)?;
    Ok(Listener { socket })
}

/// The next connection and its peer.
pub(crate) fn accept(listener: &Listener) -> io::Result<(Stream, SocketAddr)> {
    let socket = listener.socket.accept()?;
    // One that is gone already has no name to tell.
    let peer = peer_of(&socket).unwrap_or(SocketAddr::UNNAMED);
    Ok((Stream { socket }, peer))
}

/// A datagram socket at `address`.
pub(crate) fn bind(address: &SocketAddr) -> io::Result<Datagram> {
    let socket = open(DATAGRAM)?;
    bind_socket(&socket, address)?;
    Ok(Datagram { socket })
}

/// A datagram socket without an address.
pub(crate) fn unbound() -> io::Result<Datagram> {
    open(DATAGRAM).map(|socket| Datagram { socket })
}

/// A new Unix socket, non-blocking.
fn open(kind: u32) -> io::Result<Socket> {
    Socket::of_family(UNIX, kind).map_err(|error| match error.raw_os_error() {
        Some(NO_SYSTEM_CALL) => io::Error::new(
            io::ErrorKind::Unsupported,
            "the host doesn't allow Unix sockets; WasmEdge does with `--allow-af-unix`",
        ),
        _ => error,
    })
}

/// Gives a socket its address; without one, a name that is free.
fn bind_socket(socket: &Socket, address: &SocketAddr) -> io::Result<()> {
    if address.is_unnamed() {
        // For the host this would be an abstract name of zeros, the same for all.
        return pair::bind_to_any_name(socket).map(drop);
    }
    extension::bind_unix(socket.fd(), &address.to_host())
}

/// Connects a socket, or starts to.
fn connect_socket(socket: &Socket, address: &SocketAddr) -> io::Result<()> {
    check_named(address)?;
    match extension::connect_unix(socket.fd(), &address.to_host()) {
        Err(error) if error.raw_os_error() != Some(IN_PROGRESS) => Err(error),
        _ => Ok(()),
    }
}

/// Refuses an address that is none, which for the host would be an abstract name.
fn check_named(address: &SocketAddr) -> io::Result<()> {
    if address.is_unnamed() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "nothing can be sent to an unnamed Unix socket",
        ));
    }
    Ok(())
}

/// The address of a socket itself.
fn address_of(socket: &Socket) -> io::Result<SocketAddr> {
    extension::local_address(socket.fd()).map(from_host)
}

/// The address that a socket is connected to.
fn peer_of(socket: &Socket) -> io::Result<SocketAddr> {
    extension::peer_address(socket.fd()).map(from_host)
}

/// What the host has written, without the port.
fn from_host((raw, _): (FamilyAndAddress, u16)) -> SocketAddr {
    SocketAddr::from_host(&raw)
}
