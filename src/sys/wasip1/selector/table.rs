//! The registrations of a selector, and the list of subscriptions that is handed
//! to the host as it stands. WASI preview 1.
//!
//! Registrations live in numbered slots. What is armed, a direction of a slot, is
//! one subscription in a dense array. To arm appends, to disarm moves the last one
//! into the gap; both know each other's place, so all changes take constant time
//! and the array is never built anew. (Building it costs as much as the host's own
//! work in an interpreter.)
//!
//! What was reported is *spent*. Most programs use it at once and thereby arm it again,
//! so its subscription stays where it is, and is taken out only when the host is to be
//! asked the next time and it is still spent (`settle`).
//!
//! A subscription's user data name slot, generation and direction. The generation
//! changes with every change of the registration, so what the host reports about
//! an earlier one is recognised and dropped.

use std::num::NonZeroI32;

use wasi::Subscription;

use super::hot::Looks;
use super::key::{clock, subscription, Direction, Key};
use crate::sys::event::{Event, Events, Readiness};
use crate::sys::retry::Backoff;
use crate::sys::wasip1::source::{Kind, RawSource};
use crate::{Interest, Token};

/// Place of a source that is no datagram socket.
const NOT_LISTED: u32 = u32::MAX;

/// Place of a subscription that isn't there.
const NOT_ARMED: u32 = u32::MAX;

/// One registration, or room for one.
#[derive(Debug)]
pub(super) struct Slot {
    /// The source.
    pub(super) fd: wasi::Fd,
    /// Its events carry it.
    pub(super) token: Token,
    /// What it is watched for; `None` when the slot is free.
    pub(super) interests: Option<Interest>,
    /// Changes with every change of the registration.
    generation: u32,
    /// For each direction, where its subscription is.
    places: [u32; 2],
    /// For each direction, whether it was reported and not armed again: its
    /// subscription, if it still has a place, is to be taken out.
    spent: [bool; 2],
    /// For each direction, whether its event waits for room in the caller's buffer.
    pub(super) queued: [bool; 2],
    /// The select that has last put an event of this slot into its buffer, and
    /// where.
    pub(super) reported: (u64, usize),
    /// For each direction, whether it waits to be armed at a later time, and how
    /// many such pauses have followed each other.
    pub(super) delayed: [bool; 2],
    pub(super) pauses: [Backoff; 2],
    /// For each direction, whether the host has refused to watch it and is not to be
    /// asked before a pause.
    refused: [bool; 2],
    /// What kind of source it is.
    pub(super) kind: Kind,
    /// Its place in the list of datagram sockets, if it is one.
    datagram_place: u32,
    /// Has the host said that the connection is gone in both directions? Then
    /// nothing can be written any more.
    hung_up: bool,
    /// Can it be looked at without the host's poll, and is it (see `hot.rs`)?
    pub(super) looks: Looks,
    pub(super) hot: bool,
    /// An error that was taken from the host and that the program doesn't know yet.
    pub(super) pending_error: Option<NonZeroI32>,
}

impl Slot {
    /// Room for a registration.
    fn free() -> Self {
        Self {
            fd: 0,
            token: Token(0),
            interests: None,
            generation: 0,
            places: [NOT_ARMED; 2],
            spent: [false; 2],
            queued: [false; 2],
            reported: (0, 0),
            delayed: [false; 2],
            pauses: [Backoff::default(); 2],
            refused: [false; 2],
            kind: Kind::Numbered,
            datagram_place: NOT_LISTED,
            hung_up: false,
            looks: Looks::Unknown,
            hot: false,
            pending_error: None,
        }
    }
}

impl Slot {
    /// The descriptor, and whether peeking at it can lose nothing.
    pub(super) fn can_peek(&self) -> (wasi::Fd, bool) {
        (
            self.fd,
            self.kind == Kind::Stream && self.looks != Looks::Bad,
        )
    }

    /// Is this direction armed?
    fn is_armed(&self, direction: Direction) -> bool {
        self.places[direction as usize] != NOT_ARMED && !self.spent[direction as usize]
    }
}

