//! Chooses between a full `poll_oneoff` and peeking at recently active streams. WASI preview 1.
//!
//! WasmEdge registers each subscription with epoll again in each `poll_oneoff`, so a full poll
//! costs O(registered): about 0.42 us for each subscription, 0.82 ms for 2,000 idle connections.
//! Polling only a subset is worse, because the host removes the others from its epoll set and
//! adds them again in the next full poll (about 1.5 us each); so is peeking at all of them in
//! turns (0.5 to 1 us each). Between full polls the selector therefore peeks at the *active set*,
//! the streams that had an event lately.
//!
//! ```text
//! select(timeout):
//!     if a full poll is not due and peeking at the active set finds events: report them
//!     if the timeout is not zero: go on peeking for at most `max_peek_time_ns`
//!     full poll with the rest of the timeout; what has events joins the active set;
//!         the next one is due after `interval_ns`
//! ```
//!
//! Both costs are measured (`Cost`), so that another host, the interpreter and code that was
//! compiled ahead of time need no other constants. Only a call without a timeout to wait tells
//! what a full poll costs. So those that are due are made in this way: when active streams have
//! events nothing is lost. Otherwise the select goes on, and the next `UNMEASURED_POLLS` wait.
//!
//! **The interval** is a compromise. With a full poll that costs C in each interval T, active
//! streams get T / (T + C) of the time, and an event of any other source waits up to T + C. When
//! r of those come in a second, T = sqrt(2 C / (w r)) minimises the sum of the time that full
//! polls cost and w times the time that those wait; so it follows what full polls find, down to
//! `MIN_INTERVAL_IN_COSTS`. When that is nothing, it is 5.5 ms for each C from 0.7 to 1.8 ms, 7.5 C
//! below that, and 4 ms more for each ms above. Not a multiple of C, because C itself grows with
//! the interval: 2,000 sources cost 0.82 ms every 6 ms, but 2.0 ms every 14 ms, when they have left
//! the processor's caches.
//!
//! | found | active streams get | 2,000 sources (C = 0.82 ms) wait | 10,000 (C = 10 ms) wait |
//! |---|---|---|---|
//! | nothing | 0.87 (0.79 beside 10,000) | 6.3 ms at most | 48 ms at most |
//! | 1, just before | 0.79 (0.56) | 4.0 ms | 22 ms |
//! | 100 a second | 0.58 | 2.0 ms | 22 ms |
//!
//! What a peek costs more than a subscription of a poll is to be subtracted from what active
//! streams get: 0.02 to 0.06. `tests/poll_policy.rs` has a simulation of it.
//!
//! - What a full poll finds is reported without the events of most active streams, which are
//!   peeked at by later selects (`ActiveSet::note_full_poll`). New streams are peeked at first.
//! - With less than `MIN_SUBSCRIPTIONS`, or with a large active set, each poll is a full one
//!   (`pays`). When more is ready than pays to peek at, there is no active set.
//! - Peeking without a result takes no longer than the full poll that it may save, so it doubles
//!   the time at worst. Each time that it was in vain doubles the number of selects that leave
//!   it out: remote peers never answer within that time.
//! - A stream leaves the active set when it had no event for some time (`active_ns`). That does
//!   not depend on the interval: shorter intervals would make more streams inactive, whose events
//!   would make the intervals shorter still.

/// The number of subscriptions from which full polls are avoided.
const MIN_SUBSCRIPTIONS: usize = 64;

/// What one subscription of a full poll is taken to cost before the first measurement.
const ASSUMED_SUBSCRIPTION_NS: u64 = 500;

/// The same of one peek.
const ASSUMED_PEEK_NS: u64 = 1_500;

/// The least that anything costs: the clocks of some hosts are too coarse to measure it.
const MIN_COST_NS: u64 = 100;

/// After this number of measurements earlier ones no longer count.
const MEASUREMENTS: u32 = 8;

/// The number of full polls that are not measured after one that had to be repeated for that.
const UNMEASURED_POLLS: u32 = 15;

/// One of this number of rounds of peeking is measured, since reading the clock costs up to half
/// a peek.
const ROUNDS_PER_MEASUREMENT: u32 = 8;

/// The number of peeks from which a round can be measured.
const MIN_MEASURED_PEEKS: usize = 8;

/// The shortest time between full polls in multiples of what one costs.
const MIN_INTERVAL_IN_COSTS: f64 = 1.25;

/// The longest time between full polls of a cost from 1/7.5 to a third of it.
const LONG_INTERVAL_NS: f64 = 5.5e6;

