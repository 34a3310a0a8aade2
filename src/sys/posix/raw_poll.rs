//! The system call poll(2).

use std::io;

use libc::{c_int, pollfd};

use super::check;

/// Waits for any of `fds`, for at most this many milliseconds (-1: indefinitely), and
/// returns how many have something to report.
pub(crate) fn poll(fds: &mut [pollfd], timeout_ms: c_int) -> io::Result<usize> {
    let length = fds.len() as libc::nfds_t;
    // SAFETY: the pointer and the length are those of the array, which is borrowed
    // exclusively here.
    let count = unsafe { libc::poll(fds.as_mut_ptr(), length, timeout_ms) };
    check::number(count).map(|count| count as usize)
}
