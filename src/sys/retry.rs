//! Backoff, and the queue of what is to be re-armed after a delay; for systems that keep no
//! edges.
//!
//! Some states are reported for as long as they last although the program can do nothing
//! about them: a listener stays ready when accepting fails because descriptors have run out.
//! To re-arm it at once would be a busy loop, and never to re-arm it would lose its next
//! event. So it is re-armed after a delay, which doubles where the state may last:
//!
//! ```text
//! the direction can't be re-armed now:
//!     delay = backoff.next_ns(schedule); due = due_tick(now + delay, tick); queue.push(due, key)
//! before each system call, which waits no longer than until queue.next_due():
//!     while let Some(key) = queue.pop_due(now): re-arm key
//! the direction has made progress:
//!     backoff.reset()
//! ```
//!
//! Times are those of whatever clock a backend has.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::time::Duration;

/// How long a listener is left disarmed after a failed accept.
pub(crate) const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(10);

/// The delays of successive retries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    /// How many retries have no delay.
    pub(crate) free: u8,
    /// The delay of the first retry after those.
    pub(crate) first_ns: u64,
    /// How often it doubles: from then on it stays the same.
    pub(crate) max_doublings: u8,
}

/// How many retries there were in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Backoff(u8);

impl Backoff {
    /// The delay of the next retry, in nanoseconds.
    #[inline]
    pub(crate) fn next_ns(&mut self, schedule: &Schedule) -> u64 {
        let retries = self.0;
        self.0 = retries.saturating_add(1);
        match retries.checked_sub(schedule.free) {
            None => 0,
            Some(doublings) => schedule.first_ns << doublings.min(schedule.max_doublings),
        }
    }

    /// Begins anew with the shortest delay.
    #[inline]
    pub(crate) fn reset(&mut self) {
        self.0 = 0;
    }
}

/// The first multiple of `tick` after a time. What is due at about the same time then
/// comes due together, and costs one wake-up.
#[inline]
pub(crate) fn due_tick(time: u64, tick: u64) -> u64 {
    (time / tick).saturating_add(1).saturating_mul(tick)
}

/// Keys with the time when each is due. `T` is a backend's idea of time, `K` of what to
/// re-arm. Adding and taking one is O(log n), and allocates only for more keys than there
/// ever were.
#[derive(Debug)]
pub(crate) struct RetryQueue<T, K>(BinaryHeap<Retry<T, K>>);

/// A key and when it is due.
#[derive(Debug)]
struct Retry<T, K> {
    /// When.
    due: T,
    /// What.
    key: K,
}

impl<T: Copy + Ord, K> RetryQueue<T, K> {
    /// Nothing to re-arm.
    pub(crate) fn new() -> Self {
        Self(BinaryHeap::new())
    }

    /// Adds a key. The caller knows that it isn't there already.
    pub(crate) fn push(&mut self, due: T, key: K) {
        self.0.push(Retry { due, key });
    }

    /// Adds a key unless it is there already, for callers that don't know: O(n), for few
    /// keys.
    pub(crate) fn push_once(&mut self, due: T, key: K)
    where
        K: PartialEq,
    {
        if self.0.iter().all(|other| other.key != key) {
            self.push(due, key);
        }
    }

    /// When the next one is due.
    #[inline]
    pub(crate) fn next_due(&self) -> Option<T> {
        self.0.peek().map(|retry| retry.due)
    }

    /// Takes one that is due, the earliest first.
    pub(crate) fn pop_due(&mut self, now: T) -> Option<K> {
        if self.next_due()? > now {
            return None;
        }
        self.0.pop().map(|retry| retry.key)
    }
}

// The earliest is the greatest, which a heap returns first. Keys don't matter.
impl<T: Ord, K> Ord for Retry<T, K> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.due.cmp(&self.due)
    }
}

impl<T: Ord, K> PartialOrd for Retry<T, K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord, K> PartialEq for Retry<T, K> {
    fn eq(&self, other: &Self) -> bool {
        self.due == other.due
    }
}

impl<T: Ord, K> Eq for Retry<T, K> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_when_due_in_order_and_once() {
        let mut queue = RetryQueue::new();
        queue.push_once(20, 'b');
        queue.push_once(10, 'a');
        queue.push_once(30, 'a');
        assert_eq!(queue.next_due(), Some(10));
        assert_eq!(queue.pop_due(9), None);
        assert_eq!(queue.pop_due(25), Some('a'));
        assert_eq!(queue.pop_due(25), Some('b'));
        assert_eq!(queue.pop_due(25), None);
        assert_eq!(queue.next_due(), None);
    }

    #[test]
    fn delays_double_up_to_the_longest_and_begin_anew() {
        let schedule = Schedule {
            free: 2,
            first_ns: 100,
            max_doublings: 3,
        };
        let mut backoff = Backoff::default();
        let mut delays = |count| -> Vec<u64> {
            let next = |_| backoff.next_ns(&schedule);
            (0..count).map(next).collect()
        };
        assert_eq!(delays(7), [0, 0, 100, 200, 400, 800, 800]);
        assert!(delays(1000).iter().all(|delay| *delay == 800));
        backoff.reset();
        assert_eq!(backoff.next_ns(&schedule), 0);
    }

    #[test]
    fn due_times_are_the_next_whole_tick() {
        for (time, due) in [(0, 10), (1, 10), (9, 10), (10, 20), (25, 30)] {
            assert_eq!(due_tick(time, 10), due);
        }
        assert_eq!(due_tick(u64::MAX, 10), u64::MAX);
    }
}
