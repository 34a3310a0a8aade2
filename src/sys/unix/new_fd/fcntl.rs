//! New descriptors whose flags are set after they were made; for the systems that
//! `mod.rs` lists.
//!
//! A program that is started by another thread in between inherits them: these
//! systems have no call that prevents it.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use libc::c_int;

use super::{set_close_on_exec, switch_sigpipe_off};
use crate::sys::unix::addr::AnyAddr;
use crate::sys::unix::{blocking, check};

/// A new socket.
pub(crate) fn socket(domain: c_int, kind: c_int) -> io::Result<OwnedFd> {
    // SAFETY: the call takes no memory.
    let fd = unsafe { libc::socket(domain, kind, 0) };
    // SAFETY: the call has just returned it.
    finished_socket(unsafe { check::owned_fd(fd) }?)
}

/// Two new sockets that are connected to each other.
pub(crate) fn socket_pair(domain: c_int, kind: c_int) -> io::Result<(OwnedFd, OwnedFd)> {
    let mut fds = [-1; 2];
    // SAFETY: there is room for the two descriptors that the call makes.
    check::done(unsafe { libc::socketpair(domain, kind, 0, fds.as_mut_ptr()) })?;
    // SAFETY: the call has succeeded and made both.
    let (first, second) = unsafe { check::owned_pair(fds) };
    Ok((finished_socket(first)?, finished_socket(second)?))
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

/// A new pipe: the end to read from, and the end to write to.
pub(crate) fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut fds = [-1; 2];
    // SAFETY: there is room for the two descriptors that the call makes.
    check::done(unsafe { libc::pipe(fds.as_mut_ptr()) })?;
    // SAFETY: the call has succeeded and made both.
    let (reader, writer) = unsafe { check::owned_pair(fds) };
    Ok((finished(reader)?, finished(writer)?))
}

/// Sets all that a socket needs.
fn finished_socket(fd: OwnedFd) -> io::Result<OwnedFd> {
    switch_sigpipe_off(fd.as_fd())?;
    finished(fd)
}

/// Sets the two flags.
fn finished(fd: OwnedFd) -> io::Result<OwnedFd> {
    set_close_on_exec(fd.as_fd())?;
    blocking::set_nonblocking(fd.as_fd(), true)?;
    Ok(fd)
}
