//! The blocking mode of a descriptor.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::check;

/// Sets or clears O_NONBLOCK.
pub(crate) fn set_nonblocking(fd: BorrowedFd<'_>, nonblocking: bool) -> io::Result<()> {
    // SAFETY: the command takes no memory.
    let before = check::number(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) })?;
    let after = if nonblocking {
        before | libc::O_NONBLOCK
    } else {
        before & !libc::O_NONBLOCK
    };
    if after == before {
        return Ok(());
    }
    // SAFETY: the command takes an int and no memory.
    check::done(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, after) })
}
