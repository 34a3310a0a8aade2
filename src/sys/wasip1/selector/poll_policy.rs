//! Chooses between a full `poll_oneoff` and peeking at recently active streams. WASI preview 1.
//!
//! WasmEdge registers each subscription with epoll again in each `poll_oneoff`, so a full poll
//! costs O(registered): about 0.5 us for each subscription, 1 ms for 2,000 idle connections.
//! Polling only a subset is worse, because the host removes the others from its epoll set and
//! adds them again in the next full poll (about 1.5 us each). Between full polls the selector
//! therefore peeks at the *active set*, the streams that had an event lately: about 2 us each.
//!
//! ```text
//! select(timeout):
//!     if a full poll is not due and peeking at the active set finds events: report them
//!     if the timeout is not zero: go on peeking for at most `max_peek_time_ns`
//!     full poll with the rest of the timeout; what has events joins the active set
//! ```
//!
//! - With less than `MIN_SUBSCRIPTIONS`, or with a large active set, each poll is a full one
//!   (`pays`).
//! - A full poll is due `interval_ns` after the one before: as long as that has taken, and more
//!   in proportion. So the other sources get their events little later than by full polls
//!   alone, and active streams get five eighths of the time beside 2,000 sources and four
//!   fifths beside 10,000.
//! - Peeking without a result takes no longer than the full poll that it may save, so it doubles
//!   the time at worst. Each time that it was in vain doubles the number of selects that leave
//!   it out: remote peers never answer within that time.
//! - A stream leaves the active set when it had no event for some time (`is_inactive`).

/// What one subscription of a full poll costs the host.
const SUBSCRIPTION_NS: u64 = 500;

/// What one peek costs.
const PEEK_NS: u64 = 2_000;

/// The number of subscriptions from which full polls are avoided.
const MIN_SUBSCRIPTIONS: usize = 64;

/// The shortest time between full polls.
const MIN_INTERVAL_NS: u64 = 1_000_000;

/// The longest time between full polls.
const MAX_INTERVAL_NS: u64 = 20_000_000;

/// The next full poll after one that costs this is due after twice that time.
const EXPENSIVE_POLL_NS: u64 = 1_500_000;

/// The longest time of peeking without a result.
const MAX_PEEK_TIME_NS: u64 = 500_000;

/// The shortest time that a stream stays in the active set without an event.
const MIN_ACTIVE_NS: u64 = 10_000_000;

/// The number of active streams that a full poll checks for being inactive.
pub(super) const CHECKED_AT_ONCE: usize = 32;

/// The largest number of doublings of how often peeking is left out.
const MAX_DOUBLINGS: u32 = 8;

/// What a full poll costs the host.
fn cost_ns(armed: usize) -> u64 {
    armed as u64 * SUBSCRIPTION_NS
}

/// The time from one full poll to the next.
fn interval_ns(armed: usize) -> u64 {
    let cost = cost_ns(armed);
    let interval = cost.saturating_add(cost.saturating_mul(cost) / EXPENSIVE_POLL_NS);
    interval.clamp(MIN_INTERVAL_NS, MAX_INTERVAL_NS)
}

/// Is it cheaper to peek at this many active streams than to poll all that is armed?
pub(super) fn pays(armed: usize, active: usize) -> bool {
    active > 0 && is_large(armed) && cost_ns(armed) >= 2 * active as u64 * PEEK_NS
}

/// Is so much armed that an active set is worth while?
#[inline]
pub(super) fn is_large(armed: usize) -> bool {
    armed >= MIN_SUBSCRIPTIONS
}

/// Does a stream whose last event was at `seen` leave the active set?
pub(super) fn is_inactive(seen: u64, now: u64, armed: usize) -> bool {
    now.saturating_sub(seen) > MIN_ACTIVE_NS.max(4 * interval_ns(armed))
}

/// When to poll and when to peek.
#[derive(Debug, Default)]
pub(super) struct PollPolicy {
    /// When the last full poll returned.
    polled_at: u64,
    /// When the program last got events.
    reported_at: u64,
    /// The number of those events.
    reported: usize,
    /// How often in a row peeking was in vain.
    misses: u32,
    /// How often it is still to be left out.
    peeks_left_out: u32,
}

impl PollPolicy {
    /// Notes that a full poll has returned with this many events.
    pub(super) fn polled(&mut self, now: u64, events: usize) {
        self.polled_at = now;
        self.reported(now, events);
    }

    /// Notes that this many events are reported.
    pub(super) fn reported(&mut self, now: u64, events: usize) {
        self.reported_at = now;
        self.reported = events;
    }

    /// Makes a full poll due.
    pub(super) fn make_poll_due(&mut self) {
        self.polled_at = 0;
    }

    /// When the next full poll is due.
    pub(super) fn next_poll(&self, armed: usize) -> u64 {
        self.polled_at.saturating_add(interval_ns(armed))
    }

    /// The number of events that the program can process until the next full poll is due, if
    /// each takes as long as the last ones did. Zero: it is due.
    pub(super) fn max_events(&self, armed: usize, now: u64) -> usize {
        let left = self.next_poll(armed).saturating_sub(now);
        let elapsed = now.saturating_sub(self.reported_at);
        let each = (elapsed / self.reported.max(1) as u64).max(1);
        usize::try_from(left.saturating_add(each / 2) / each).unwrap_or(usize::MAX)
    }

    /// How long to peek before a full poll that would wait.
    pub(super) fn max_peek_time_ns(&mut self, armed: usize) -> u64 {
        if self.peeks_left_out > 0 {
            self.peeks_left_out -= 1;
            return 0;
        }
        cost_ns(armed).min(MAX_PEEK_TIME_NS)
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
