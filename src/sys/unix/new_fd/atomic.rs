//! New descriptors by calls that take the flags. Linux and Android.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use libc::c_int;

use crate::sys::unix::addr::AnyAddr;
use crate::sys::unix::check;

/// A new socket.
pub(crate) fn socket(domain: c_int, kind: c_int) -> io::Result<OwnedFd> {
    let kind = kind | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: the call takes no memory.
    let fd = unsafe { libc::socket(domain, kind, 0) };
    // SAFETY: the call has just returned it.
    unsafe { check::owned_fd(fd) }
}

/// The next connection of a listener, and its peer's address.
pub(crate) fn accept(listener: BorrowedFd<'_>) -> io::Result<(OwnedFd, AnyAddr)> {
    let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    let (fd, peer) = AnyAddr::filled_by(|address, length| {
        // SAFETY: both pointers are to room that outlives the call, and the
        // length says how much room there is.
        unsafe { libc::accept4(listener.as_raw_fd(), address, length, flags) }
    });
    // SAFETY: the call has just returned it.
    let fd = unsafe { check::owned_fd(fd) }?;
    Ok((fd, peer))
}
