//! The call itself, and who makes it how.
//!
//! | file | systems |
//! |---|---|
//! | `direct.rs` | Unix: the kernel takes the array as it is |
//! | `gathered.rs` | WASI preview 2: what is asked for is copied first, for a libc that takes less |

#[cfg(unix)]
mod direct;
#[cfg(unix)]
pub(super) use self::direct::{Call, POLLNVAL, POLLPRI, POLLRDHUP};

#[cfg(not(unix))]
mod gathered;
#[cfg(not(unix))]
pub(super) use self::gathered::{Call, POLLNVAL, POLLPRI, POLLRDHUP};

use std::io;

use libc::{c_int, pollfd};

use crate::sys::unix::check;

/// Waits for any of `fds`, for so many milliseconds (-1: for ever), and tells how
/// many have something to report.
fn poll(fds: &mut [pollfd], millis: c_int) -> io::Result<usize> {
    let length = fds.len() as libc::nfds_t;
    // SAFETY: the pointer and the length are those of the array, which is borrowed
    // exclusively here.
    let count = unsafe { libc::poll(fds.as_mut_ptr(), length, millis) };
    check::number(count).map(|count| count as usize)
}
