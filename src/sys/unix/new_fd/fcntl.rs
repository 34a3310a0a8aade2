//! New descriptors whose flags are set after they were made; for the systems that
//! `unix/mod.rs` lists.
//!
//! A program that is started by another thread in between inherits them: these
//! systems have no call that prevents it.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use libc::c_int;

use super::flags::{set_close_on_exec, switch_sigpipe_off};
use crate::sys::unix::addr::AnyAddr;
use crate::sys::unix::{blocking, check};

/// A new socket.
pub(crate) fn socket(domain: c_int, kind: c_int) -> io::Result<OwnedFd> {
    // SAFETY: the call takes no memory.
    let fd = unsafe { libc::socket(domain, kind, 0) };
    // SAFETY: the call has just returned it.
    finished_socket(unsafe { check::owned_fd(fd) }?)
}

/// The next connection of a listener, and its peer's address.
pub(crate) fn accept(listener: BorrowedFd<'_>) -> io::Result<(OwnedFd, AnyAddr)> {
    let (fd, peer) = AnyAddr::filled_by(|address, length| {
        // SAFETY: both pointers are to room that outlives the call, and the
        // length says how much room there is.
        unsafe { libc::accept(listener.as_raw_fd(), address, length) }
    });
    // SAFETY: the call has just returned it.
    let fd = unsafe { check::owned_fd(fd) }?;
    // A connection that is gone already can't be given the option; writing to it
    // fails, which is soon found out.
    let _ = switch_sigpipe_off(fd.as_fd());
    Ok((finished(fd)?, peer))
}

/// Sets all that a socket needs.
pub(super) fn finished_socket(fd: OwnedFd) -> io::Result<OwnedFd> {
    switch_sigpipe_off(fd.as_fd())?;
    finished(fd)
}

/// Sets the two flags.
pub(super) fn finished(fd: OwnedFd) -> io::Result<OwnedFd> {
    set_close_on_exec(fd.as_fd())?;
    blocking::set_nonblocking(fd.as_fd(), true)?;
    Ok(fd)
}
