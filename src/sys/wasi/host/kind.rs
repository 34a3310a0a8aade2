//! The kind and state of a socket, as far as the standard calls tell. WASI preview 1 without WasmEdge's
//! extension.

use wasi::Fd;

/// Is it a UDP socket, or another one for datagrams?
pub(crate) fn is_datagram_socket(fd: Fd) -> bool {
    // SAFETY: the call takes no memory of the caller.
    let status = unsafe { wasi::fd_fdstat_get(fd) };
    matches!(status, Ok(status) if status.fs_filetype == wasi::FILETYPE_SOCKET_DGRAM)
}

/// Is it a socket that has lost its peer? No standard call tells.
pub(crate) fn has_no_peer(_: Fd) -> bool {
    false
}
