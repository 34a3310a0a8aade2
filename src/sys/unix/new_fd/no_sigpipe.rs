//! SIGPIPE on Apple systems, FreeBSD and DragonFly: it is switched off for each socket,
//! since writev(2) has no flag that does so.

use std::io;
use std::os::fd::BorrowedFd;

use crate::sys::unix::option;

/// Lets a write to a connection that is gone fail, without a signal.
pub(super) fn switch_sigpipe_off(socket: BorrowedFd<'_>) -> io::Result<()> {
    option::switch_on(socket, libc::SOL_SOCKET, libc::SO_NOSIGPIPE)
}
