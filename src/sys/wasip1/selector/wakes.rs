//! The wakers that were used: marks that the next select reports. WASI preview 1.

use crate::sys::event::{Event, Events, Readiness};
use crate::Token;

/// The wakers of a selector.
#[derive(Debug, Default)]
pub(super) struct Wakes {
    /// The tokens of those that were used since their last event.
    pending: Vec<Token>,
    /// The number of wakers that were made.
    wakers: usize,
}

impl Wakes {
    /// Reserves capacity for one more waker, so that waking allocates nothing.
    pub(super) fn add_waker(&mut self) {
        self.wakers += 1;
        self.pending.reserve(self.wakers - self.pending.len());
    }

    /// Makes the next select report this token.
    pub(super) fn wake(&mut self, token: Token) {
        if !self.pending.contains(&token) {
            self.pending.push(token);
        }
    }

    /// Is there anything to report?
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Reports them, as far as the buffer has capacity.
    #[inline]
    pub(super) fn report(&mut self, events: &mut Events) {
        if !self.is_empty() {
            self.report_pending(events);
        }
    }

    /// The same for those that are pending, which most selects have none of.
    fn report_pending(&mut self, events: &mut Events) {
        self.pending.retain(|token| {
            let event = Event::new(*token, Readiness::READABLE);
            events.push(event).is_none()
        });
    }
}
