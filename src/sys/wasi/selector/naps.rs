//! Waits that end early where there is no waker. WASI preview 1, with the flag
//! `mio_wakerless` alone.
//!
//! tokio before 1.50 makes no waker here, but relies on one all the same: when a task
//! wakes the future that the runtime was started with, the runtime goes to poll as if
//! it had nothing to do, and would wait for a connection that never comes. Nothing in
//! the poll shows that. So as long as there is no waker, a wait is a *nap*: it comes
//! back after a while with nothing, which a runtime has to expect.
//!
//! A nap is short after something has happened, since this is when tasks wake each
//! other. It gets longer with the time since then, so that the naps of an idle
//! program cost it some 30 milliseconds of its processor in all, and then less than
//! a thousandth.
//!
//! The clock that ends a nap costs more than the wait itself: a compiled server with
//! one busy connection answers half as many requests. So this has to be asked for.

/// What a nap costs by itself, in nanoseconds.
const COST: u64 = 30_000;

/// What each subscription adds to that.
const COST_OF_ONE: u64 = 500;

/// After so much time a nap is as long as it costs.
const UNIT: u64 = 4_000_000;

/// The shortest nap, in multiples of what it costs.
const FEWEST: u64 = 3;

/// The longest.
const MOST: u64 = 3_000;

/// How long waits may be.
#[derive(Debug)]
pub(super) struct Naps {
    /// Is there anything to be done here?
    are_taken: bool,
    /// When the first nap was after something has happened.
    since: Option<u64>,
}

impl Naps {
    /// As the flag says.
    pub(super) fn new() -> Self {
        Self {
            are_taken: cfg!(mio_wakerless),
            since: None,
        }
    }

    /// Are waits to be naps, as long as there is no waker?
    pub(super) fn are_taken(&self) -> bool {
        self.are_taken
    }

    /// Something has happened.
    pub(super) fn disturb(&mut self) {
        self.since = None;
    }

    /// The length of a nap that begins now, with so many subscriptions.
    pub(super) fn length(&mut self, armed: usize, now: u64) -> u64 {
        let since = *self.since.get_or_insert(now);
        let cost = COST + armed as u64 * COST_OF_ONE;
        let times = now.saturating_sub(since) / UNIT;
        cost * times.clamp(FEWEST, MOST)
    }

    /// As with the flag.
    #[cfg(test)]
    pub(super) fn take_them(&mut self) {
        self.are_taken = true;
    }
}
