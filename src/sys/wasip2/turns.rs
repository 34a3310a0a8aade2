//! Lets descriptors take turns where more are ready than a call reports, or than the buffer of
//! the events holds. WASI preview 2.
//!
//! Each stream that wasmtime reports as ready takes one of the polls of its task's budget, of
//! which there are 128 between two waits (`poll_call.rs` describes it). When it is used up,
//! the streams that the host has made last are not reported, whatever the order of the list.
//! If many are always ready, those are never reported.
//!
//! So after `EVENTS_PER_ROUND` events a *round* begins: the calls leave out what was *served*,
//! which is what the program has got an event of since the last round. It ends with the second
//! call in a row that reports nothing else: in the first one the budget may have been used up.
//! Each descriptor is served once in a round, also one that is registered anew meanwhile, so
//! that every round ends.

/// The number of events after which a round begins: some 10 ms of a busy program, beside which the
/// two calls of a round cost little.
const EVENTS_PER_ROUND: usize = 1_024;

/// The number of rounds of which one ends with a wait (`parts.rs` says why).
pub(super) const ROUNDS_PER_WAIT: u32 = 16;

/// What was served since the last round.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// The indices of what was served.
    served: Vec<usize>,
    /// By index: was it served? Of those beyond its end: no.
    is_served: Vec<bool>,
    /// The number of events.
    events: usize,
    /// Has the last call of the round reported nothing but what was served?
    is_ending: bool,
    /// The number of rounds.
    rounds: u32,
}

impl Turns {
    /// Is there a round?
    pub(super) fn is_round(&self) -> bool {
        self.events >= EVENTS_PER_ROUND
    }

    /// Is the next call to wait for what was not served alone? It is the last one of this round
    /// if it reports nothing.
    pub(super) fn is_wait(&self) -> bool {
        self.is_ending && self.rounds % ROUNDS_PER_WAIT == 0
    }

    /// Was the descriptor served?
    pub(super) fn is_served(&self, index: usize) -> bool {
        self.is_served
            .get(index)
            .is_some_and(|is_served| *is_served)
    }

    /// Notes that the program gets an event of a descriptor.
    pub(super) fn note_returned(&mut self, index: usize) {
        self.events += 1;
        if index >= self.is_served.len() {
            self.is_served.resize(index + 1, false);
        }
        if !std::mem::replace(&mut self.is_served[index], true) {
            self.served.push(index);
        }
    }

    /// Notes that a call of the round has ended, and whether it has reported anything that was
    /// not served.
    pub(super) fn note_call(&mut self, has_unserved: bool) {
        if self.is_ending && !has_unserved {
            self.end_round();
        } else {
            self.is_ending = !has_unserved;
        }
    }

    /// Ends the round.
    pub(super) fn end_round(&mut self) {
        for index in self.served.drain(..) {
            self.is_served[index] = false;
        }
        self.rounds = self.rounds.wrapping_add(1);
        self.events = 0;
        self.is_ending = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A round in which these are served.
    fn round(served: &[usize]) -> Turns {
        let mut turns = Turns::default();
        for &index in served.iter().cycle().take(EVENTS_PER_ROUND) {
            assert!(!turns.is_round());
            turns.note_returned(index);
        }
        assert!(turns.is_round());
        turns
    }

    #[test]
    fn round_begins_after_many_events_and_ends_with_nothing_served() {
        let mut turns = round(&[0, 100, 200, 300]);
        assert!(turns.is_served(0) && turns.is_served(300));
        assert!(!turns.is_served(1) && !turns.is_served(9_999));
        assert_eq!(turns.served.len(), 4);
        turns.end_round();
        assert!(!turns.is_round() && !turns.is_served(0) && !turns.is_served(300));
        assert!(turns.served.is_empty());
    }

    #[test]
    fn round_ends_with_two_calls_in_a_row_without_unserved_descriptors() {
        let mut turns = round(&[1, 2]);
        for has_unserved in [true, false, true, true, false] {
            turns.note_call(has_unserved);
            assert!(turns.is_round());
        }
        turns.note_call(false);
        assert!(!turns.is_round());
        let mut turns = round(&[1, 2]);
        turns.note_call(false);
        turns.end_round();
        for _ in 0..EVENTS_PER_ROUND {
            turns.note_returned(1);
        }
        turns.note_call(false);
        assert!(turns.is_round(), "it is the first call of this round");
    }
}
