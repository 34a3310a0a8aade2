//! Chooses between polling all descriptors and polling those that were ready recently. WASI
//! preview 2.
//!
//! wasmtime makes a future of each pollable in each call of `poll` (`Host for ResourceTable`
//! in crates/wasi-io/src/impls.rs), so a full poll costs O(registered), 0.2 us for each one. It
//! keeps nothing from one call to the next, so a call with a part of them costs that part
//! alone. Between full polls the call is therefore made with the *active set*: the
//! descriptors that were ready, or registered, within `MIN_ACTIVE_NS`.
//!
//! ```text
//! poll(timeout):
//!     if no full poll is due and the active set is small:
//!         poll it, until a full poll is due at the latest; if it has events, report them
//!     if a full poll is due and a poll after the last one had events:
//!         poll the inactive ones briefly, as the full poll; if any has events, report them
//!     poll everything, for the rest of the timeout; what is ready joins the active set
//! ```
//!
//! - With less than `MIN_WATCHED` descriptors, or with more than half of them active, each poll
//!   is a full one.
//! - A full poll is due `interval_ns` after the one before: four times what it costs, which is
//!   measured, so active descriptors have four fifths of the time, and within bounds. That,
//!   rounded up to a millisecond, is the delay of the other descriptors' events.
//! - A poll that reports nothing was a full one. One that follows a registration includes what
//!   was registered, unless it is the turn of others (`turns.rs`).

/// The number of watched descriptors from which full polls are avoided.
const MIN_WATCHED: usize = 64;

/// The shortest and the longest time between full polls.
const MIN_INTERVAL_NS: u64 = 2_000_000;
const MAX_INTERVAL_NS: u64 = 10_000_000;

/// The shortest time that a descriptor stays active without an event.
const MIN_ACTIVE_NS: u64 = 10_000_000;

/// What a descriptor costs in a full poll, before it is measured, and the most it is taken for.
const COST_NS: u64 = 200;
const MAX_COST_NS: u64 = 2_000;

/// The active descriptors, by their index in the caller's array.
#[derive(Debug)]
pub(super) struct ActiveSet {
    /// The indices of the active ones.
    members: Vec<usize>,
    /// Has a poll after the last full one had an event?
    was_ready: bool,
    /// What is known of each descriptor; of those beyond its end nothing.
    known: Vec<Known>,
    /// How many the last full poll has watched.
    watched: usize,
    /// When the last full poll has returned.
    polled_at: u64,
    /// What a descriptor costs in a full poll.
    cost_ns: u64,
}

/// A descriptor.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// When it was last ready, or registered.
    seen_at: u64,
    /// Is it in the active set?
    is_member: bool,
}

impl ActiveSet {
    /// Nothing is active.
    pub(super) fn new() -> Self {
        Self {
            members: Vec::new(),
            was_ready: false,
            known: Vec::new(),
            watched: 0,
            polled_at: 0,
            cost_ns: COST_NS,
        }
    }

    /// Are enough descriptors watched that an active set is worthwhile?
    pub(super) fn is_worthwhile(watched: usize) -> bool {
        watched >= MIN_WATCHED
    }

    /// Is the set to be polled alone, unless a full poll is due?
    pub(super) fn is_small(&self) -> bool {
        Self::is_worthwhile(self.watched)
            && !self.members.is_empty()
            && self.members.len() <= self.watched / 2
    }

    /// Has a poll after the last full one had an event?
    pub(super) fn was_ready(&self) -> bool {
        self.was_ready
    }

    /// How many the last full poll has watched.
    #[cfg(test)]
    pub(super) fn watched(&self) -> usize {
        self.watched
    }

    /// The indices of the active descriptors.
    pub(super) fn members(&self) -> &[usize] {
        &self.members
    }

    /// Is the descriptor active?
    pub(super) fn has(&self, index: usize) -> bool {
        self.known.get(index).is_some_and(|known| known.is_member)
    }

    /// The time until a full poll is due; `None` if it is.
    pub(super) fn time_to_full_poll(&self, now: u64) -> Option<u64> {
        let due = self.polled_at.saturating_add(self.interval_ns());
        due.checked_sub(now).filter(|left| *left > 0)
    }

    /// The time from one full poll to the next.
    fn interval_ns(&self) -> u64 {
        let cost = self.cost_ns.saturating_mul(self.watched as u64);
        (4 * cost).clamp(MIN_INTERVAL_NS, MAX_INTERVAL_NS)
    }

