//! The registrations of a selector, and the array of subscriptions that is handed to the host
//! as it is. WASI preview 1.
//!
//! A registration lives in a numbered slot. Each armed direction is one subscription in a dense
//! array: arming appends one, disarming moves the last one into the gap, and a subscription and
//! its direction know each other's place. So each change is O(1), and the array is never built
//! anew, which would cost an interpreter as much as the host's own work.
//!
//! The user data of a subscription name slot, generation and direction. Each change of a
//! registration increments its generation, so an event of an earlier one is recognised and
//! dropped.
//!
//! The states of a direction (`slot.rs`):
//!
//! | from | by | to |
//! |---|---|---|
//! | any | registration, change, `arm_all`; but the next rows | `Armed` |
//! | `Queued` | change of the token alone | `Queued`, in its old place |
//! | free slot | registration of an accepted stream for reading and writing: its writing | `Writable` |
//! | `Writable` | a select without waiting that has capacity for its event | `Idle`, with that event |
//! | `Writable` | any other select, or many registrations | `Armed` |
//! | `Armed` | an event | `Reported` |
//! | `Armed` | an event that finds the caller's buffer full, or is kept for the next select | `Queued` |
//! | `Queued` | the next select that has capacity for its event | `Reported` |
//! | `Reported` | I/O that may have used the readiness up | `Armed`, in its old place |
//! | `Reported` | `compact`, before the next poll of the host | `Idle` |
//! | `Idle`, `Retrying`, `Writable` | I/O that may have used the readiness up | `Armed` |
//! | any but `Refused` | a failed accept, a half-closed writer (`retry`) | `Retrying` |
//! | `Retrying` | the end of its backoff | `Armed` |
//! | `Reported` | the event says that the host refuses to watch it | `Refused` |
//! | `Refused` | I/O begins its backoff; the end of that | `Armed` |
//! | `Armed`, `Reported` | the event of an error, or of the end of both directions | `Idle` |
//! | any, of writing | the event says that writing is closed | `Closed` |

mod delivery;
mod slot;
mod subscriptions;

use std::collections::VecDeque;

use wasi::{Fd, Subscription};

pub(super) use self::slot::{Peekable, Source};
use self::slot::{Slot, State};
use super::subscription::{clock, subscription, Direction, Key};
use crate::sys::event::Readiness;
use crate::sys::retry::{due_tick, Backoff, RetryQueue, Schedule, ACCEPT_RETRY_DELAY};
use crate::sys::wasip1::source::{Kind, RawSource};
use crate::{Interest, Token};

/// The unit of all backoffs: what is due at about the same time is armed together.
const RETRY_TICK_NS: u64 = ACCEPT_RETRY_DELAY.as_nanos() as u64;

/// The backoffs of a direction: they double up to 640 ms.
const RETRY_DELAYS: Schedule = Schedule {
    free: 0,
    first_ns: RETRY_TICK_NS,
    max_doublings: 6,
};

/// An event that waits for capacity.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    /// The direction.
    key: Key,
    /// The removals from its slot, so that it is known to be of the same registration also after
    /// changes of that.
    removals: u32,
    /// What is ready.
    readiness: Readiness,
}

/// All registrations of a selector.
pub(super) struct Registrations {
    /// The slots, free ones among them.
    slots: Vec<Slot>,
    /// The numbers of the free slots.
    free: Vec<u32>,
    /// The clock, and then the subscriptions.
    subscriptions: Vec<Subscription>,
    /// The keys of what was reported since the last `compact`.
    reported: Vec<Key>,
    /// The number of directions that are `Reported`: most programs have re-armed them all by the
    /// next poll.
    reported_count: usize,
    /// Directions in their backoff.
    retries: RetryQueue<u64, Key>,
    /// The slots of streams that became `Writable` since the last select.
    writable: Vec<u32>,
    /// Events that wait for capacity in the caller's buffer, in their order.
    overflow: VecDeque<Waiting>,
    /// The number of the current select.
    turn: u64,
    /// The slots of the datagram sockets.
    datagrams: Vec<u32>,
}