/// What each nanosecond that a full poll costs above that third adds to it.
const LONG_INTERVAL_GROWTH: f64 = 4.0;

/// The longest time between cheap full polls in multiples of what one costs.
const MAX_INTERVAL_IN_COSTS: f64 = 7.5;

/// The shortest time between full polls of any cost.
const MIN_INTERVAL_NS: f64 = 1e6;

/// The longest time between full polls, unless the shortest one is longer.
const MAX_INTERVAL_NS: f64 = 50e6;

/// For how long the events that full polls have found count.
const MEMORY_NS: f64 = 100e6;

/// The weight of the time that such an event waits, against the same time of all active streams.
const WEIGHT: f64 = 16.0;

/// The largest number of those events: a burst of new connections is forgotten soon.
const MAX_FOUND: f64 = 8.0;

/// The longest time of peeking without a result.
const MAX_PEEK_TIME_NS: u64 = 500_000;

/// The shortest time that a stream stays in the active set without an event.
const MIN_ACTIVE_NS: u64 = 10_000_000;

/// That time in multiples of what a full poll costs.
const ACTIVE_IN_COSTS: u64 = 16;

/// The number of active streams that a full poll checks for being inactive.
pub(super) const CHECKED_AT_ONCE: usize = 32;

/// The largest number of doublings of how often peeking is left out.
const MAX_DOUBLINGS: u32 = 8;

/// Is so much armed that an active set is worth while?
#[inline]
pub(super) fn is_large(armed: usize) -> bool {
    armed >= MIN_SUBSCRIPTIONS
}

/// What something costs: the least of the last measurements. More is the time of another process
/// on the same processor.
#[derive(Debug)]
struct Cost {
    /// The cost.
    ns: u64,
    /// The least since `ns` was last replaced.
    least_ns: u64,
    /// The measurements until it is replaced.
    left: u32,
}

impl Cost {
    /// This cost, as if it had been measured.
    const fn assumed(ns: u64) -> Self {
        Self {
            ns,
            least_ns: ns,
            left: MEASUREMENTS,
        }
    }

    /// Adds a measurement of this many of them.
    fn measured(&mut self, elapsed_ns: u64, count: usize) {
        let each = (elapsed_ns / count.max(1) as u64).max(MIN_COST_NS);
        self.least_ns = self.least_ns.min(each);
        self.ns = self.ns.min(each);
        self.left -= 1;
        if self.left == 0 {
            *self = Self {
                ns: self.least_ns,
                least_ns: u64::MAX,
                left: MEASUREMENTS,
            };
        }
    }
}

/// When to poll and when to peek.
#[derive(Debug)]
pub(super) struct PollPolicy {
    /// What one subscription of a full poll costs.
    subscription: Cost,
    /// What one peek costs.
    peek: Cost,
    /// The full polls that become due until one is measured.
    unmeasured_polls: u32,
    /// The rounds of peeking until one is measured.
    unmeasured_rounds: u32,
    /// When the last full poll returned.
    polled_at: u64,
    /// When the next one is due.
    next_poll: u64,
    /// The events that only full polls can find, the older the less.
    found: f64,
    /// When the program last got events.
    reported_at: u64,
    /// The number of those events.
    reported: usize,
    /// How often in a row peeking was in vain.
    misses: u32,
    /// How often it is still to be left out.
    peeks_left_out: u32,
}

impl Default for PollPolicy {
    fn default() -> Self {
        Self {
            subscription: Cost::assumed(ASSUMED_SUBSCRIPTION_NS),
            peek: Cost::assumed(ASSUMED_PEEK_NS),
            unmeasured_polls: 0,
            unmeasured_rounds: 0,
            polled_at: 0,
            next_poll: 0,
            found: 0.0,
            reported_at: 0,
            reported: 0,
            misses: 0,
            peeks_left_out: 0,
        }
    }
}

impl PollPolicy {
    /// What a full poll costs.
    fn cost_ns(&self, armed: usize) -> u64 {
        armed as u64 * self.subscription.ns
    }

    /// Can it be cheaper to peek at this many active streams than to poll all that is armed?
    #[inline]
    pub(super) fn can_pay(&self, armed: usize, active: usize) -> bool {
        2 * self.cost_ns(armed) >= 3 * active as u64 * self.peek.ns
    }

    /// Is it?
    pub(super) fn pays(&self, armed: usize, active: usize) -> bool {
        active > 0 && is_large(armed) && self.can_pay(armed, active)
    }

