//! The call of poll(2) in wasi-libc on preview 2, which makes one list of the host's
//! pollables out of the array. It differs from a kernel's in ways that are hidden here, seen
//! with the wasi-libc of Rust 1.85 (`poll_wasip2`, today in
//! libc-bottom-half/sources/poll-wasip2.c):
//!
//! - negative descriptors beside sockets are an error
//!   (fixed in <https://github.com/WebAssembly/wasi-libc/pull/680>);
//! - a descriptor without events is reported at once, without a bit;
//! - one descriptor that is closed, or can't be polled, fails the whole call;
//! - in old versions sockets and other descriptors in one call are an error;
//! - a connection attempt that has failed is reported as ready, without POLLERR.
//!
//! The host traps when it is to wait for an empty list, as the documentation of `poll` in
//! wasi:io 0.2 says. And wasmtime (seen in 36) reports no stream as ready when it is polled
//! repeatedly without a wait: all polls share the budget of one task of its runtime, which a
//! wait renews (<https://github.com/bytecodealliance/wasmtime/issues/14174>).

use std::io;
use std::mem::size_of_val;
use std::os::fd::RawFd;

use libc::{c_int, c_short, pollfd, POLLERR, POLLHUP};

use super::closing;
use crate::sys::posix::raw_poll;

pub(crate) use libc::POLLNVAL;

/// The bit for urgent data: the libc has none.
pub(crate) const POLLPRI: c_short = 0;
/// The bit for a peer that has shut down its writing: the libc has none.
pub(crate) const POLLRDHUP: c_short = 0;

/// The call, with the arrays that it is made with.
pub(crate) struct PollCall {
    /// The descriptors with events to wait for; then the streams that are being closed.
    gathered: Vec<pollfd>,
    /// The index of each of the former in the caller's array.
    indices: Vec<usize>,
    /// The number of calls in a row with a timeout of zero.
    consecutive_zero_timeouts: u32,
}

impl PollCall {
    /// Is the program single-threaded, so that nothing can change what is registered, or
    /// wake, while a call waits?
    pub(crate) const IS_SINGLE_THREADED: bool = true;

    /// A call that was not made yet.
    pub(crate) fn new() -> Self {
        Self {
            gathered: Vec::new(),
            indices: Vec::new(),
            consecutive_zero_timeouts: 0,
        }
    }

    /// Waits for any of `fds`, for at most this many milliseconds (-1: indefinitely), and
    /// returns how many have something to report. It may return early, with none.
    pub(crate) fn poll(&mut self, fds: &mut [pollfd], timeout_ms: c_int) -> io::Result<usize> {
        self.gather(fds);
        closing::add_sending(&mut self.gathered);
        if self.gathered.is_empty() {
            return wait(timeout_ms);
        }
        let timeout_ms = self.effective_timeout_ms(timeout_ms);
        let mut count = match raw_poll::poll(&mut self.gathered, timeout_ms) {
            Ok(count) => count,
            Err(_) => self.poll_each(timeout_ms)?,
        };
        let closed = closing::close_reported(&self.gathered[self.indices.len()..]);
        count = count.saturating_sub(closed);
        for (gathered, index) in self.gathered.iter().zip(&self.indices) {
            fds[*index].revents = gathered.revents;
            if gathered.revents != 0 && has_failed(gathered.fd) {
                fds[*index].revents |= POLLERR | POLLHUP;
            }
        }
        Ok(count)
    }

    /// The timeout of a call: a millisecond in place of zero in every
    /// `ZERO_TIMEOUTS_PER_WAIT`th call in a row, and always finite, since a closed descriptor
    /// may be left out of the list that the host gets.
    fn effective_timeout_ms(&mut self, timeout_ms: c_int) -> c_int {
        let timeout_ms = finite(timeout_ms);
        if timeout_ms != 0 {
            self.consecutive_zero_timeouts = 0;
            return timeout_ms;
        }
        self.consecutive_zero_timeouts += 1;
        if self.consecutive_zero_timeouts < ZERO_TIMEOUTS_PER_WAIT {
            return 0;
        }
        self.consecutive_zero_timeouts = 0;
        1
    }

    /// Copies the descriptors with events to wait for.
    fn gather(&mut self, fds: &mut [pollfd]) {
        self.gathered.clear();
        self.indices.clear();
        for (index, fd) in fds.iter_mut().enumerate() {
            fd.revents = 0;
            if fd.fd >= 0 && fd.events != 0 {
                self.gathered.push(*fd);
                self.indices.push(index);
            }
        }
    }

    /// Polls one descriptor after the other without waiting, since they can't be polled
    /// together. One that can't be polled at all is reported as closed. If none is ready it
    /// waits for at most `MAX_POLL_EACH_PAUSE_MS`.
    fn poll_each(&mut self, timeout_ms: c_int) -> io::Result<usize> {
        let mut count = 0;
        for fd in &mut self.gathered {
            fd.revents = 0;
            if raw_poll::poll(std::slice::from_mut(fd), 0).is_err() {
                fd.revents = POLLNVAL;
            }
            count += usize::from(fd.revents != 0);
        }
        if count == 0 {
            wait(finite(timeout_ms).min(MAX_POLL_EACH_PAUSE_MS))?;
        }
        Ok(count)
    }
}

/// Is it a socket that could not be connected? wasi-libc keeps that, without a host call.
fn has_failed(fd: RawFd) -> bool {
    let mut value: c_int = 0;
    let mut size = size_of_val(&value) as libc::socklen_t;
    let output: *mut c_int = &mut value;
    // SAFETY: the option is an int, and `output` and `size` are of one.
    let result = unsafe {
        libc::getsockopt(
            fd,
            libc::SOL_SOCKET,
            libc::SO_ERROR,
            output.cast(),
            &mut size,
        )
    };
    result == 0 && value != 0 && value != libc::EINPROGRESS
}

/// Waits for the time alone, for at most `MAX_WAIT_MS`.
fn wait(timeout_ms: c_int) -> io::Result<usize> {
    raw_poll::poll(&mut [], finite(timeout_ms))
}

/// A timeout, `MAX_WAIT_MS` in place of none.
fn finite(timeout_ms: c_int) -> c_int {
    if timeout_ms < 0 {
        MAX_WAIT_MS
    } else {
        timeout_ms
    }
}

/// The longest pause between two rounds of polling one descriptor after the other.
const MAX_POLL_EACH_PAUSE_MS: c_int = 5;

/// The number of calls in a row with a timeout of zero of which one waits. The budget of
/// wasmtime's runtime is 128 polls, and a call polls each stream once.
const ZERO_TIMEOUTS_PER_WAIT: u32 = 32;

/// The timeout in place of none: half an hour.
const MAX_WAIT_MS: c_int = 1_800_000;
