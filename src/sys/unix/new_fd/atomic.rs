//! New descriptors by calls that take the flags; for the systems that `unix/mod.rs`
//! lists.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use libc::c_int;

use super::flags::switch_sigpipe_off;
use crate::sys::unix::addr::AnyAddr;
use crate::sys::unix::check;

/// SIGPIPE is switched off by a flag of the call that makes a socket: writev(2) has no flag
/// for it.
#[cfg(target_os = "netbsd")]
const NO_SIGPIPE: c_int = libc::SOCK_NOSIGPIPE;
/// No flag of the call that makes a socket switches SIGPIPE off.
#[cfg(not(target_os = "netbsd"))]
const NO_SIGPIPE: c_int = 0;

/// The flags, as the socket calls take them.
const SOCKET_FLAGS: c_int = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC | NO_SIGPIPE;

/// A new socket.
pub(crate) fn socket(domain: c_int, kind: c_int) -> io::Result<OwnedFd> {
    // SAFETY: the call takes no memory.
    let fd = unsafe { libc::socket(domain, kind | SOCKET_FLAGS, 0) };
    // SAFETY: the call has just returned it.
    let fd = unsafe { check::owned_fd(fd) }?;
    switch_sigpipe_off(fd.as_fd())?;
    Ok(fd)
}

/// Two new sockets that are connected to each other.
pub(crate) fn socket_pair(domain: c_int, kind: c_int) -> io::Result<(OwnedFd, OwnedFd)> {
    let mut fds = [-1; 2];
    // SAFETY: there is room for the two descriptors that the call makes.
    check::done(unsafe { libc::socketpair(domain, kind | SOCKET_FLAGS, 0, fds.as_mut_ptr()) })?;
    // SAFETY: the call has succeeded and made both.
    let (first, second) = unsafe { check::owned_pair(fds) };
    switch_sigpipe_off(first.as_fd())?;
    switch_sigpipe_off(second.as_fd())?;
    Ok((first, second))
}

/// The next connection of a listener, and its peer's address.
pub(crate) fn accept(listener: BorrowedFd<'_>) -> io::Result<(OwnedFd, AnyAddr)> {
    let (fd, peer) = AnyAddr::filled_by(|address, length| {
        // SAFETY: both pointers are to room that outlives the call, and the
        // length says how much room there is.
        unsafe { libc::accept4(listener.as_raw_fd(), address, length, SOCKET_FLAGS) }
    });
    // SAFETY: the call has just returned it.
    let fd = unsafe { check::owned_fd(fd) }?;
    // A connection that is gone already can't be given the option; writing to it fails.
    let _ = switch_sigpipe_off(fd.as_fd());
    Ok((fd, peer))
}

/// A new pipe: the end to read from, and the end to write to.
pub(crate) fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut fds = [-1; 2];
    // SAFETY: there is room for the two descriptors that the call makes.
    check::done(unsafe { libc::pipe2(fds.as_mut_ptr(), libc::O_NONBLOCK | libc::O_CLOEXEC) })?;
    // SAFETY: the call has succeeded and made both.
    Ok(unsafe { check::owned_pair(fds) })
}
