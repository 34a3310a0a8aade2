//! Opening, binding and connecting Unix sockets of both kinds. WASI preview 1.

use std::io;

use super::addr::SocketAddr;
use crate::sys::wasip1::host;
use crate::sys::wasip1::host::extension::{self, FamilyAndAddress, UNIX};
use crate::sys::wasip1::net::socket::Socket;

/// Errors of the host: of a connection attempt that has only begun, and of a family that it
/// doesn't allow.
const IN_PROGRESS: i32 = wasi::ERRNO_INPROGRESS.raw() as i32;
const NO_SYSTEM_CALL: i32 = wasi::ERRNO_NOSYS.raw() as i32;

/// How many random names are tried. One is nearly always free.
const MAX_NAMES: usize = 16;

/// Gives a socket an abstract name that nobody has, and returns it.
pub(super) fn bind_to_any_name(socket: &Socket) -> io::Result<SocketAddr> {
    let mut last = None;
    for _ in 0..MAX_NAMES {
        let random = host::random()?;
        let name = SocketAddr::from_abstract_name(format!("mio-{random:032x}"))?;
        match extension::bind_unix(socket.fd(), &name.to_host()) {
            Ok(()) => return Ok(name),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}

/// A new Unix socket, non-blocking.
pub(super) fn open(kind: u32) -> io::Result<Socket> {
    Socket::of_family(UNIX, kind).map_err(|error| match error.raw_os_error() {
        Some(NO_SYSTEM_CALL) => io::Error::new(
            io::ErrorKind::Unsupported,
            "the host doesn't allow Unix sockets; WasmEdge does with `--allow-af-unix`",
        ),
        _ => error,
    })
}

/// Gives a socket its address; without one, a name that is free.
pub(super) fn bind_socket(socket: &Socket, address: &SocketAddr) -> io::Result<()> {
    if address.is_unnamed() {
        // For the host this would be an abstract name of zeros, the same for all.
        return bind_to_any_name(socket).map(drop);
    }
    extension::bind_unix(socket.fd(), &address.to_host())
}

/// Connects a socket, or starts to.
pub(super) fn connect_socket(socket: &Socket, address: &SocketAddr) -> io::Result<()> {
    check_named(address)?;
    match extension::connect_unix(socket.fd(), &address.to_host()) {
        Err(error) if error.raw_os_error() != Some(IN_PROGRESS) => Err(error),
        _ => Ok(()),
    }
}

/// Refuses an address that is none, which for the host would be an abstract name.
pub(super) fn check_named(address: &SocketAddr) -> io::Result<()> {
    if address.is_unnamed() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "nothing can be sent to an unnamed Unix socket",
        ));
    }
    Ok(())
}

/// The address of a socket itself.
pub(super) fn address_of(socket: &Socket) -> io::Result<SocketAddr> {
    extension::local_address(socket.fd()).map(from_host)
}

/// The address that a socket is connected to.
pub(super) fn peer_of(socket: &Socket) -> io::Result<SocketAddr> {
    extension::peer_address(socket.fd()).map(from_host)
}

/// What the host has written, without the port.
fn from_host((raw, _): (FamilyAndAddress, u16)) -> SocketAddr {
    SocketAddr::from_host(&raw)
}
