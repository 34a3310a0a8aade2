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
//! wasi:io 0.2 says; so the list gets a timer, unless a socket surely is in it. And wasmtime
//! (seen in 36 and 49) reports no stream as ready when it is polled repeatedly without a wait:
//! all polls share the budget of one task of its runtime, which a wait renews
//! (<https://github.com/bytecodealliance/wasmtime/issues/14174>). It polls the streams in the
//! order in which it has made them, whatever the order of the list (`Host for ResourceTable`
//! in crates/wasi-io/src/impls.rs), so when the budget is used up the last ones are left out.
//! That is why parts of the descriptors are polled before all are: `parts.rs`.

use std::io;
use std::mem::size_of_val;
use std::os::fd::RawFd;
use std::time::Instant;

use libc::{c_int, c_short, pollfd, POLLERR, POLLHUP, POLLIN};

use super::active_set::ActiveSet;
use super::listed::Listed;
use super::parts::{Part, Parts};
use crate::sys::posix::raw_poll;

pub(crate) use libc::POLLNVAL;

/// The bit for urgent data: the libc has none.
pub(crate) const POLLPRI: c_short = 0;
/// The bit for a peer that has shut down its writing: the libc has none.
pub(crate) const POLLRDHUP: c_short = 0;

/// The call, with what is known of the calls before.
pub(crate) struct PollCall {
    /// What is polled.
    listed: Listed,
    /// The indices that were reported by the last call that has reported any.
    reported: Vec<usize>,
    /// The index and the descriptor of a socket that the host has reported as readable.
    valid: Option<(usize, RawFd)>,
    /// Which descriptors are polled before all are.
    parts: Parts,
    /// The clock of the parts.
    started: Instant,
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
            listed: Listed::default(),
            reported: Vec::new(),
            valid: None,
            parts: Parts::new(),
            started: Instant::now(),
            consecutive_zero_timeouts: 0,
        }
    }

    /// Notes that the element with this index of the next call's array is a new registration.
    pub(crate) fn note_registered(&mut self, index: usize) {
        if self.valid.is_some_and(|(valid, _)| valid == index) {
            self.valid = None;
        }
        self.parts.note_registered(index);
    }

    /// Notes that the program gets an event of the element with this index.
    pub(crate) fn note_returned(&mut self, index: usize) {
        self.parts.note_returned(index);
    }

    /// Waits for any of `fds`, for at most this many milliseconds (-1: indefinitely), and
    /// returns how many have something to report. It may return early, with none.
    ///
    /// The elements that did not change since the last call are as that has left them.
    pub(crate) fn poll(&mut self, fds: &mut [pollfd], timeout_ms: c_int) -> io::Result<usize> {
        for &index in &self.reported {
            if let Some(fd) = fds.get_mut(index) {
                fd.revents = 0;
            }
        }
        let mut left_ms = self.effective_timeout_ms(timeout_ms);
        let mut count = None;
        if self.parts.is_any_wanted() {
            count = self.poll_parts(fds, &mut left_ms);
        }
        self.parts.end_call();
        count.map_or_else(|| self.poll_all(fds, left_ms), Ok)
    }

    /// Polls parts of the descriptors, and takes the time from `left_ms`. `None` if nothing
    /// was reported.
    fn poll_parts(&mut self, fds: &mut [pollfd], left_ms: &mut c_int) -> Option<usize> {
        let mut now = self.now();
        for part in Part::IN_ORDER {
            let Some(max_wait_ns) = self.parts.max_wait_ns(part, now) else {
                continue;
            };
            let may_wait = *left_ms != 0;
            self.parts
                .list(part, fds, &self.reported, may_wait, &mut self.listed);
            if self.listed.indices().is_empty() {
                continue;
            }
            let wait_ms = rounded_up_ms(max_wait_ns).min(finite(*left_ms));
            let Ok(count) = self.poll_part(fds, part, wait_ms, now) else {
                // It has not waited. A poll of all finds out which one is the reason.
                self.parts.note_failed();
                return None;
            };
            if count > 0 {
                return Some(count);
            }
            let began = std::mem::replace(&mut now, self.now());
            if *left_ms > 0 {
                *left_ms = (*left_ms - elapsed_ms(began, now)).max(0);
            }
        }
        None
    }

    /// Polls what is listed of a part.
    fn poll_part(
        &mut self,
        fds: &mut [pollfd],
        part: Part,
        wait_ms: c_int,
        began: u64,
    ) -> io::Result<usize> {
        self.listed.add_closing();
        let count = self.listed.poll(wait_ms)?;
        let is_unserved = |(index, _)| !self.parts.is_served(index);
        let has_unserved = part == Part::Unserved && self.listed.reported().any(is_unserved);
        if count > 0 {
            // A small buffer is for those whose turn it is.
            self.report(fds, Some(began), has_unserved);
        } else if wait_ms == 0 {
            // The budget may be used up.
            return Ok(0);
        }
        match part {
            Part::Inactive => {
                let now = self.now();
                self.parts.end_full_poll(began, now);
            }
            Part::Unserved => self.parts.note_turn(has_unserved),
            Part::Active => {}
        }
        Ok(count)
    }

    /// Polls all descriptors.
    fn poll_all(&mut self, fds: &mut [pollfd], timeout_ms: c_int) -> io::Result<usize> {
        self.listed.clear();
        self.listed.add(fds, 0..fds.len());
        let watched = self.listed.indices().len();
        self.parts.begin_full_poll(watched);
        if self.listed.add_closing() {
            return wait(finite(timeout_ms));
        }
        // No timer for the host in the usual case.
        let timeout_ms = if self.has_valid(fds) {
            timeout_ms
        } else {
            finite(timeout_ms)
        };
        let began = ActiveSet::is_worthwhile(watched).then(|| self.now());
        let count = match self.listed.poll(timeout_ms) {
            Ok(count) => count,
            Err(_) => self.poll_each(timeout_ms)?,
        };
        let Some(began) = began else {
            self.report(fds, None, false);
            return Ok(count);
        };
        let now = self.now();
        self.report(fds, Some(now), false);
        // As in `poll_part`: else the budget may be used up.
        if count > 0 || timeout_ms != 0 {
            self.parts.end_full_poll(began, now);
        }
        Ok(count)
    }

    /// Is the descriptor that was ready last among the elements, as it was? Then the host gets
    /// it whatever is wrong with the others.
    fn has_valid(&self, fds: &[pollfd]) -> bool {
        let Some((index, valid)) = self.valid else {
            return false;
        };
        let is_there = |fd: &pollfd| fd.fd == valid && fd.events & POLLIN != 0;
        fds.get(index).is_some_and(is_there) && socket_error(valid) == Some(0)
    }

    /// Copies what a call has reported, or that part of it which was not served; with a time,
    /// into the active set too.
    fn report(&mut self, fds: &mut [pollfd], now: Option<u64>, leaves_out_served: bool) {
        if self.listed.reported().next().is_none() {
            return;
        }
        self.reported.clear();
        for (index, fd) in self.listed.reported() {
            if leaves_out_served && self.parts.is_served(index) {
                continue;
            }
            fds[index].revents = fd.revents;
            match socket_error(fd.fd) {
                Some(0) if fd.revents & POLLIN != 0 => self.valid = Some((index, fd.fd)),
                Some(error) if error != 0 && error != libc::EINPROGRESS => {
                    fds[index].revents |= POLLERR | POLLHUP;
                }
                _ => {}
            }
            self.reported.push(index);
            if let Some(now) = now {
                self.parts.note_ready(index, now);
            }
        }
    }

    /// The nanoseconds since there is this object.
    fn now(&self) -> u64 {
        self.started.elapsed().as_nanos() as u64
    }

    /// The timeout of the program's call: a millisecond in place of zero in every
    /// `ZERO_TIMEOUTS_PER_WAIT`th call in a row.
    fn effective_timeout_ms(&mut self, timeout_ms: c_int) -> c_int {
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

    /// Polls one descriptor after the other without waiting, since they can't be polled
    /// together. One that can't be polled at all is reported as closed. If none is ready it
    /// waits for at most `MAX_POLL_EACH_PAUSE_MS`.
    fn poll_each(&mut self, timeout_ms: c_int) -> io::Result<usize> {
        let count = self.listed.poll_each();
        if count == 0 {
            wait(finite(timeout_ms).min(MAX_POLL_EACH_PAUSE_MS))?;
        }
        Ok(count)
    }
}