/// Registering.
impl Registrations {
    /// No registrations.
    pub(super) fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            subscriptions: vec![clock(0)],
            reported: Vec::new(),
            reported_count: 0,
            retries: RetryQueue::new(),
            writable: Vec::new(),
            overflow: VecDeque::new(),
            turn: 0,
            datagrams: Vec::new(),
        }
    }

    /// Adds a registration with its directions armed, but for the writing of a new connection,
    /// and returns its slot. `None` when there are more than can be numbered.
    pub(super) fn insert(
        &mut self,
        source: RawSource,
        token: Token,
        interests: Interest,
    ) -> Option<u32> {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => self.new_slot(source)?,
        };
        let mut source = Source::new(source);
        if matches!(source.kind, Kind::Datagram | Kind::RawFdDatagram) {
            source.datagram_index = self.datagrams.len() as u32;
            self.datagrams.push(slot);
        }
        self.slots[slot as usize].source = source;
        self.set_interests(slot, token, interests);
        self.arm(slot, Direction::Read);
        // The send buffer of a new connection is empty. (The program may have filled it, before or
        // in an earlier registration: then the event is spurious, which is legal.) A reset is
        // found by polling for reading. The list is no longer than that of the slots, also when
        // connections come and go without a select.
        let is_writable = source.peekable == Peekable::Yes
            && interests.is_readable()
            && interests.is_writable()
            && self.writable.len() < self.slots.len();
        if is_writable {
            self.slots[slot as usize].states[Direction::Write as usize] = State::Writable;
            self.writable.push(slot);
        } else {
            self.arm(slot, Direction::Write);
        }
        Some(slot)
    }

    /// Adds a free slot.
    fn new_slot(&mut self, source: RawSource) -> Option<u32> {
        let slot = self.slots.len();
        if slot > Key::MAX_SLOT {
            return None;
        }
        self.slots.push(Slot::free(Source::new(source), 0));
        // Capacity for each slot to be free, so that removing never allocates.
        self.free.reserve(self.slots.len() - self.free.len());
        Some(slot as u32)
    }

    /// Replaces token and interests, with the directions armed.
    pub(super) fn change(&mut self, slot: u32, token: Token, interests: Interest) {
        let Slot {
            interests: old_interests,
            states,
            ..
        } = self.slots[slot as usize];
        self.retire(slot);
        self.set_interests(slot, token, interests);
        for direction in Direction::BOTH {
            self.arm(slot, direction);
        }
        // What waits for capacity keeps its place: the host would report it as the last one.
        if old_interests == self.slots[slot as usize].interests {
            for direction in Direction::BOTH {
                self.restore_queued(slot, direction, states[direction as usize]);
            }
        }
        self.report_pending_error(slot);
    }

    /// Makes an armed direction `Queued`, if that is what it was.
    fn restore_queued(&mut self, slot: u32, direction: Direction, before: State) {
        let state = &mut self.slots[slot as usize].states[direction as usize];
        if let (State::Queued(_), State::Armed(index)) = (before, *state) {
            *state = State::Queued(index);
        }
    }

    /// Sets token and interests.
    fn set_interests(&mut self, slot: u32, token: Token, interests: Interest) {
        let entry = &mut self.slots[slot as usize];
        entry.token = token;
        entry.interests = Some(entry.source.possible(interests));
    }

    /// Removes a registration.
    pub(super) fn remove(&mut self, slot: u32) {
        let index = self.slots[slot as usize].source.datagram_index;
        if index != Source::NO_DATAGRAM {
            self.datagrams.swap_remove(index as usize);
            if let Some(&moved) = self.datagrams.get(index as usize) {
                self.slots[moved as usize].source.datagram_index = index;
            }
        }
        self.retire(slot);
        let entry = &mut self.slots[slot as usize];
        entry.removals = entry.removals.wrapping_add(1);
        self.free.push(slot);
    }

    /// Disarms both directions, and makes all keys stale.
    fn retire(&mut self, slot: u32) {
        self.disarm_both(slot);
        let entry = &mut self.slots[slot as usize];
        entry.source.active_index = None;
        *entry = Slot {
            removals: entry.removals,
            ..Slot::free(entry.source, entry.generation.wrapping_add(1))
        };
    }
}

