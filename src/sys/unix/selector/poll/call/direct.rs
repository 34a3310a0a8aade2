//! The call of a kernel, which takes the array as it is. Unix.

use std::io;

use libc::{c_int, pollfd};

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
