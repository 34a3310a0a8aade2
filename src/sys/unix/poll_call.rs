//! The call of poll(2) on Unix: the kernel takes the array as it is.

use std::io;

use libc::{c_int, pollfd};

use crate::sys::posix::raw_poll;

pub(crate) use crate::sys::posix::system::closed::POLLNVAL;
pub(crate) use crate::sys::posix::system::linux::POLLRDHUP;
pub(crate) use libc::POLLPRI;

/// The call, which keeps nothing between two of its kind.
#[derive(Debug)]
pub(crate) struct PollCall;

impl PollCall {
    /// Is the program single-threaded, so that nothing can change what is registered, or
    /// wake, while a call waits?
    pub(crate) const IS_SINGLE_THREADED: bool = false;

    /// A call that was not made yet.
    pub(crate) fn new() -> Self {
        Self
    }

    /// Does nothing: each call is about all elements.
    #[allow(clippy::unused_self)] // WASI preview 2 keeps which are new
    #[inline]
    pub(crate) fn note_registered(&mut self, _: usize) {}

    /// Does nothing: each call reports all elements that are ready.
    #[allow(clippy::unused_self)] // WASI preview 2 keeps which have had their turn
    #[inline]
    pub(crate) fn note_returned(&mut self, _: usize) {}

    /// Waits for any of `fds`, for at most this many milliseconds (-1: indefinitely), and
    /// returns how many have something to report.
    #[allow(clippy::unused_self)] // WASI preview 2 keeps something
    pub(crate) fn poll(&mut self, fds: &mut [pollfd], timeout_ms: c_int) -> io::Result<usize> {
        raw_poll::poll(fds, timeout_ms)
    }
}