/// Arming.
impl Registrations {
    /// Arms a direction if it is of interest.
    pub(super) fn arm(&mut self, slot: u32, direction: Direction) {
        let key = self.key(slot, direction);
        let entry = &mut self.slots[slot as usize];
        let is_wanted = entry.interests.is_some_and(|all| direction.is_in(all));
        let state = &mut entry.states[direction as usize];
        *state = match *state {
            State::Armed(_) | State::Queued(_) => return,
            State::Reported(index) => {
                self.reported_count -= 1;
                State::Armed(index)
            }
            _ if is_wanted => {
                self.subscriptions.push(subscription(key, entry.source.fd));
                State::Armed(self.subscriptions.len() as u32 - 1)
            }
            _ => State::Idle,
        };
    }

    /// Arms a direction of all registrations.
    pub(super) fn arm_all(&mut self, direction: Direction) {
        for slot in 0..self.slots.len() as u32 {
            self.arm(slot, direction);
        }
    }

    /// Re-arms a direction after I/O that may have used its readiness up, if it still has its
    /// subscription. `false` when it has none, and `rearm_unsubscribed` is to be called: that
    /// is no part of each read.
    #[inline]
    pub(super) fn rearm(&mut self, slot: u32, direction: Direction) -> bool {
        let entry = &mut self.slots[slot as usize];
        let state = &mut entry.states[direction as usize];
        match *state {
            State::Armed(_) | State::Queued(_) => {}
            State::Reported(index) => {
                self.reported_count -= 1;
                *state = State::Armed(index);
            }
            _ => return false,
        }
        entry.backoffs[direction as usize].reset();
        true
    }

    /// The same for a direction without a subscription. `now` is the time.
    pub(super) fn rearm_unsubscribed(
        &mut self,
        slot: u32,
        direction: Direction,
        now: impl FnOnce() -> Option<u64>,
    ) {
        let entry = &mut self.slots[slot as usize];
        match entry.states[direction as usize] {
            State::Closed => {}
            // The host may refuse again.
            State::Refused => self.retry(slot, direction, now()),
            _ => {
                entry.backoffs[direction as usize].reset();
                self.arm(slot, direction);
            }
        }
    }

    /// Disarms a direction, and arms it after a backoff, which doubles with each retry in a
    /// row. Without a time it is armed at once: early is better than never.
    pub(super) fn retry(&mut self, slot: u32, direction: Direction, now: Option<u64>) {
        let Some(now) = now else {
            return self.arm(slot, direction);
        };
        self.disarm(slot, direction);
        let key = self.key(slot, direction);
        let entry = &mut self.slots[slot as usize];
        let state = &mut entry.states[direction as usize];
        // A refusal stays known, so that more I/O does not end its backoff.
        if *state != State::Refused {
            *state = State::Retrying;
        }
        if !std::mem::replace(&mut entry.in_retry_queue[direction as usize], true) {
            let delay_ns = entry.backoffs[direction as usize].next_ns(&RETRY_DELAYS);
            let due = due_tick(now.saturating_add(delay_ns), RETRY_TICK_NS);
            self.retries.push(due, key);
        }
    }

    /// When the next retry is due.
    #[inline]
    pub(super) fn next_retry(&self) -> Option<u64> {
        self.retries.next_due()
    }

    /// Arms what is due.
    pub(super) fn arm_due(&mut self, now: u64) {
        while let Some(key) = self.retries.pop_due(now) {
            let (slot, direction) = (key.slot(), key.direction());
            if let Some(entry) = self.current_mut(key) {
                entry.in_retry_queue[direction as usize] = false;
                let state = entry.states[direction as usize];
                if matches!(state, State::Retrying | State::Refused) {
                    self.arm(slot, direction);
                }
            }
        }
    }

    /// Notes that the host has refused to watch a direction. `backoff` is what it was before
    /// its event was reported.
    pub(super) fn refuse(&mut self, key: Key, backoff: Backoff) {
        self.disarm(key.slot(), key.direction());
        let entry = &mut self.slots[key.slot() as usize];
        entry.states[key.direction() as usize] = State::Refused;
        entry.backoffs[key.direction() as usize] = backoff;
    }

