//! Directions to be armed again later; for systems that keep no edges.
//!
//! When descriptors have run out, accepting fails and the listener goes on being
//! ready. Reporting it at once again would be a busy loop; never again would kill
//! it. So it is armed again after a pause.

use std::time::Duration;

/// How long a pause is.
pub(crate) const PAUSE: Duration = Duration::from_millis(10);

/// Keys with the time when each is due, the earliest first. `T` is a backend's
/// idea of time, `K` of what to arm.
#[derive(Debug)]
pub(crate) struct Delays<T, K>(Vec<(T, K)>);

impl<T: Copy + Ord, K: PartialEq> Delays<T, K> {
    /// Nothing to arm.
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a key, unless it is there already.
    pub(crate) fn add(&mut self, due: T, key: K) {
        if self.0.iter().all(|(_, other)| *other != key) {
            let at = self.0.partition_point(|(other, _)| *other <= due);
            self.0.insert(at, (due, key));
        }
    }

    /// When the next one is due.
    pub(crate) fn next_due(&self) -> Option<T> {
        self.0.first().map(|(due, _)| *due)
    }

    /// Takes one that is due.
    pub(crate) fn take_due(&mut self, now: T) -> Option<K> {
        match self.0.first() {
            Some((due, _)) if *due <= now => Some(self.0.remove(0).1),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_when_due_in_order_and_once() {
        let mut delays = Delays::new();
        delays.add(20, 'b');
        delays.add(10, 'a');
        delays.add(30, 'a');
        assert_eq!(delays.next_due(), Some(10));
        assert_eq!(delays.take_due(9), None);
        assert_eq!(delays.take_due(25), Some('a'));
        assert_eq!(delays.take_due(25), Some('b'));
        assert_eq!(delays.take_due(25), None);
        assert_eq!(delays.next_due(), None);
    }
}
