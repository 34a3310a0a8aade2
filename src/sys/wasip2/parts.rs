//! Which descriptors are polled before all are. WASI preview 2.
//!
//! | part | when | for at most |
//! |---|---|---|
//! | the inactive ones (`active_set.rs`) | a full poll is due, and a poll after the last one had events | 1 ms |
//! | the unserved ones (`turns.rs`) | there is a round | 1 ms |
//! | the active ones | no full poll is due | the time until it is |
//!
//! The first two leave out descriptors that use up the budget of wasmtime's task, and that may
//! become ready. So some of those that the last call has reported are listed with them, which
//! ends the call when they are ready again. And what was registered since the last call is
//! listed with the inactive ones.
//!
//! But in wasmtime 36 a stream that is not ready takes one of the budget too, and a call with a
//! ready one returns when the budget is used up, before all were polled. So if they are many, the
//! inactive ones are polled without any other in one of `FULL_POLLS_PER_WAIT` full polls, and
//! the unserved ones in one of `ROUNDS_PER_WAIT` rounds.

use libc::pollfd;

use super::active_set::ActiveSet;
use super::listed::Listed;
use super::turns::Turns;

/// A part of the descriptors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Those that are not active.
    Inactive,
    /// Those that were not served in this round; of the active ones if their set is small.
    Unserved,
    /// The active ones.
    Active,
}

impl Part {
    /// All parts, in the order in which they are polled.
    pub(super) const IN_ORDER: [Self; 3] = [Self::Inactive, Self::Unserved, Self::Active];
}

/// What is known of the descriptors.
#[derive(Debug)]
pub(super) struct Parts {
    /// Those that were ready recently.
    active_set: ActiveSet,
    /// Those that were served.
    turns: Turns,
    /// The indices of what was registered since the last call.
    registered: Vec<usize>,
    /// The number of full polls since one that has listed the inactive ones alone.
    full_polls: u32,
}

impl Parts {
    /// Nothing is known.
    pub(super) fn new() -> Self {
        Self {
            active_set: ActiveSet::new(),
            turns: Turns::default(),
            registered: Vec::new(),
            full_polls: 0,
        }
    }

    /// Notes that a descriptor was registered.
    pub(super) fn note_registered(&mut self, index: usize) {
        self.registered.push(index);
        self.active_set.note_registered(index);
    }

    /// Notes that the program gets an event of a descriptor.
    pub(super) fn note_returned(&mut self, index: usize) {
        self.turns.note_returned(index);
    }

    /// Notes that a call ends, so that what was registered is not new any more.
    pub(super) fn end_call(&mut self) {
        self.registered.clear();
    }

    /// May any part be polled alone?
    pub(super) fn is_any_wanted(&self) -> bool {
        self.active_set.is_small() || self.turns.is_round()
    }

    /// The longest time for which a part is to be polled alone, in nanoseconds; `None` if it
    /// is not to be polled alone.
    pub(super) fn max_wait_ns(&self, part: Part, now: u64) -> Option<u64> {
        let is_small = self.active_set.is_small();
        let until_full_poll = self.active_set.time_to_full_poll(now);
        match part {
            Part::Inactive => {
                let is_due = is_small && until_full_poll.is_none();
                let may_be_left_out = self.full_polls >= FULL_POLLS_PER_WAIT;
                (is_due && (self.active_set.was_ready() || may_be_left_out)).then_some(MAX_WAIT_NS)
            }
            Part::Unserved => self.turns.is_round().then_some(MAX_WAIT_NS),
            Part::Active => until_full_poll.filter(|_| is_small),
        }
    }

    /// Lists the descriptors of a part, and some others that end the call when they are ready,
    /// of those that the `latest` call has reported. Lists nothing if the part is empty. `may_wait`
    /// says whether the call may wait for the part alone.
    pub(super) fn list(
        &mut self,
        part: Part,
        fds: &[pollfd],
        latest: &[usize],
        may_wait: bool,
        listed: &mut Listed,
    ) {
        let (set, turns) = (&mut self.active_set, &mut self.turns);
        let latest = latest.iter().copied();
        let members = set.members().iter().copied();
        listed.clear();
        match part {
            Part::Inactive => {
                listed.add(fds, (0..fds.len()).filter(|index| !set.has(*index)));
                let inactive = listed.indices().len();
                self.full_polls = self.full_polls.saturating_add(1);
                let is_wait = may_wait && self.full_polls >= FULL_POLLS_PER_WAIT;
                if is_wait {
                    self.full_polls = 0;
                }
                if !is_wait || inactive <= MAX_BESIDE_READY {
                    let registered = self.registered.iter().copied();
                    listed.add_some(
                        fds,
                        registered.filter(|index| set.has(*index)),
                        MAX_REGISTERED,
                    );
                    let others =
                        latest.filter(|index| set.has(*index) && !self.registered.contains(index));
                    listed.add_some(fds, others, MAX_LATEST);
                }
                set.begin_full_poll(inactive + set.members().len());
            }
            Part::Unserved => {
                if set.is_small() {
                    listed.add(fds, members.filter(|index| !turns.is_served(*index)));
                } else {
                    listed.add(fds, (0..fds.len()).filter(|index| !turns.is_served(*index)));
                }
                let unserved = listed.indices().len();
                if unserved == 0 {
                    turns.end_round();
                } else if !turns.is_wait() || unserved <= MAX_BESIDE_READY {
                    listed.add_some(
                        fds,
                        latest.filter(|index| turns.is_served(*index)),
                        MAX_LATEST,
                    );
                }
            }
            Part::Active => listed.add(fds, members),
        }
    }

