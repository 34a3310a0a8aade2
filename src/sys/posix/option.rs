//! Options of sockets.

use std::io;
use std::mem::size_of_val;
use std::os::fd::{AsRawFd, BorrowedFd};

use libc::{c_int, socklen_t};

use super::check;

/// Switches an option on.
pub(crate) fn switch_on(socket: BorrowedFd<'_>, level: c_int, option: c_int) -> io::Result<()> {
    let on: c_int = 1;
    let value: *const c_int = &on;
    let size = size_of_val(&on) as socklen_t;
    // SAFETY: `value` and `size` are of a local that outlives the call, of the type
    // that switches have.
    check::done(unsafe { libc::setsockopt(socket.as_raw_fd(), level, option, value.cast(), size) })
}