    /// How long a stream stays in the active set without an event.
    pub(super) fn active_ns(&self, armed: usize) -> u64 {
        MIN_ACTIVE_NS.max(ACTIVE_IN_COSTS * self.cost_ns(armed))
    }

    /// The time from a full poll to the next.
    fn interval_ns(&self, armed: usize) -> u64 {
        let cost = self.cost_ns(armed) as f64;
        let shortest = MIN_INTERVAL_IN_COSTS * cost;
        let expensive = (cost - LONG_INTERVAL_NS / 3.0).max(0.0);
        let longest = (LONG_INTERVAL_NS + LONG_INTERVAL_GROWTH * expensive)
            .min(MAX_INTERVAL_IN_COSTS * cost)
            .min(MAX_INTERVAL_NS);
        // Infinite when nothing was found.
        let balanced = (2.0 * cost * MEMORY_NS / (WEIGHT * self.found)).sqrt();
        balanced.min(longest).max(shortest).max(MIN_INTERVAL_NS) as u64
    }

    /// Is the full poll that is due to be measured?
    pub(super) fn is_poll_measured(&mut self) -> bool {
        let is_measured = self.unmeasured_polls == 0;
        self.unmeasured_polls = match is_measured {
            true => UNMEASURED_POLLS,
            false => self.unmeasured_polls - 1,
        };
        is_measured
    }

    /// Notes how long a full poll has taken that did not wait.
    pub(super) fn measured_poll(&mut self, elapsed_ns: u64, armed: usize, had_events: bool) {
        self.subscription.measured(elapsed_ns, armed);
        if had_events {
            self.unmeasured_polls = 0;
        }
    }

    /// Notes that a full poll has returned with this many events, `found` of which peeking
    /// could not have found.
    pub(super) fn polled(&mut self, now: u64, armed: usize, events: usize, found: usize) {
        let since = now.saturating_sub(self.polled_at) as f64;
        let older = self.found * MEMORY_NS / (MEMORY_NS + since);
        self.found = (older + found as f64).min(MAX_FOUND);
        self.polled_at = now;
        self.next_poll = now.saturating_add(self.interval_ns(armed));
        self.reported(now, events);
    }

    /// Notes that this many events are reported.
    pub(super) fn reported(&mut self, now: u64, events: usize) {
        self.reported_at = now;
        self.reported = events;
    }

    /// Makes a full poll due.
    pub(super) fn make_poll_due(&mut self) {
        self.next_poll = 0;
    }

    /// When the next full poll is due.
    pub(super) fn next_poll(&self) -> u64 {
        self.next_poll
    }

    /// The number of events that the program can process until the next full poll is due, if
    /// each takes as long as the last ones did. Zero: it is due.
    pub(super) fn max_events(&self, now: u64) -> usize {
        let left = self.next_poll.saturating_sub(now);
        let elapsed = now.saturating_sub(self.reported_at);
        let each = (elapsed / self.reported.max(1) as u64).max(1);
        usize::try_from(left.saturating_add(each / 2) / each).unwrap_or(usize::MAX)
    }

    /// Is a round of this many peeks to be measured?
    pub(super) fn is_round_measured(&mut self, peeks: usize) -> bool {
        if peeks < MIN_MEASURED_PEEKS {
            return false;
        }
        let is_measured = self.unmeasured_rounds == 0;
        self.unmeasured_rounds = match is_measured {
            true => ROUNDS_PER_MEASUREMENT - 1,
            false => self.unmeasured_rounds - 1,
        };
        is_measured
    }

    /// Notes how long this many peeks have taken.
    pub(super) fn measured_peeks(&mut self, elapsed_ns: u64, peeks: usize) {
        self.peek.measured(elapsed_ns, peeks);
    }

    /// How long to peek before a full poll that would wait.
    pub(super) fn max_peek_time_ns(&mut self, armed: usize) -> u64 {
        if self.peeks_left_out > 0 {
            self.peeks_left_out -= 1;
            return 0;
        }
        self.cost_ns(armed).min(MAX_PEEK_TIME_NS)
    }

    /// Notes whether peeking had a result within that time.
    pub(super) fn peeked(&mut self, had_result: bool) {
        if had_result {
            self.misses = 0;
            self.peeks_left_out = 0;
        } else {
            self.misses = (self.misses + 1).min(MAX_DOUBLINGS);
            self.peeks_left_out = (1 << self.misses) - 2;
        }
    }
}