    /// Disarms what was reported and not re-armed since.
    #[inline]
    pub(super) fn compact(&mut self) {
        if self.reported_count == 0 {
            self.reported.clear();
            return;
        }
        while let Some(key) = self.reported.pop() {
            let (slot, direction) = (key.slot(), key.direction());
            // Whoever has this slot now: only its state counts.
            let state = self.slots[slot as usize].states[direction as usize];
            if matches!(state, State::Reported(_)) {
                self.disarm(slot, direction);
            }
        }
    }

    /// Removes the subscription of a direction, if it has one.
    fn disarm(&mut self, slot: u32, direction: Direction) {
        let state = &mut self.slots[slot as usize].states[direction as usize];
        let Some(&mut index) = state.subscription() else {
            return;
        };
        if matches!(state, State::Reported(_)) {
            self.reported_count -= 1;
        }
        *state = State::Idle;
        self.subscriptions.swap_remove(index as usize);
        if let Some(moved) = self.subscriptions.get(index as usize) {
            let moved = Key::decode(moved.userdata);
            let entry = &mut self.slots[moved.slot() as usize];
            if let Some(place) = entry.states[moved.direction() as usize].subscription() {
                *place = index;
            }
        }
    }

    /// Removes the subscriptions of both directions.
    fn disarm_both(&mut self, slot: u32) {
        for direction in Direction::BOTH {
            self.disarm(slot, direction);
        }
    }
}

/// Questions, and facts about a source. A key that is stale or of no slot gets `None`.
impl Registrations {
    /// Is nothing registered?
    pub(super) fn is_empty(&self) -> bool {
        self.slots.len() == self.free.len()
    }

    /// Is this descriptor registered?
    pub(super) fn has_descriptor(&self, fd: Fd) -> bool {
        let mut slots = self.slots.iter();
        slots.any(|entry| entry.source.fd == fd && entry.interests.is_some())
    }

    /// The slots of the datagram sockets.
    #[inline]
    pub(super) fn datagrams(&self) -> &[u32] {
        &self.datagrams
    }

    /// The key of a direction of a registration.
    pub(super) fn key(&self, slot: u32, direction: Direction) -> Key {
        Key::new(slot, self.slots[slot as usize].generation, direction)
    }

    /// The registration that a key is about, if it is the current one of its slot.
    fn current(&self, key: Key) -> Option<&Slot> {
        let slot = self.slots.get(key.slot() as usize);
        slot.filter(|slot| slot.generation == key.generation() && slot.interests.is_some())
    }

    /// The same, to be changed.
    fn current_mut(&mut self, key: Key) -> Option<&mut Slot> {
        let slot = self.slots.get_mut(key.slot() as usize);
        slot.filter(|slot| slot.generation == key.generation() && slot.interests.is_some())
    }

    /// What is known of the source.
    pub(super) fn source(&self, key: Key) -> Option<&Source> {
        self.current(key).map(|entry| &entry.source)
    }

    /// The same, to be changed.
    pub(super) fn source_mut(&mut self, key: Key) -> Option<&mut Source> {
        self.current_mut(key).map(|entry| &mut entry.source)
    }

    /// Is this direction armed?
    pub(super) fn is_armed(&self, key: Key) -> bool {
        self.current(key)
            .is_some_and(|entry| entry.is_armed(key.direction()))
    }

    /// What a peek at a stream of the active set needs: its descriptor, if the direction is
    /// armed. `None` when it may not be peeked at. One question instead of three, for each peek.
    #[inline]
    pub(super) fn peekable(&self, key: Key) -> Option<Option<Fd>> {
        let entry = self.slots.get(key.slot() as usize)?;
        // A free slot has another generation than each key that was made before.
        if entry.generation != key.generation() || entry.source.peekable != Peekable::Yes {
            return None;
        }
        Some(entry.is_armed(key.direction()).then_some(entry.source.fd))
    }

    /// The first armed direction of a registration.
    fn armed_key(&self, slot: u32) -> Option<Key> {
        let mut keys = Direction::BOTH.into_iter().map(|each| self.key(slot, each));
        keys.find(|key| self.is_armed(*key))
    }

    /// The retries of a direction in a row.
    pub(super) fn backoff(&self, key: Key) -> Option<Backoff> {
        self.current(key)
            .map(|entry| entry.backoffs[key.direction() as usize])
    }
}
