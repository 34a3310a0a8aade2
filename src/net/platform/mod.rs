//! What of the sockets differs between systems: their raw handles, the std types
//! they convert from, and whether there are Unix sockets. This folder is the only
//! part of `net` with a `cfg` of the platform.

#[cfg(any(unix, target_os = "wasi"))]
mod fd;
#[cfg(windows)]
mod socket;

#[cfg(all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3"))))]
mod std_types {
    mod from_any_fd;

    #[cfg(feature = "lookup")]
    pub(in crate::net) use crate::sys::names::lookup;
}
#[cfg(not(all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3")))))]
mod std_types {
    mod from_std;

    #[cfg(feature = "lookup")]
    pub(in crate::net) use self::from_std::lookup;
}
#[cfg(feature = "lookup")]
pub(super) use self::std_types::lookup;

#[cfg(not(any(windows, target_env = "p2", target_env = "p3")))]
mod uds;
#[cfg(not(any(windows, target_env = "p2", target_env = "p3")))]
pub use self::uds::{SocketAddr, UnixDatagram, UnixListener, UnixStream};
