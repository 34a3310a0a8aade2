//! Flags of new descriptors that some systems set by a call of their own, and others by a
//! flag of the call that makes the descriptor, or don't have.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use libc::c_int;

use crate::sys::unix::{check, option};

/// Can this system start another program, which would inherit descriptors? ESP-IDF, the game
/// consoles and WASI can't.
const HAS_EXEC: bool = !cfg!(any(
    target_os = "espidf",
    target_os = "horizon",
    target_os = "vita",
    target_os = "wasi",
));

/// The flag of fcntl(2), which is 1 on every system; the libc crate doesn't define it for newlib.
const FD_CLOEXEC: c_int = 1;

/// The option that switches SIGPIPE off for a socket. Apple systems, FreeBSD and DragonFly have
/// it; writev(2) takes no flag that does so.
#[cfg(any(
    target_os = "dragonfly",
    target_os = "freebsd",
    target_vendor = "apple"
))]
const NO_SIGPIPE_OPTION: Option<c_int> = Some(libc::SO_NOSIGPIPE);
/// No option switches SIGPIPE off: a flag does, of the call that makes the socket (NetBSD) or
/// of each call that sends (others).
#[cfg(not(any(
    target_os = "dragonfly",
    target_os = "freebsd",
    target_vendor = "apple"
)))]
const NO_SIGPIPE_OPTION: Option<c_int> = None;

/// Sets FD_CLOEXEC, where programs can be started.
#[allow(dead_code)] // atomic.rs sets the flag in the calls; only kqueue(2) takes none
pub(crate) fn set_close_on_exec(fd: BorrowedFd<'_>) -> io::Result<()> {
    if !HAS_EXEC {
        return Ok(());
    }
    // SAFETY: the command takes an int and no memory.
    check::done(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, FD_CLOEXEC) })
}

/// Lets a write to a connection that is gone fail without a signal, where a socket option does
/// so.
pub(super) fn switch_sigpipe_off(socket: BorrowedFd<'_>) -> io::Result<()> {
    match NO_SIGPIPE_OPTION {
        Some(option) => option::switch_on(socket, libc::SOL_SOCKET, option),
        None => Ok(()),
    }
}
