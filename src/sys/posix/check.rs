//! Results of system calls as `io::Result`.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd};

use libc::c_int;

/// A call that returns -1 after an error, and a number otherwise.
pub(crate) fn number(result: c_int) -> io::Result<c_int> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        number => Ok(number),
    }
}

/// A call that returns -1 after an error, and nothing of interest otherwise.
pub(crate) fn done(result: c_int) -> io::Result<()> {
    number(result).map(drop)
}

/// A call that returns -1 after an error, and a new descriptor otherwise.
///
/// # Safety
///
/// `result` is what such a call has just returned: nothing else owns it.
pub(crate) unsafe fn owned_fd(result: c_int) -> io::Result<OwnedFd> {
    let fd = number(result)?;
    // SAFETY: it is not -1, and by this function's contract it is new and not
    // owned by anyone.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Two new descriptors that a call has written.
///
/// # Safety
///
/// The call has just made them: nothing else owns them.
#[cfg(unix)]
pub(crate) unsafe fn owned_pair([first, second]: [c_int; 2]) -> (OwnedFd, OwnedFd) {
    // SAFETY: by this function's contract it is new and not owned by anyone.
    let first = unsafe { OwnedFd::from_raw_fd(first) };
    // SAFETY: as above.
    let second = unsafe { OwnedFd::from_raw_fd(second) };
    (first, second)
}
