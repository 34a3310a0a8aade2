//! The subscriptions of what is armed, as the host gets them. WASI preview 1.

use wasi::Subscription;

use super::Registrations;
use crate::sys::wasip1::selector::subscription::{subscription, Direction};

impl Registrations {
    /// The number of subscriptions: of armed directions, and before `compact` of reported ones.
    #[inline]
    pub(in super::super) fn armed(&self) -> usize {
        self.subscriptions.len() - 1
    }

    /// The subscriptions, after what ends the wait, if anything does.
    #[inline]
    pub(in super::super) fn subscriptions(&mut self, end: Option<Subscription>) -> &[Subscription] {
        match end {
            Some(end) => {
                self.subscriptions[0] = end;
                &self.subscriptions
            }
            None => &self.subscriptions[1..],
        }
    }

    /// Calls `poll` with all subscriptions, after what ends the wait, and with one more.
    pub(in super::super) fn with_one_more<R>(
        &mut self,
        end: Subscription,
        one_more: Subscription,
        poll: impl FnOnce(&[Subscription]) -> R,
    ) -> R {
        self.subscriptions.push(one_more);
        let result = poll(self.subscriptions(Some(end)));
        self.subscriptions.pop();
        result
    }

    /// What is armed for writing only, as subscriptions for reading.
    pub(in super::super) fn writers_as_readers(&self) -> impl Iterator<Item = Subscription> + '_ {
        (0..self.slots.len() as u32).filter_map(|slot| {
            let entry = &self.slots[slot as usize];
            let is_writer = entry.is_armed(Direction::Write) && !entry.is_armed(Direction::Read);
            is_writer.then(|| subscription(self.key(slot, Direction::Read), entry.source.fd))
        })
    }
}
