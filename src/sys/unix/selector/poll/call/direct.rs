//! The call of a kernel, which takes the array as it is. Unix.

use std::io;

use libc::{c_int, c_short, pollfd};

pub(crate) use libc::POLLPRI;

/// The bit for a peer that has stopped sending, on the systems that are known to have it.
#[cfg(any(target_os = "android", target_os = "linux"))]
pub(crate) const POLLRDHUP: c_short = libc::POLLRDHUP;
/// The bit for a peer that has stopped sending: none.
#[cfg(not(any(target_os = "android", target_os = "linux")))]
pub(crate) const POLLRDHUP: c_short = 0;

/// The bit for a descriptor that is closed.
#[cfg(not(target_os = "espidf"))]
pub(crate) const POLLNVAL: c_short = libc::POLLNVAL;
/// The bit for a descriptor that is closed: none, it is an error like others.
#[cfg(target_os = "espidf")]
pub(crate) const POLLNVAL: c_short = 0;

/// Nothing to keep between calls.
#[derive(Debug)]
pub(crate) struct Call;

impl Call {
    /// Can nobody change what is registered, or wake, while a call waits? Threads can.
    pub(crate) const IS_ALONE: bool = false;

    /// Nothing.
    pub(crate) fn new() -> Self {
        Self
    }

    /// Waits for any of `fds`, and tells how many have something to report.
    #[allow(clippy::unused_self)] // other systems keep something
    pub(crate) fn poll(&mut self, fds: &mut [pollfd], millis: c_int) -> io::Result<usize> {
        super::poll(fds, millis)
    }
}
