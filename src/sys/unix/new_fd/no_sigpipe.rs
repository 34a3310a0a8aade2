//! SIGPIPE on Apple systems: it is switched off for each socket, since no flag of
//! a call does so.

use std::io;
use std::mem::size_of_val;
use std::os::fd::{AsRawFd, BorrowedFd};

use crate::sys::unix::check;

/// Lets a write to a connection that is gone fail, without a signal.
pub(super) fn switch_sigpipe_off(socket: BorrowedFd<'_>) -> io::Result<()> {
    let on: libc::c_int = 1;
    let value: *const libc::c_int = &on;
    let size = size_of_val(&on) as libc::socklen_t;
    // SAFETY: the option takes an int, which is what `value` points to.
    check::done(unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_NOSIGPIPE,
            value.cast(),
            size,
        )
    })
}
