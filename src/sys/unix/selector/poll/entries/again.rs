//! Arms directions of descriptors again that are registered by their number alone.
//!
//! I/O on a mere number can't be noticed. So each call begins with a look, which
//! never waits, at the directions that were reported. One that isn't ready any more
//! has been used up, and is armed: its next event comes at once. One that still is
//! ready may be untouched, or used up and ready anew. It is armed, hence reported,
//! after a pause, which doubles while nothing else is seen: an event too many does
//! no harm, one too few would. A direction that has come to its end is not armed.

use std::time::{Duration, Instant};

use libc::{c_int, c_short, pollfd, POLLERR, POLLHUP, POLLIN, POLLOUT};

use super::Entries;
use crate::sys::retry::{due_tick, Schedule};
use crate::sys::unix::selector::poll::call::{POLLNVAL, POLLPRI, POLLRDHUP};

/// The unit of all pauses: what is due at about the same time comes together.
const TICK_NS: u64 = 1_000_000;

/// The pauses of each direction double to 8 ms for what is to be read, which is rarely
/// left alone, and to 32 ms for room to write, which most descriptors have most of the
/// time.
const PAUSES: [Schedule; 2] = [pauses(3), pauses(5)];

/// Pauses that double this often.
const fn pauses(max_doublings: u8) -> Schedule {
    Schedule {
        free: 0,
        first_ns: TICK_NS,
        max_doublings,
    }
}

/// The bits of each direction: reading, writing.
const DIRECTIONS: [c_short; 2] = [POLLIN | POLLRDHUP | POLLPRI, POLLOUT];

/// What comes unasked.
const UNASKED: c_short = POLLERR | POLLHUP | POLLNVAL;

/// Directions that were reported, and how long to leave them alone.
#[derive(Debug)]
pub(super) struct Again {
    /// What is to be looked at.
    reported: Vec<Reported>,
    /// The array of the look, kept for its memory.
    fds: Vec<pollfd>,
    /// The moment that nanoseconds are counted from.
    start: Instant,
}

impl Default for Again {
    fn default() -> Self {
        Self {
            reported: Vec::new(),
            fds: Vec::new(),
            start: Instant::now(),
        }
    }
}

/// A direction that was reported.
#[derive(Debug)]
struct Reported {
    /// Whose.
    place: usize,
    /// Its number in `DIRECTIONS`.
    direction: usize,
    /// The bits to arm.
    bits: c_short,
    /// The time at which it is armed even if it is still ready.
    due: u64,
}

impl Again {
    /// Forgets a place.
    pub(super) fn forget(&mut self, place: usize) {
        self.reported.retain(|reported| reported.place != place);
    }

    /// Nanoseconds so far.
    fn now(&self) -> u64 {
        self.start.elapsed().as_nanos() as u64
    }
}

impl Entries {
    /// Notes that bits of a place that is registered by its number were reported and
    /// disarmed.
    pub(super) fn note_reported(&mut self, place: usize, reported: c_short, disarmed: c_short) {
        if reported & (POLLHUP | POLLNVAL) != 0 {
            self.again.forget(place);
            return;
        }
        let now = self.again.now();
        let slot = &mut self.slots[place];
        for (direction, of_direction) in DIRECTIONS.into_iter().enumerate() {
            let bits = slot.wanted & disarmed & of_direction;
            let list = &mut self.again.reported;
            if reported & POLLRDHUP & of_direction != 0 {
                // The end lasts: armed again, the direction would be reported without end.
                list.retain(|other| (other.place, other.direction) != (place, direction));
                continue;
            }
            if bits == 0 {
                continue;
            }
            let pause = slot.pauses[direction].next_ns(&PAUSES[direction]);
            let due = due_tick(now + pause, TICK_NS);
            match list
                .iter_mut()
                .find(|other| (other.place, other.direction) == (place, direction))
            {
                Some(other) => other.bits |= bits,
                None => list.push(Reported {
                    place,
                    direction,
                    bits,
                    due,
                }),
            }
        }
    }

    /// Looks at what was reported, arms what is to be armed, and tells the time until
    /// there is more to do.
    pub(in super::super) fn look_again(&mut self) -> Option<Duration> {
        if self.again.reported.is_empty() {
            return None;
        }
        let mut fds = std::mem::take(&mut self.again.fds);
        fds.clear();
        fds.extend(self.again.reported.iter().map(|reported| pollfd {
            fd: self.slots[reported.place].fd,
            events: reported.bits,
            revents: 0,
        }));
        let no_wait: c_int = 0;
        // SAFETY: the pointer and the length are those of the array, which is
        // borrowed exclusively here.
        let count = unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, no_wait) };
        if count < 0 {
            // As if all were ready: each of them comes again after its pause.
            fds.iter_mut().for_each(|fd| fd.revents = fd.events);
        }

        let now = self.again.now();
        let mut reported = std::mem::take(&mut self.again.reported);
        let mut looked = fds.iter();
        reported.retain(|it| {
            let ready = looked.next().map_or(it.bits, |fd| fd.revents);
            let slot = &mut self.slots[it.place];
            if ready == 0 {
                slot.pauses[it.direction].reset();
            } else if it.due > now {
                return true;
            }
            slot.awaits_end |= ready & UNASKED == 0;
            self.arm(it.place, it.bits);
            false
        });
        self.again.reported = reported;
        self.again.fds = fds;
        let next = self.again.reported.iter().map(|it| it.due).min()?;
        Some(Duration::from_nanos(next.saturating_sub(now)))
    }
}
