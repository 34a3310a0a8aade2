//! Putting events into the caller's buffer: one for each registration and select, within the
//! buffer's capacity. WASI preview 1.

use std::num::NonZeroI32;

use super::slot::State;
use super::{Registrations, Waiting};
use crate::sys::contract::Events as _;
use crate::sys::event::{Events, Readiness};
use crate::sys::wasip1::selector::subscription::{Direction, Key};

/// The result of reporting an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Report {
    /// It is in the caller's buffer.
    Done,
    /// The buffer is full.
    Full,
    /// The key is stale, or the direction is not armed.
    Stale,
}

impl Registrations {
    /// Begins a select.
    pub(in super::super) fn begin_select(&mut self) {
        self.turn += 1;
    }

    /// The number of the current select.
    #[inline]
    pub(in super::super) fn turn(&self) -> u64 {
        self.turn
    }

    /// Are there events that wait for capacity?
    #[inline]
    pub(in super::super) fn has_overflow(&self) -> bool {
        !self.overflow.is_empty()
    }

    /// Has the current select reported an event of the host for this direction?
    pub(in super::super) fn has_host_event(&self, key: Key) -> bool {
        self.current(key).is_some_and(|entry| {
            let state = entry.states[key.direction() as usize];
            entry.last_event.0 == self.turn && matches!(state, State::Reported(_) | State::Closed)
        })
    }

    /// Are there new connections, which are writable?
    #[inline]
    pub(in super::super) fn has_writable(&self) -> bool {
        !self.writable.is_empty()
    }

    /// Reports new connections as writable. Arms them for writing instead where that would leave
    /// nothing of the buffer to an event of another source.
    pub(in super::super) fn deliver_writable(&mut self, events: &mut Events) {
        if events.len() + self.writable.len() >= events.capacity() {
            return self.arm_writable();
        }
        while let Some(slot) = self.take_writable() {
            self.slots[slot as usize].put(self.turn, Readiness::WRITABLE, events);
        }
    }

    /// Arms new connections for writing.
    pub(in super::super) fn arm_writable(&mut self) {
        while let Some(slot) = self.take_writable() {
            self.arm(slot, Direction::Write);
        }
    }

    /// Takes the slot of a connection whose state is `Writable`, and makes it `Idle`.
    #[inline]
    fn take_writable(&mut self) -> Option<u32> {
        while let Some(slot) = self.writable.pop() {
            // Whoever has this slot now: only its state counts.
            let state = &mut self.slots[slot as usize].states[Direction::Write as usize];
            if *state == State::Writable {
                *state = State::Idle;
                return Some(slot);
            }
        }
        None
    }

    /// Reports that an armed direction is ready.
    #[inline]
    pub(in super::super) fn deliver(&mut self, key: Key, events: &mut Events) {
        let readiness = key.direction().readiness();
        if self.report(key, readiness, events) == Report::Full {
            self.queue(key, readiness);
        }
    }

    /// Reports any readiness for an armed direction. An error and the end of both directions
    /// disarm both; the end of writing is final. `false` when it was not reported now.
    pub(in super::super) fn deliver_readiness(
        &mut self,
        key: Key,
        readiness: Readiness,
        events: &mut Events,
    ) -> bool {
        match self.report(key, readiness, events) {
            Report::Done => {}
            Report::Full => {
                self.queue(key, readiness);
                return false;
            }
            Report::Stale => return false,
        }
        let write_closed = readiness.has(Readiness::WRITE_CLOSED);
        if readiness.has(Readiness::ERROR)
            || (write_closed && readiness.has(Readiness::READ_CLOSED))
        {
            self.disarm_both(key.slot());
        }
        if write_closed {
            self.disarm(key.slot(), Direction::Write);
            self.slots[key.slot() as usize].states[Direction::Write as usize] = State::Closed;
        }
        true
    }

    /// Reports what concerns both directions, as readiness of those that are of interest: an
    /// error, or the end of both. The next operation returns the reason to the program. Does
    /// nothing when the direction of the key is not armed.
    pub(in super::super) fn deliver_to_both(
        &mut self,
        key: Key,
        readiness: Readiness,
        events: &mut Events,
    ) {
        let Some(interests) = self.current(key).and_then(|entry| entry.interests) else {
            return;
        };
        let readiness = readiness
            .and_if(interests.is_readable(), Readiness::READABLE)
            .and_if(interests.is_writable(), Readiness::WRITABLE);
        self.deliver_readiness(key, readiness, events);
    }

    /// Reports what has waited for capacity, unless it is stale.
    pub(in super::super) fn deliver_overflow(&mut self, events: &mut Events) {
        while !events.is_full() {
            let Some(waiting) = self.overflow.pop_front() else {
                return;
            };
            let (slot, direction) = (waiting.key.slot(), waiting.key.direction());
            let entry = &self.slots[slot as usize];
            let is_queued = matches!(entry.states[direction as usize], State::Queued(_));
            if is_queued && entry.removals == waiting.removals {
                let key = self.key(slot, direction);
                self.deliver_readiness(key, waiting.readiness, events);
            }
        }
    }

    /// Makes the next select report an armed direction as ready.
    pub(in super::super) fn report_in_next_select(&mut self, key: Key) {
        self.queue(key, key.direction().readiness());
    }

    /// Takes the pending error of a socket.
    pub(in super::super) fn take_pending_error(&mut self, slot: u32) -> Option<NonZeroI32> {
        self.slots[slot as usize].source.pending_error.take()
    }

    /// Gives a new registration the pending error of its socket.
    pub(in super::super) fn set_pending_error(&mut self, slot: u32, number: NonZeroI32) {
        self.slots[slot as usize].source.pending_error = Some(number);
        self.report_pending_error(slot);
    }

    /// Makes the next select report a registration that has a pending error: the host reports
    /// it no longer.
    pub(super) fn report_pending_error(&mut self, slot: u32) {
        if self.slots[slot as usize].source.pending_error.is_some() {
            if let Some(key) = self.armed_key(slot) {
                self.report_in_next_select(key);
            }
        }
    }

    /// Reports readiness of an armed direction.
    #[inline]
    fn report(&mut self, key: Key, readiness: Readiness, events: &mut Events) -> Report {
        let Some(entry) = self.slots.get_mut(key.slot() as usize) else {
            return Report::Stale;
        };
        // A free slot has nothing armed.
        if entry.generation != key.generation() {
            return Report::Stale;
        }
        let state = entry.states[key.direction() as usize];
        let (State::Armed(index) | State::Queued(index)) = state else {
            return Report::Stale;
        };
        if !entry.put(self.turn, readiness, events) {
            return Report::Full;
        }
        entry.states[key.direction() as usize] = State::Reported(index);
        self.reported_count += 1;
        entry.backoffs[key.direction() as usize].reset();
        self.reported.push(key);
        Report::Done
    }

    /// Keeps readiness of an armed direction for the next select.
    #[cold]
    fn queue(&mut self, key: Key, readiness: Readiness) {
        if let Some(entry) = self.current_mut(key) {
            let state = &mut entry.states[key.direction() as usize];
            if let State::Armed(index) = *state {
                *state = State::Queued(index);
                let removals = entry.removals;
                self.overflow.push_back(Waiting {
                    key,
                    removals,
                    readiness,
                });
            }
        }
    }
}