/// What has become of something to be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reported {
    /// It is in the caller's buffer.
    Yes,
    /// There was no room for it.
    NoRoom,
    /// It is stale, or the direction is not armed.
    Stale,
}

/// All registrations of a selector.
#[derive(Debug)]
pub(super) struct Table {
    /// The slots, free ones among them.
    slots: Vec<Slot>,
    /// Numbers of the free slots.
    free: Vec<u32>,
    /// The clock, and then whatever is armed, or was until it was spent.
    subscriptions: Subscriptions,
    /// What was spent since the list was settled, as user data; armed again or not.
    spent: Vec<u64>,
    /// The slots of the datagram sockets.
    datagrams: Vec<u32>,
}

/// The array that is handed to the host. Its first place is the clock's.
struct Subscriptions(Vec<Subscription>);

impl std::fmt::Debug for Subscriptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|subscription| subscription.userdata))
            .finish()
    }
}

impl Table {
    /// No registrations.
    pub(super) fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            subscriptions: Subscriptions(vec![clock(0)]),
            spent: Vec::new(),
            datagrams: Vec::new(),
        }
    }

    /// Adds a registration with everything armed, and tells its slot. `None` when
    /// there are more than can be numbered.
    pub(super) fn insert(
        &mut self,
        source: RawSource,
        token: Token,
        interests: Interest,
    ) -> Option<u32> {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => self.new_slot()?,
        };
        let entry = &mut self.slots[slot as usize];
        entry.fd = source.fd;
        entry.kind = source.kind;
        entry.token = token;
        entry.interests = Some(interests);
        if matches!(source.kind, Kind::Datagram | Kind::NumberedDatagram) {
            entry.datagram_place = self.datagrams.len() as u32;
            self.datagrams.push(slot);
        }
        self.arm_all(slot);
        Some(slot)
    }

    /// Adds a free slot.
    fn new_slot(&mut self) -> Option<u32> {
        let slot = self.slots.len();
        if slot > Key::LAST_SLOT {
            return None;
        }
        self.slots.push(Slot::free());
        // Room for every slot to be free, so that removing never allocates.
        self.free.reserve(self.slots.len() - self.free.len());
        Some(slot as u32)
    }

    /// Replaces token and interests, with everything armed.
    pub(super) fn change(&mut self, slot: u32, token: Token, interests: Interest) {
        let Slot {
            kind,
            datagram_place,
            looks,
            pending_error,
            ..
        } = self.slots[slot as usize];
        self.retire(slot);
        let entry = &mut self.slots[slot as usize];
        entry.token = token;
        entry.interests = Some(interests);
        entry.kind = kind;
        entry.datagram_place = datagram_place;
        entry.looks = looks;
        entry.pending_error = pending_error;
        self.arm_all(slot);
    }

    /// Removes a registration.
    pub(super) fn remove(&mut self, slot: u32) {
        let place = self.slots[slot as usize].datagram_place;
        if place != NOT_LISTED {
            self.datagrams.swap_remove(place as usize);
            if let Some(&moved) = self.datagrams.get(place as usize) {
                self.slots[moved as usize].datagram_place = place;
            }
        }
        self.retire(slot);
        self.free.push(slot);
    }

    /// Is nothing armed?
    pub(super) fn nothing_armed(&self) -> bool {
        self.armed() == 0
    }

    /// How many directions are armed.
    pub(super) fn armed(&self) -> usize {
        self.subscriptions.0.len() - 1
    }

    /// One of them, by its place.
    pub(super) fn armed_at(&self, place: usize) -> Subscription {
        self.subscriptions.0[place + 1]
    }

    /// Is nothing registered?
    pub(super) fn is_empty(&self) -> bool {
        self.slots.len() == self.free.len()
    }

    /// The numbers of all slots, free ones among them.
    fn numbers(&self) -> std::ops::Range<u32> {
        0..self.slots.len() as u32
    }

    /// The slots of the datagram sockets.
    pub(super) fn datagrams(&self) -> &[u32] {
        &self.datagrams
    }

    /// Is this descriptor registered?
    pub(super) fn has_descriptor(&self, fd: wasi::Fd) -> bool {
        let mut slots = self.slots.iter();
        slots.any(|entry| entry.fd == fd && entry.interests.is_some())
    }

    /// What is armed for writing only, as subscriptions for reading with the key of
    /// the read direction.
    pub(super) fn writers_as_readers(&self) -> impl Iterator<Item = Subscription> + '_ {
        self.numbers().filter_map(|slot| {
            let entry = &self.slots[slot as usize];
            let writer = entry.is_armed(Direction::Write) && !entry.is_armed(Direction::Read);
            writer.then(|| subscription(self.key(slot, Direction::Read), entry.fd))
        })
    }

    /// The registration that a key is about, if it is the current one.
    pub(super) fn current(&mut self, key: Key) -> Option<&mut Slot> {
        self.slots
            .get_mut(key.slot() as usize)
            .filter(|entry| entry.generation == key.generation() && entry.interests.is_some())
    }

    /// The key of a direction of a registration.
    pub(super) fn key(&self, slot: u32, direction: Direction) -> Key {
        Key::new(slot, self.slots[slot as usize].generation, direction)
    }

    /// Arms a direction if the registration asks for it.
    pub(super) fn arm(&mut self, slot: u32, direction: Direction) {
        let key = self.key(slot, direction);
        let entry = &mut self.slots[slot as usize];
        entry.spent[direction as usize] = false;
        entry.refused[direction as usize] = false;
        let place = &mut entry.places[direction as usize];
        let wanted = entry.interests.is_some_and(|all| direction.is_in(all));
        if *place == NOT_ARMED && wanted {
            *place = self.subscriptions.0.len() as u32;
            self.subscriptions.0.push(subscription(key, entry.fd));
        }
    }

    /// Arms a direction after I/O that may have used its readiness up, if its
    /// subscription still has its place; else it is one for `rearm_anew`, which is not
    /// part of each read. Writing is over for good after a hang-up, and would be
    /// reported for ever.
    #[inline]
    pub(super) fn rearm(&mut self, slot: u32, direction: Direction) -> bool {
        let entry = &mut self.slots[slot as usize];
        if entry.places[direction as usize] == NOT_ARMED {
            return false;
        }
        if direction == Direction::Read || !entry.hung_up {
            entry.pauses[direction as usize].reset();
            entry.spent[direction as usize] = false;
        }
        true
    }

    /// The same for a direction that has no place. `false` when the host has refused to
    /// watch it: then it is not armed.
    pub(super) fn rearm_anew(&mut self, slot: u32, direction: Direction) -> bool {
        let entry = &mut self.slots[slot as usize];
        if entry.refused[direction as usize] {
            return false;
        }
        if direction == Direction::Read || !entry.hung_up {
            entry.pauses[direction as usize].reset();
            self.arm(slot, direction);
        }
        true
    }

    /// How many pauses of a direction have followed each other.
    pub(super) fn pauses(&mut self, key: Key) -> Backoff {
        self.current(key).map_or(Backoff::default(), |entry| {
            entry.pauses[key.direction() as usize]
        })
    }

    /// Notes that the host has refused to watch a direction, after so many pauses: until
    /// it is armed by `arm`, I/O doesn't do so.
    pub(super) fn refuse(&mut self, key: Key, pauses: Backoff) {
        self.disarm(key.slot(), key.direction());
        if let Some(entry) = self.current(key) {
            entry.refused[key.direction() as usize] = true;
            entry.pauses[key.direction() as usize] = pauses;
        }
    }

    /// Puts readiness of an armed direction into the buffer of the select `turn`,
    /// merged with what it has of this source; the direction is spent then.
    #[inline]
    pub(super) fn report(
        &mut self,
        key: Key,
        readiness: Readiness,
        turn: u64,
        events: &mut Events,
    ) -> Reported {
        let direction = key.direction() as usize;
        let Some(slot) = self.slots.get_mut(key.slot() as usize) else {
            return Reported::Stale;
        };
        // A free slot has nothing armed.
        if slot.generation != key.generation() || !slot.is_armed(key.direction()) {
            return Reported::Stale;
        }
        if slot.reported.0 == turn {
            if let Some(event) = events.get_mut(slot.reported.1) {
                event.add(readiness);
            }
        } else {
            match events.push(Event::new(slot.token, readiness)) {
                Some(index) => slot.reported = (turn, index),
                None => return Reported::NoRoom,
            }
        }
        slot.pauses[direction].reset();
        slot.queued[direction] = false;
        slot.spent[direction] = true;
        self.spent.push(key.encode());
        Reported::Yes
    }

    /// Takes the subscriptions of what is still spent out of the list.
    #[inline]
    pub(super) fn settle(&mut self) {
        while let Some(user_data) = self.spent.pop() {
            let key = Key::decode(user_data);
            let (slot, direction) = (key.slot(), key.direction());
            // Whoever has this slot now: what it says of itself is what counts.
            if self.slots[slot as usize].spent[direction as usize] {
                self.disarm(slot, direction);
            }
        }
    }

    /// Arms a direction of all registrations.
    pub(super) fn arm_everything(&mut self, direction: Direction) {
        for slot in self.numbers() {
            self.arm(slot, direction);
        }
    }

    /// Takes the pending error.
    pub(super) fn take_pending_error(&mut self, slot: u32) -> Option<NonZeroI32> {
        self.slots[slot as usize].pending_error.take()
    }

    /// Sets the pending error.
    pub(super) fn set_pending_error(&mut self, slot: u32, number: NonZeroI32) {
        self.slots[slot as usize].pending_error = Some(number);
    }

    /// An armed direction of a registration, the one to read first.
    pub(super) fn armed_key(&self, slot: u32) -> Option<Key> {
        let mut keys = Direction::BOTH.into_iter().map(|each| self.key(slot, each));
        keys.find(|key| self.is_armed(*key))
    }

    /// Has a registration a pending error?
    pub(super) fn has_pending_error(&self, slot: u32) -> bool {
        self.slots[slot as usize].pending_error.is_some()
    }

    /// Notes that the host has said so of a registration.
    pub(super) fn hang_up(&mut self, key: Key) {
        if let Some(entry) = self.current(key) {
            entry.hung_up = true;
        }
    }

    /// Disarms a direction.
    pub(super) fn disarm(&mut self, slot: u32, direction: Direction) {
        let entry = &mut self.slots[slot as usize];
        entry.queued[direction as usize] = false;
        entry.spent[direction as usize] = false;
        let place = std::mem::replace(&mut entry.places[direction as usize], NOT_ARMED);
        if place == NOT_ARMED {
            return;
        }
        self.subscriptions.0.swap_remove(place as usize);
        if let Some(moved) = self.subscriptions.0.get(place as usize) {
            let moved = Key::decode(moved.userdata);
            self.slots[moved.slot() as usize].places[moved.direction() as usize] = place;
        }
    }

    /// Is this direction armed?
    pub(super) fn is_armed(&self, key: Key) -> bool {
        self.slots[key.slot() as usize].is_armed(key.direction())
    }

    /// Arms what the registration asks for.
    fn arm_all(&mut self, slot: u32) {
        for direction in Direction::BOTH {
            self.arm(slot, direction);
        }
    }

    /// Disarms both directions.
    pub(super) fn disarm_both(&mut self, slot: u32) {
        for direction in Direction::BOTH {
            self.disarm(slot, direction);
        }
    }

    /// Disarms both directions, and makes everything about them stale.
    fn retire(&mut self, slot: u32) {
        self.disarm_both(slot);
        let entry = &mut self.slots[slot as usize];
        let generation = entry.generation.wrapping_add(1);
        *entry = Slot {
            fd: entry.fd,
            generation,
            ..Slot::free()
        };
    }

    /// What is armed, behind a clock of so many nanoseconds if one is wanted.
    pub(super) fn subscriptions(&mut self, clock_nanos: Option<u64>) -> &mut [Subscription] {
        match clock_nanos {
            Some(nanos) => {
                self.subscriptions.0[0] = clock(nanos);
                &mut self.subscriptions.0
            }
            None => &mut self.subscriptions.0[1..],
        }
    }
}