    /// Notes that the unserved ones were polled, and whether any of them was reported.
    pub(super) fn note_turn(&mut self, has_unserved: bool) {
        self.turns.note_call(has_unserved);
    }

    /// Notes that a part could not be polled.
    pub(super) fn note_failed(&mut self) {
        self.turns.end_round();
    }

    /// Notes that a descriptor was ready.
    pub(super) fn note_ready(&mut self, index: usize, now: u64) {
        self.active_set.note_ready(index, now);
    }

    /// Was the descriptor served in this round?
    pub(super) fn is_served(&self, index: usize) -> bool {
        self.turns.is_served(index)
    }

    /// Notes that all are polled.
    pub(super) fn begin_full_poll(&mut self, watched: usize) {
        self.full_polls = self.full_polls.saturating_add(1);
        self.active_set.begin_full_poll(watched);
    }

    /// Notes that all, or the inactive ones, were polled from one time to the other.
    pub(super) fn end_full_poll(&mut self, began: u64, now: u64) {
        self.active_set.end_full_poll(began, now);
    }
}

/// The longest time for which descriptors are polled without those that are ready often.
const MAX_WAIT_NS: u64 = 1_000_000;

/// How many of those are listed even so. Each takes one of the budget.
const MAX_LATEST: usize = 2;

/// How many of those that were registered are listed with the inactive ones.
const MAX_REGISTERED: usize = 32;

/// How many inactive ones wasmtime 36 polls beside one that is ready: less than half the budget.
const MAX_BESIDE_READY: usize = 60;

/// The number of full polls of which one lists no more than the inactive ones.
const FULL_POLLS_PER_WAIT: u32 = 32;

#[cfg(test)]
mod tests {
    use std::os::fd::RawFd;

    use libc::POLLIN;

    use super::super::turns::ROUNDS_PER_WAIT;
    use super::*;

    /// The array of a call with this many descriptors that are watched.
    fn watched(count: usize) -> Vec<pollfd> {
        let fd = |index: usize| pollfd {
            fd: index as RawFd,
            events: POLLIN,
            revents: 0,
        };
        (0..count).map(fd).collect()
    }

    /// Two hundred descriptors, of which these are active since the time 1.
    fn with_active(active: &[usize]) -> Parts {
        let mut parts = Parts::new();
        parts.begin_full_poll(200);
        parts.end_full_poll(0, 0);
        for &index in active {
            parts.note_ready(index, 1);
        }
        parts
    }

    /// What is listed of a part.
    fn listed(parts: &mut Parts, fds: &[pollfd], part: Part, latest: &[usize]) -> Vec<usize> {
        let mut listed = Listed::default();
        parts.list(part, fds, latest, true, &mut listed);
        listed.indices().to_vec()
    }

    /// Which parts are polled alone.
    fn wanted(parts: &Parts, now: u64) -> [bool; 3] {
        Part::IN_ORDER.map(|part| parts.max_wait_ns(part, now).is_some())
    }

    #[test]
    fn inactive_ones_are_polled_alone_when_due_beside_ready_ones() {
        let mut parts = with_active(&[3]);
        let due = 1_000_000_000;
        parts.note_ready(3, due);
        assert!(parts.is_any_wanted());
        assert_eq!(wanted(&parts, 1), [false, false, true]);
        assert_eq!(wanted(&parts, due), [true, false, false]);
        parts.end_full_poll(due, due);
        assert_eq!(wanted(&parts, due), [false, false, true]);
        assert_eq!(wanted(&parts, 2 * due), [false; 3], "none was ready since");
        while !parts.turns.is_round() {
            parts.note_returned(3);
        }
        assert_eq!(wanted(&parts, due), [false, true, true]);
    }

