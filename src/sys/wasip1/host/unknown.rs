//! What the standard calls tell about the nature of a socket: nothing. WASI preview 1
//! without WasmEdge's extension.

use std::num::NonZeroI32;

use wasi::Fd;

/// Is it a socket that has lost its peer? No standard call tells.
pub(crate) fn has_no_peer(_: Fd) -> bool {
    false
}

/// Is it a stream that is known to be connected? No standard call tells.
pub(crate) fn is_connected(_: Fd) -> bool {
    false
}

/// Is it known to be a datagram socket? Not by a standard call.
pub(crate) fn is_datagram(_: Fd) -> bool {
    false
}

/// Takes the error number of a socket. No standard call gives it.
pub(crate) fn take_error(_: Fd) -> Option<NonZeroI32> {
    None
}
