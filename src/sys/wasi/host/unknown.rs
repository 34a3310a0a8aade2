//! What the standard calls tell about the nature of a socket: nothing. WASI preview 1
//! without WasmEdge's extension.

use wasi::Fd;

/// Is it a socket that has lost its peer? No standard call tells.
pub(crate) fn has_no_peer(_: Fd) -> bool {
    false
}

/// Is it known to be a stream, or a listener? Not by a standard call.
pub(crate) fn is_stream(_: Fd) -> bool {
    false
}
