//! Every call of the host, in safe functions: the standard ones of preview 1, and
//! WasmEdge's extension or what stands in for it. WASI preview 1.

mod bounds;
mod preview1;
pub(super) use self::preview1::*;

#[cfg(test)]
pub(super) mod simulated;
// These take the place of the ones above.
#[cfg(test)]
pub(super) use self::simulated::{is_connected, look, now, poll_oneoff, take_error};

#[cfg(all(feature = "net", feature = "wasmedge"))]
pub(super) mod wasmedge;
#[cfg(all(feature = "net", feature = "wasmedge", feature = "lookup"))]
mod wasmedge_names;
#[cfg(all(feature = "net", feature = "wasmedge"))]
mod wasmedge_unix;
#[cfg(all(feature = "net", feature = "wasmedge"))]
pub(super) use self::wasmedge as extension;
#[cfg(all(feature = "net", feature = "wasmedge"))]
use self::wasmedge as nature;

#[cfg(not(all(feature = "net", feature = "wasmedge")))]
mod unknown;
#[cfg(not(all(feature = "net", feature = "wasmedge")))]
use self::unknown as nature;

pub(super) use self::nature::{has_no_peer, is_datagram};
#[cfg(not(test))]
pub(super) use self::nature::{is_connected, take_error};

#[cfg(all(feature = "net", not(feature = "wasmedge")))]
pub(super) mod absent;
#[cfg(all(feature = "net", not(feature = "wasmedge")))]
pub(super) use self::absent as extension;

/// The error of a host call. The host's numbers are those of the target's libc,
/// so std knows their kinds and texts.
pub(super) fn error(errno: wasi::Errno) -> std::io::Error {
    std::io::Error::from_raw_os_error(i32::from(errno.raw()))
}
