//! Closing a descriptor when another program is started; for all systems that
//! start programs.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use crate::sys::unix::check;

/// Sets FD_CLOEXEC.
pub(crate) fn set_close_on_exec(fd: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: the command takes an int and no memory.
    check::done(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) })
}
