//! SIGPIPE where a flag of a call switches it off: of the one that makes the socket
//! (NetBSD), or of each one that sends.

use std::io;
use std::os::fd::BorrowedFd;

/// Nothing to do.
pub(super) fn switch_sigpipe_off(_: BorrowedFd<'_>) -> io::Result<()> {
    Ok(())
}