    /// Notes that a full poll is made with this many descriptors, of which few need no set.
    pub(super) fn begin_full_poll(&mut self, watched: usize) {
        self.watched = watched;
        if !Self::is_worthwhile(watched) {
            self.members.clear();
            self.known.clear();
        }
    }

    /// Notes that a descriptor was registered, so that the next poll includes it.
    pub(super) fn note_registered(&mut self, index: usize) {
        // The time of the last full poll: this reads no clock.
        self.add(index, self.polled_at);
    }

    /// Notes that a descriptor was ready.
    pub(super) fn note_ready(&mut self, index: usize, now: u64) {
        self.was_ready = true;
        self.add(index, now);
    }

    /// Makes a descriptor an active one.
    fn add(&mut self, index: usize, now: u64) {
        if !Self::is_worthwhile(self.watched) {
            return;
        }
        if index >= self.known.len() {
            self.known.resize(index + 1, Known::default());
        }
        let known = &mut self.known[index];
        known.seen_at = known.seen_at.max(now);
        if !known.is_member {
            known.is_member = true;
            self.members.push(index);
        }
    }

    /// Notes that a full poll has taken this time, and lets inactive descriptors leave.
    pub(super) fn end_full_poll(&mut self, began: u64, now: u64) {
        self.polled_at = now;
        self.was_ready = false;
        // The call may have waited: the least of many is what it costs.
        let cost = now.saturating_sub(began) / self.watched.max(1) as u64;
        let slowly = self.cost_ns + self.cost_ns / 16 + 1;
        self.cost_ns = cost.min(slowly).min(MAX_COST_NS);
        let max_age = MIN_ACTIVE_NS.max(4 * self.interval_ns());
        let known = &mut self.known;
        self.members.retain(|&index| {
            let is_member = now.saturating_sub(known[index].seen_at) <= max_age;
            known[index].is_member = is_member;
            is_member
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// A full poll of this many descriptors, of which none is ready.
    fn full_poll(set: &mut ActiveSet, watched: usize, now: u64, cost: u64) {
        set.begin_full_poll(watched);
        set.end_full_poll(now, now + cost);
    }

    #[test]
    fn registered_and_ready_descriptors_are_active_for_some_time() {
        let mut set = ActiveSet::new();
        set.note_registered(3);
        assert!(set.members().is_empty(), "few are watched");
        full_poll(&mut set, 100, MS, 0);
        for index in 0..100 {
            set.note_registered(index);
        }
        assert_eq!(set.members().len(), 100);
        assert!(!set.is_small(), "all are active");
        full_poll(&mut set, 100, 20 * MS, 0);
        assert!(set.members().is_empty() && !set.is_small());
        set.note_ready(7, 20 * MS);
        set.note_ready(7, 21 * MS);
        set.note_registered(8);
        assert_eq!(set.members(), [7, 8]);
        assert!(set.is_small());
        full_poll(&mut set, 100, 31 * MS, 0);
        assert_eq!(set.members(), [7]);
    }

    #[test]
    fn full_poll_is_due_after_a_time_in_proportion_to_its_cost() {
        let mut set = ActiveSet::new();
        full_poll(&mut set, 100, 50 * MS, MS / 100);
        let polled_at = 50 * MS + MS / 100;
        assert_eq!(set.time_to_full_poll(polled_at), Some(MIN_INTERVAL_NS));
        assert_eq!(set.time_to_full_poll(polled_at + MIN_INTERVAL_NS), None);
        let mut set = ActiveSet::new();
        full_poll(&mut set, 10_000, 50 * MS, MS);
        assert_eq!(set.time_to_full_poll(51 * MS), Some(4 * MS));
    }

    #[test]
    fn polls_that_wait_are_not_taken_for_expensive_ones() {
        let mut set = ActiveSet::new();
        full_poll(&mut set, 1_000, 0, MS / 5);
        for round in 1..20 {
            full_poll(&mut set, 1_000, round * 100 * MS, 50 * MS);
            full_poll(&mut set, 1_000, round * 100 * MS + 60 * MS, MS / 5);
        }
        assert_eq!(set.cost_ns, 200);
        for round in 20..200 {
            full_poll(&mut set, 1_000, round * 100 * MS, 90 * MS);
        }
        assert!(set.interval_ns() <= MAX_INTERVAL_NS);
    }

    #[test]
    fn few_descriptors_need_no_set() {
        let mut set = ActiveSet::new();
        full_poll(&mut set, MIN_WATCHED, 0, MS);
        set.begin_full_poll(MIN_WATCHED - 1);
        assert!(set.members().is_empty() && !set.is_small());
    }
}
