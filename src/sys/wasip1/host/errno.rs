//! Error numbers of the host as `io::Error`. WASI preview 1.

use std::io;

use wasi::Errno;

/// The error of a host call. The host's numbers are those of the target's libc, so std knows
/// their kinds and texts.
pub(in super::super) fn error(errno: Errno) -> io::Error {
    io::Error::from_raw_os_error(i32::from(errno.raw()))
}
