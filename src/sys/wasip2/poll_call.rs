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
//! (seen in 36) reports no stream as ready when it is polled repeatedly without a wait: all
//! polls share the budget of one task of its runtime, which a wait renews
//! (<https://github.com/bytecodealliance/wasmtime/issues/14174>).

use std::io;
use std::mem::size_of_val;
use std::os::fd::RawFd;
use std::time::Instant;

use libc::{c_int, c_short, pollfd, POLLERR, POLLHUP, POLLIN};

use super::active_set::ActiveSet;
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
    /// The indices that the last call has set bits of.
    reported: Vec<usize>,
    /// The index and the descriptor of a socket that the host has reported as readable.
    valid: Option<(usize, RawFd)>,
    /// Those that were ready recently.
    active_set: ActiveSet,
    /// The clock of the active set.
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
            gathered: Vec::new(),
            indices: Vec::new(),
            reported: Vec::new(),
            valid: None,
            active_set: ActiveSet::new(),
            started: Instant::now(),
            consecutive_zero_timeouts: 0,
        }
    }

    /// Notes that the element with this index of the next call's array is a new registration.
    pub(crate) fn note_registered(&mut self, index: usize) {
        if self.valid.is_some_and(|(valid, _)| valid == index) {
            self.valid = None;
        }
        self.active_set.note_registered(index);
    }

    /// Waits for any of `fds`, for at most this many milliseconds (-1: indefinitely), and
    /// returns how many have something to report. It may return early, with none.
    ///
    /// The elements that did not change since the last call are as that has left them.
    pub(crate) fn poll(&mut self, fds: &mut [pollfd], timeout_ms: c_int) -> io::Result<usize> {
        for index in self.reported.drain(..) {
            if let Some(fd) = fds.get_mut(index) {
                fd.revents = 0;
            }
        }
        let mut left_ms = timeout_ms;
        if self.active_set.is_small() {
            let now = self.now();
            let wait = self.active_set.time_to_full_poll(now);
            if let Some(wait) = wait.filter(|_| self.gather_active(fds)) {
                let wait_ms = finite(left_ms).min(rounded_up_ms(wait));
                let count = self.poll_active(fds, wait_ms, now);
                if count > 0 {
                    return Ok(count);
                }
                if left_ms > 0 {
                    left_ms -= wait_ms;
                }
            }
        }
        self.poll_all(fds, left_ms)
    }

    /// Gathers the active set. Returns whether it has any events to wait for.
    fn gather_active(&mut self, fds: &[pollfd]) -> bool {
        self.gathered.clear();
        self.indices.clear();
        for &index in self.active_set.members() {
            if let Some(fd) = fds.get(index).filter(|fd| is_watched(fd)) {
                self.gathered.push(*fd);
                self.indices.push(index);
            }
        }
        !self.gathered.is_empty()
    }

    /// Gathers all descriptors, the active ones last: what is ready uses up the budget of
    /// wasmtime's runtime, without which what comes later in the list is not reported.
    fn gather_all(&mut self, fds: &[pollfd]) {
        self.gathered.clear();
        self.indices.clear();
        let set = &self.active_set;
        let others = (0..fds.len()).filter(|index| !set.has(*index));
        for index in others.chain(set.members().iter().copied()) {
            if let Some(fd) = fds.get(index).filter(|fd| is_watched(fd)) {
                self.gathered.push(*fd);
                self.indices.push(index);
            }
        }
    }

    /// Polls what was gathered, of the active set. Returns none also if that fails: a poll of all
    /// finds out which one is the reason.
    fn poll_active(&mut self, fds: &mut [pollfd], timeout_ms: c_int, now: u64) -> usize {
        let timeout_ms = self.effective_timeout_ms(timeout_ms);
        closing::add_sending(&mut self.gathered);
        let count = raw_poll::poll(&mut self.gathered, timeout_ms)
            .map_or(0, |count| self.close_reported(count));
        if count > 0 {
            self.report(fds, Some(now));
        }
        count
    }

    /// Polls all descriptors.
    fn poll_all(&mut self, fds: &mut [pollfd], timeout_ms: c_int) -> io::Result<usize> {
        self.gather_all(fds);
        let watched = self.gathered.len();
        self.active_set.begin_full_poll(watched);
        closing::add_sending(&mut self.gathered);
        if self.gathered.is_empty() {
            return wait(finite(timeout_ms));
        }
        // No timer for the host in the usual case.
        let timeout_ms = if self.has_valid(fds) {
            timeout_ms
        } else {
            finite(timeout_ms)
        };
        let began = ActiveSet::is_worthwhile(watched).then(|| self.now());
        let timeout_ms = self.effective_timeout_ms(timeout_ms);
        let count = match raw_poll::poll(&mut self.gathered, timeout_ms) {
            Ok(count) => count,
            Err(_) => self.poll_each(timeout_ms)?,
        };
        let count = self.close_reported(count);
        let Some(began) = began else {
            self.report(fds, None);
            return Ok(count);
        };
        let now = self.now();
        self.report(fds, Some(now));
        // A call that doesn't wait may report nothing because the budget is used up.
        if count > 0 || timeout_ms != 0 {
            self.active_set.end_full_poll(began, now);
        }
        Ok(count)
    }

    /// Closes the streams that were reported, and returns how many of `count` are left.
    fn close_reported(&self, count: usize) -> usize {
        count.saturating_sub(closing::close_reported(
            &self.gathered[self.indices.len()..],
        ))
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

    /// Copies what a call has reported; with a time, into the active set too.
    fn report(&mut self, fds: &mut [pollfd], now: Option<u64>) {
        for (gathered, &index) in self.gathered.iter().zip(&self.indices) {
            if gathered.revents == 0 {
                continue;
            }
            fds[index].revents = gathered.revents;
            match socket_error(gathered.fd) {
                Some(0) if gathered.revents & POLLIN != 0 => {
                    self.valid = Some((index, gathered.fd));
                }
                Some(error) if error != 0 && error != libc::EINPROGRESS => {
                    fds[index].revents |= POLLERR | POLLHUP;
                }
                _ => {}
            }
            self.reported.push(index);
            if let Some(now) = now {
                self.active_set.note_ready(index, now);
            }
        }
    }

    /// The nanoseconds since there is this object.
    fn now(&self) -> u64 {
        self.started.elapsed().as_nanos() as u64
    }

    /// The timeout of a call: a millisecond in place of zero in every
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

/// Has the descriptor events to wait for?
fn is_watched(fd: &pollfd) -> bool {
    fd.fd >= 0 && fd.events != 0
}

/// Nanoseconds in milliseconds, rounded up.
fn rounded_up_ms(ns: u64) -> c_int {
    c_int::try_from(ns.saturating_add(999_999) / 1_000_000).unwrap_or(MAX_WAIT_MS)
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

/// The timeout in place of none, half an hour, if a closed descriptor may have been left out of
/// the list that the host gets.
const MAX_WAIT_MS: c_int = 1_800_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// The array of a call with this many descriptors that are watched.
    fn watched(count: usize) -> Vec<pollfd> {
        let fd = |index| pollfd {
            fd: index as RawFd,
            events: POLLIN,
            revents: 0,
        };
        (0..count).map(fd).collect()
    }

    #[test]
    fn full_poll_lists_active_descriptors_last() {
        let mut call = PollCall::new();
        let mut fds = watched(100);
        call.active_set.begin_full_poll(fds.len());
        call.active_set.note_ready(3, 1);
        call.active_set.note_ready(70, 1);
        fds[5].events = 0;
        call.gather_all(&fds);
        assert_eq!(call.gathered.len(), 99);
        assert_eq!(call.indices[..5], [0, 1, 2, 4, 6]);
        assert_eq!(call.indices[97..], [3, 70]);
        assert_eq!(call.gathered[98].fd, 70);
    }

    #[test]
    fn active_descriptors_without_interest_are_not_polled_alone() {
        let mut call = PollCall::new();
        let mut fds = watched(100);
        call.active_set.begin_full_poll(fds.len());
        call.active_set.note_ready(3, 1);
        assert!(call.gather_active(&fds));
        assert_eq!(call.indices, [3]);
        fds[3].events = 0;
        assert!(!call.gather_active(&fds));
    }

    #[test]
    fn a_timeout_is_rounded_up() {
        assert_eq!(rounded_up_ms(1), 1);
        assert_eq!(rounded_up_ms(1_000_000), 1);
        assert_eq!(rounded_up_ms(1_000_001), 2);
        assert_eq!(rounded_up_ms(u64::MAX), MAX_WAIT_MS);
    }
}