    #[test]
    fn inactive_ones_are_listed_with_some_registered_and_reported_ones() {
        let mut parts = with_active(&[3, 70, 71, 72]);
        let mut fds = watched(200);
        fds[2].events = 0;
        fds[70].events = 0;
        let inactive = listed(&mut parts, &fds, Part::Inactive, &[70, 71, 72, 3]);
        assert_eq!(inactive.len(), 195 + 2);
        assert_eq!(inactive[..4], [0, 1, 4, 5]);
        assert_eq!(inactive[195..], [71, 72], "those that are watched");
        assert_eq!(parts.active_set.watched(), 199);
        parts.note_registered(3);
        let inactive = listed(&mut parts, &fds, Part::Inactive, &[72]);
        assert_eq!(inactive[195..], [3, 72]);
        parts.end_call();
        let inactive = listed(&mut parts, &fds, Part::Inactive, &[72]);
        assert_eq!(inactive[195..], [72]);
    }

    #[test]
    fn many_inactive_ones_are_polled_without_others_from_time_to_time() {
        let mut parts = with_active(&[3]);
        for (count, alone) in [(MAX_BESIDE_READY + 1, 0), (MAX_BESIDE_READY + 2, 1)] {
            let fds = watched(count);
            let polls = (0..FULL_POLLS_PER_WAIT).map(|_| {
                parts.active_set.begin_full_poll(200);
                parts.note_ready(3, 1);
                listed(&mut parts, &fds, Part::Inactive, &[3]).len()
            });
            let without = polls.filter(|len| *len == count - 1).count();
            assert_eq!(without, alone, "{count} watched");
        }
        // Also where each full poll is one of all.
        let mut parts = with_active(&[3, 4]);
        for _ in 0..FULL_POLLS_PER_WAIT {
            parts.begin_full_poll(200);
            parts.end_full_poll(0, 0);
        }
        assert_eq!(wanted(&parts, 1_000_000_000), [true, false, false]);
        parts.note_registered(3);
        let fds = watched(200);
        let mut list = Listed::default();
        for (may_wait, count) in [(false, 200), (true, 198), (true, 200)] {
            parts.list(Part::Inactive, &fds, &[3, 4], may_wait, &mut list);
            assert_eq!(list.indices().len(), count);
        }
        parts.end_full_poll(0, 0);
        assert_eq!(wanted(&parts, 1_000_000_000), [false; 3]);
    }

    #[test]
    fn many_unserved_ones_are_polled_without_others_in_some_rounds() {
        let mut parts = with_active(&[]);
        for (count, alone) in [(MAX_BESIDE_READY + 1, 0), (MAX_BESIDE_READY + 2, 1)] {
            let fds = watched(count);
            let mut without = 0;
            for _ in 0..ROUNDS_PER_WAIT {
                while !parts.turns.is_round() {
                    parts.note_returned(0);
                }
                while parts.turns.is_round() {
                    let list = listed(&mut parts, &fds, Part::Unserved, &[0]);
                    without += usize::from(list.len() == count - 1);
                    parts.note_turn(false);
                }
            }
            assert_eq!(without, alone, "{count} watched");
        }
    }

    #[test]
    fn failed_poll_ends_the_round() {
        let mut parts = with_active(&[]);
        while !parts.turns.is_round() {
            parts.note_returned(0);
        }
        parts.note_failed();
        assert!(!parts.is_any_wanted() && !parts.is_served(0));
    }

    #[test]
    fn unserved_ones_are_listed_with_some_of_the_reported_ones() {
        let mut parts = with_active(&[]);
        let fds = watched(200);
        for index in 0..150 {
            parts.note_returned(index);
        }
        let unserved = listed(&mut parts, &fds, Part::Unserved, &[160, 7, 0, 1]);
        assert_eq!(unserved.len(), 50 + 2);
        assert_eq!(unserved[..2], [150, 151]);
        assert_eq!(unserved[50..], [7, 0], "those that were served");
        assert!(parts.is_served(7) && !parts.is_served(160));
        parts.note_ready(7, 1);
        parts.note_ready(160, 1);
        let unserved = listed(&mut parts, &fds, Part::Unserved, &[7]);
        assert_eq!(unserved, [160, 7], "of the active ones");
        while !parts.turns.is_round() {
            parts.note_returned(160);
        }
        assert!(listed(&mut parts, &fds, Part::Unserved, &[7]).is_empty());
        assert!(!parts.turns.is_round(), "all were served");
    }

    #[test]
    fn active_ones_without_interest_are_not_listed() {
        let mut parts = with_active(&[3, 70]);
        let mut fds = watched(200);
        assert_eq!(listed(&mut parts, &fds, Part::Active, &[5]), [3, 70]);
        fds[3].events = 0;
        assert_eq!(listed(&mut parts, &fds, Part::Active, &[5]), [70]);
    }
}
