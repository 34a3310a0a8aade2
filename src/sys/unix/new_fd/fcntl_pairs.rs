//! Pairs of sockets and pipes whose flags are set after they were made (see
//! `fcntl.rs`); for the systems that `unix/mod.rs` lists.

use std::io;
use std::os::fd::OwnedFd;

use libc::c_int;

use super::fcntl::{finished, finished_socket};
use crate::sys::unix::check;

/// Two new sockets that are connected to each other.
pub(crate) fn socket_pair(domain: c_int, kind: c_int) -> io::Result<(OwnedFd, OwnedFd)> {
    let mut fds = [-1; 2];
    // SAFETY: there is room for the two descriptors that the call makes.
    check::done(unsafe { libc::socketpair(domain, kind, 0, fds.as_mut_ptr()) })?;
    // SAFETY: the call has succeeded and made both.
    let (first, second) = unsafe { check::owned_pair(fds) };
    Ok((finished_socket(first)?, finished_socket(second)?))
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
