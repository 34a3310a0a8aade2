//! The kind of a socket, by the standard call. WASI preview 1 without WasmEdge's
//! extension.

use wasi::Fd;

/// Is it a UDP socket, or another one for datagrams?
pub(crate) fn is_datagram_socket(fd: Fd) -> bool {
    // SAFETY: the call takes no memory of the caller.
    let status = unsafe { wasi::fd_fdstat_get(fd) };
    matches!(status, Ok(status) if status.fs_filetype == wasi::FILETYPE_SOCKET_DGRAM)
}
