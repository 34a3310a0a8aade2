//! SIGPIPE where std switches it off with a flag of each call: all systems but
//! Apple's.

use std::io;
use std::os::fd::BorrowedFd;

/// Nothing to do.
pub(super) fn switch_sigpipe_off(_: BorrowedFd<'_>) -> io::Result<()> {
    Ok(())
}