/// The error of a socket that could not be connected, EINPROGRESS while it is tried, else
/// zero. `None` if it is no open socket. wasi-libc keeps that, without a host call.
fn socket_error(fd: RawFd) -> Option<c_int> {
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
    (result == 0).then_some(value)
}

/// Waits for the time alone.
fn wait(timeout_ms: c_int) -> io::Result<usize> {
    raw_poll::poll(&mut [], timeout_ms)
}

/// Nanoseconds in milliseconds, rounded up.
fn rounded_up_ms(ns: u64) -> c_int {
    c_int::try_from(ns.saturating_add(999_999) / 1_000_000).unwrap_or(MAX_WAIT_MS)
}

/// The milliseconds from one time to the other, rounded down.
fn elapsed_ms(began: u64, now: u64) -> c_int {
    c_int::try_from(now.saturating_sub(began) / 1_000_000).unwrap_or(MAX_WAIT_MS)
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

/// The number of calls in a row with a timeout of zero of which one waits, which renews the
/// budget of wasmtime's task, 128 polls. The host is called up to four times for each.
const ZERO_TIMEOUTS_PER_WAIT: u32 = 16;

/// The timeout in place of none, half an hour, if a closed descriptor may have been left out of
/// the list that the host gets.
const MAX_WAIT_MS: c_int = 1_800_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_rounded_up() {
        assert_eq!(rounded_up_ms(1), 1);
        assert_eq!(rounded_up_ms(1_000_000), 1);
        assert_eq!(rounded_up_ms(1_000_001), 2);
        assert_eq!(rounded_up_ms(u64::MAX), MAX_WAIT_MS);
    }

    #[test]
    fn elapsed_time_is_rounded_down() {
        assert_eq!(elapsed_ms(5, 1_000_004), 0);
        assert_eq!(elapsed_ms(5, 2_000_005), 2);
        assert_eq!(elapsed_ms(7, 5), 0);
        assert_eq!(elapsed_ms(0, u64::MAX), MAX_WAIT_MS);
    }
}
