//! New descriptors: non-blocking, and closed when the program starts another one.
//!
//! The flags are given to the call that makes the descriptor, on systems whose calls take
//! them, and are set by fcntl(2) on others. There a program that another thread starts
//! between both calls inherits the descriptor: nothing prevents it.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use libc::c_int;

use super::addr::AnyAddr;
use super::system::bsd::SO_NOSIGPIPE;
use super::system::creation::{self, CREATES_WITH_FLAGS, SOCKET_FLAGS};
use super::system::{FD_CLOEXEC, HAS_EXEC};
use super::{blocking, check, option};

/// A new socket.
pub(crate) fn socket(domain: c_int, kind: c_int) -> io::Result<OwnedFd> {
    // SAFETY: the call takes no memory.
    let fd = unsafe { libc::socket(domain, kind | SOCKET_FLAGS, 0) };
    // SAFETY: the call has just returned it.
    finished_socket(unsafe { check::owned_fd(fd) }?)
}

/// The next connection of a listener, and its peer's address.
pub(crate) fn accept(listener: BorrowedFd<'_>) -> io::Result<(OwnedFd, AnyAddr)> {
    let (fd, peer) = AnyAddr::filled_by(|address, length| {
        // SAFETY: both pointers are to memory that outlives the call, and the length says
        // how much there is.
        unsafe { creation::accept(listener.as_raw_fd(), address, length) }
    });
    // SAFETY: the call has just returned it.
    let fd = unsafe { check::owned_fd(fd) }?;
    // A connection that was reset already refuses the option; writing to it fails.
    let _ = switch_sigpipe_off(fd.as_fd());
    Ok((finished(fd)?, peer))
}

/// Two new sockets that are connected to each other.
#[cfg(unix)]
pub(crate) fn socket_pair(domain: c_int, kind: c_int) -> io::Result<(OwnedFd, OwnedFd)> {
    let mut fds = [-1; 2];
    let kind = kind | SOCKET_FLAGS;
    // SAFETY: there is space for the two descriptors that the call makes.
    check::done(unsafe { libc::socketpair(domain, kind, 0, fds.as_mut_ptr()) })?;
    // SAFETY: the call has succeeded and made both.
    let (first, second) = unsafe { check::owned_pair(fds) };
    Ok((finished_socket(first)?, finished_socket(second)?))
}

/// A new pipe: the end to read from, and the end to write to.
#[cfg(unix)]
pub(crate) fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut fds = [-1; 2];
    // SAFETY: there is space for the two descriptors that the call makes.
    check::done(unsafe { creation::pipe(fds.as_mut_ptr()) })?;
    // SAFETY: the call has succeeded and made both.
    let (reader, writer) = unsafe { check::owned_pair(fds) };
    Ok((finished(reader)?, finished(writer)?))
}

/// Sets FD_CLOEXEC, where programs can be started.
pub(crate) fn set_close_on_exec(fd: BorrowedFd<'_>) -> io::Result<()> {
    if !HAS_EXEC {
        return Ok(());
    }
    // SAFETY: the command takes an int and no memory.
    check::done(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, FD_CLOEXEC) })
}

/// Sets all that a new socket needs and its call has not set.
fn finished_socket(fd: OwnedFd) -> io::Result<OwnedFd> {
    switch_sigpipe_off(fd.as_fd())?;
    finished(fd)
}

/// Sets the two flags unless the call has set them.
fn finished(fd: OwnedFd) -> io::Result<OwnedFd> {
    if !CREATES_WITH_FLAGS {
        set_close_on_exec(fd.as_fd())?;
        blocking::set_nonblocking(fd.as_fd(), true)?;
    }
    Ok(fd)
}

/// Switches off SIGPIPE of writes to a connection that was reset, where a socket option does
/// so.
fn switch_sigpipe_off(socket: BorrowedFd<'_>) -> io::Result<()> {
    match SO_NOSIGPIPE {
        Some(option) => option::switch_on(socket, libc::SOL_SOCKET, option),
        None => Ok(()),
    }
}
