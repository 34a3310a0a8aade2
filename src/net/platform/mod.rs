//! What of the sockets differs between systems: their raw handles, the std types
//! they convert from, and whether there are Unix sockets. The only place of `net`
//! that asks for the platform.

#[cfg(any(unix, target_os = "wasi"))]
mod fd;
#[cfg(windows)]
mod socket;

#[cfg(target_os = "wasi")]
mod from_any_fd;
#[cfg(not(target_os = "wasi"))]
mod from_std;

#[cfg(any(unix, target_os = "wasi"))]
mod uds;
#[cfg(any(unix, target_os = "wasi"))]
pub use self::uds::{SocketAddr, UnixDatagram, UnixListener, UnixStream};
