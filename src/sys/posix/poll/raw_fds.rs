//! Entries that are registered by a mere number (`SourceFd`), which no I/O of this library
//! re-arms.
//!
//! Each call begins with a probe, a poll(2) that doesn't wait, of the directions that were
//! reported. It can't see I/O that was done and undone by new data, so a direction that
//! stays ready is reported once more after a delay: a spurious event does no harm, a lost one
//! would.
//!
//! ```text
//! reported, end of a direction:   not re-armed until reregister
//! reported, otherwise:            due after a delay, which doubles from 1 ms to the maximum
//! probe, not ready:               re-arm at once, reset the delay
//! probe, ready and not due:       wait, at most until it is due
//! probe, ready and due:           re-arm, hence report
//! ```

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use libc::{c_short, pollfd, POLLERR, POLLHUP, POLLIN, POLLOUT};

use super::entries::Entries;
use crate::sys::posix::platform::poll_call::{POLLNVAL, POLLPRI, POLLRDHUP};
use crate::sys::posix::raw_poll;
use crate::sys::retry::{due_tick, Backoff, Schedule};
use crate::sys::{already_registered, not_registered};
use crate::{Interest, Token};

/// The unit of delays: what is due at about the same time comes together.
const TICK_NS: u64 = 1_000_000;

/// The delays of each direction double up to 8 ms for reading, since data are rarely left
/// unread, and up to 32 ms for writing, since most descriptors are writable most of the time.
const SCHEDULES: [Schedule; 2] = [doubling(3), doubling(5)];

/// Delays that double this often.
const fn doubling(max_doublings: u8) -> Schedule {
    Schedule {
        free: 0,
        first_ns: TICK_NS,
        max_doublings,
    }
}

/// The bits of each direction: reading, writing.
const DIRECTIONS: [c_short; 2] = [POLLIN | POLLRDHUP | POLLPRI, POLLOUT];

/// The bits that are reported whether they are in `events` or not.
const END: c_short = POLLERR | POLLHUP | POLLNVAL;

/// The descriptors, and their directions that were reported.
pub(super) struct RawFds {
    /// The entry of each descriptor.
    entries: HashMap<RawFd, usize>,
    /// The delays of each entry that was reported, by direction.
    backoffs: HashMap<usize, [Backoff; 2]>,
    /// The directions that were reported and are not armed.
    reported: Vec<Reported>,
    /// The array of the probe, kept for its memory.
    fds: Vec<pollfd>,
    /// The time that nanoseconds are counted from.
    start: Instant,
}

impl fmt::Debug for RawFds {
    /// Not every `pollfd` of the libc crate is `Debug`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawFds")
            .field("entries", &self.entries)
            .field("reported", &self.reported)
            .finish_non_exhaustive()
    }
}

impl Default for RawFds {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
            backoffs: HashMap::new(),
            reported: Vec::new(),
            fds: Vec::new(),
            start: Instant::now(),
        }
    }
}

/// A direction that was reported and is not armed.
#[derive(Debug)]
struct Reported {
    /// The entry.
    index: usize,
    /// The index of the direction in `DIRECTIONS`.
    direction: usize,
    /// The bits to arm.
    bits: c_short,
    /// The time at which it is armed even if it is still ready.
    due: u64,
}

impl RawFds {
    /// Adds a descriptor.
    pub(super) fn add(
        &mut self,
        entries: &mut Entries,
        fd: RawFd,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        if self.entries.contains_key(&fd) {
            return Err(already_registered());
        }
        let index = entries.add_raw_fd(fd, token, interests)?;
        self.entries.insert(fd, index);
        Ok(())
    }

    /// Replaces token and interests of a descriptor, and arms all directions.
    pub(super) fn change(
        &mut self,
        entries: &mut Entries,
        fd: RawFd,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        let index = *self.entries.get(&fd).ok_or_else(not_registered)?;
        entries.change(index, token, interests)?;
        self.forget(index);
        Ok(())
    }

    /// Removes a descriptor.
    pub(super) fn remove(&mut self, entries: &mut Entries, fd: RawFd) -> io::Result<()> {
        let index = self.entries.remove(&fd).ok_or_else(not_registered)?;
        self.forget(index);
        entries.remove(index);
        Ok(())
    }

    /// Notes that bits of an entry were reported, and which bits of its interests were
    /// disarmed.
    pub(super) fn note_reported(&mut self, index: usize, bits: c_short, disarmed: c_short) {
        if bits & (POLLHUP | POLLNVAL) != 0 {
            self.reported.retain(|reported| reported.index != index);
            return;
        }
        let now = self.now();
        let backoffs = self.backoffs.entry(index).or_default();
        for (direction, of_direction) in DIRECTIONS.into_iter().enumerate() {
            let is_this = |other: &Reported| (other.index, other.direction) == (index, direction);
            if bits & POLLRDHUP & of_direction != 0 {
                // The end of the stream lasts: it would be reported indefinitely.
                self.reported.retain(|other| !is_this(other));
                continue;
            }
            let bits = disarmed & of_direction;
            if bits == 0 {
                continue;
            }
            let delay = backoffs[direction].next_ns(&SCHEDULES[direction]);
            let due = due_tick(now + delay, TICK_NS);
            match self.reported.iter_mut().find(|other| is_this(other)) {
                Some(other) => other.bits |= bits,
                None => self.reported.push(Reported {
                    index,
                    direction,
                    bits,
                    due,
                }),
            }
        }
    }

    /// Probes the directions that were reported, and arms those that aren't ready or are
    /// due. Returns the time until the next one is due.
    pub(super) fn probe_reported(&mut self, entries: &mut Entries) -> Option<Duration> {
        if self.reported.is_empty() {
            return None;
        }
        self.fds.clear();
        self.fds.extend(self.reported.iter().map(|reported| pollfd {
            fd: entries.fd(reported.index),
            events: reported.bits,
            revents: 0,
        }));
        if raw_poll::poll(&mut self.fds, 0).is_err() {
            // As if all were ready: each is re-armed when it is due.
            self.fds.iter_mut().for_each(|fd| fd.revents = fd.events);
        }
        let now = self.now();
        let mut probed = self.fds.iter();
        let backoffs = &mut self.backoffs;
        self.reported.retain(|it| {
            let ready = probed.next().map_or(it.bits, |fd| fd.revents);
            if ready == 0 {
                if let Some(backoffs) = backoffs.get_mut(&it.index) {
                    backoffs[it.direction].reset();
                }
            } else if it.due > now {
                return true;
            }
            if ready & END == 0 {
                entries.arm_with_end(it.index, it.bits);
            } else {
                entries.arm(it.index, it.bits);
            }
            false
        });
        let next = self.reported.iter().map(|it| it.due).min()?;
        Some(Duration::from_nanos(next.saturating_sub(now)))
    }

    /// Drops what is known of the reports of an entry.
    fn forget(&mut self, index: usize) {
        self.backoffs.remove(&index);
        self.reported.retain(|reported| reported.index != index);
    }

    /// The nanoseconds since `start`.
    fn now(&self) -> u64 {
        self.start.elapsed().as_nanos() as u64
    }
}
