//! When the host is asked for everything, and when only the busy streams are looked
//! at. WASI preview 1.
//!
//! A call of `poll_oneoff` costs the host half a microsecond for each subscription,
//! whether or not anything has happened to it: a millisecond with 2,000 idle
//! connections. A program with many connections has few busy ones. So the streams
//! that had something to read lately are *hot*, and between two full calls only they
//! are looked at, each by itself, at two microseconds each.
//!
//! (To ask the host's poll for the hot ones alone would be worse: it forgets the
//! others, and learning them anew costs three times what asking for them does.)
//!
//! The rules, which are all in this file:
//!
//! - With few sources, or with many hot ones among them, there are full calls only
//!   (`pays`).
//! - A full call follows the one before after a rest that depends on its cost
//!   (`rest`): with 2,000 sources, where it takes 1 ms, 1.7 ms. So the others wait
//!   little longer than they would without all this, and hot streams get five eighths
//!   of the time. With 10,000 sources, where it takes five milliseconds, they
//!   get four fifths: it is they who do the work.
//! - When no hot stream is ready, they are looked at again and again for a while
//!   before a full call that would wait (`patience`): no longer than that call would
//!   take, so that at worst it costs twice as much. Where this was in vain it is
//!   left out more and more often: peers that are far away never answer in time.
//! - A stream that was not ready for some time is no longer hot (`is_cold`).

/// What asking for a subscription costs the host, in nanoseconds.
const SUBSCRIPTION: u64 = 500;

/// What looking at a stream costs.
const LOOK: u64 = 2_000;

/// The fewest subscriptions for which a full call is avoided.
const FEWEST: usize = 64;

/// The shortest rest between full calls.
const SHORTEST_REST: u64 = 1_000_000;

/// The longest rest.
const LONGEST_REST: u64 = 20_000_000;

/// A full call that costs this much is followed by a rest of twice that.
const DEAR: u64 = 1_500_000;

/// The longest time that hot streams are looked at without a result.
const LONGEST_PATIENCE: u64 = 500_000;

/// How long a stream stays hot without being ready.
const WARMTH: u64 = 10_000_000;

/// How many hot streams are checked for being cold in a full call.
pub(super) const COOLED_AT_ONCE: usize = 32;

/// At most so many times, as a power of two, patience is left out.
const MOST_DOUBLINGS: u32 = 8;

/// What a full call costs the host.
fn cost(armed: usize) -> u64 {
    armed as u64 * SUBSCRIPTION
}

/// How long hot streams alone are looked at after a full call: as long as it took, and
/// more in proportion to that.
fn rest(armed: usize) -> u64 {
    let cost = cost(armed);
    let rest = cost.saturating_add(cost.saturating_mul(cost) / DEAR);
    rest.clamp(SHORTEST_REST, LONGEST_REST)
}

/// Does it pay to look at so many hot streams instead of asking for all that is
/// armed?
pub(super) fn pays(armed: usize, hot: usize) -> bool {
    hot > 0 && armed >= FEWEST && cost(armed) >= 2 * hot as u64 * LOOK
}

/// Are there so many sources that it pays to know the hot ones?
pub(super) fn is_large(armed: usize) -> bool {
    armed >= FEWEST
}

/// Is a stream that was last ready at `seen` not hot any more?
pub(super) fn is_cold(seen: u64, now: u64, armed: usize) -> bool {
    now.saturating_sub(seen) > WARMTH.max(4 * rest(armed))
}

/// What has happened so far.
#[derive(Debug, Default)]
pub(super) struct Tiers {
    /// When the last full call returned.
    full_at: u64,
    /// When the program was last given something to do, and how many events.
    given_at: u64,
    given: usize,
    /// How often in a row patience was in vain.
    misses: u32,
    /// How often it is still to be left out.
    left_out: u32,
}

impl Tiers {
    /// A full call has returned, with so many answers.
    pub(super) fn called(&mut self, now: u64, answers: usize) {
        self.full_at = now;
        self.found(now, answers);
    }

    /// So many hot streams were found ready.
    pub(super) fn found(&mut self, now: u64, count: usize) {
        self.given_at = now;
        self.given = count;
    }

    /// Makes a full call due.
    pub(super) fn expire(&mut self) {
        self.full_at = 0;
    }

    /// Until when hot streams alone may be looked at.
    pub(super) fn rests_until(&self, armed: usize) -> u64 {
        self.full_at.saturating_add(rest(armed))
    }

    /// How many events the program can be given to be done with them when the rest
    /// ends, if each takes as long as the last ones did. None: it is time for a full
    /// call.
    pub(super) fn fitting(&self, armed: usize, now: u64) -> usize {
        let left = self.rests_until(armed).saturating_sub(now);
        let took = now.saturating_sub(self.given_at);
        let each = (took / self.given.max(1) as u64).max(1);
        usize::try_from(left.saturating_add(each / 2) / each).unwrap_or(usize::MAX)
    }

    /// How long to look at hot streams before a full call that would wait.
    pub(super) fn patience(&mut self, armed: usize) -> u64 {
        if self.left_out > 0 {
            self.left_out -= 1;
            return 0;
        }
        cost(armed).min(LONGEST_PATIENCE)
    }

    /// Whether a hot stream was ready in time.
    pub(super) fn learn(&mut self, was_ready: bool) {
        if was_ready {
            self.misses = 0;
            self.left_out = 0;
        } else {
            self.misses = (self.misses + 1).min(MOST_DOUBLINGS);
            self.left_out = (1 << self.misses) - 2;
        }
    }
}
