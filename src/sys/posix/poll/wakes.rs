//! Wake-ups that are pending in a selector of poll(2).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use crate::sys::event::{Event, Events, Readiness};
use crate::Token;

/// The wake-up of one waker.
#[derive(Debug)]
pub(super) struct Wake {
    /// The token of its events.
    token: Token,
    /// Was it requested, and not reported yet?
    is_pending: AtomicBool,
}

impl Wake {
    /// Requests it. Returns whether it was not pending.
    pub(super) fn request(&self) -> bool {
        !self.is_pending.swap(true, Ordering::AcqRel)
    }
}

/// The wake-ups of all wakers of a selector, which usually has one.
#[derive(Debug, Default)]
pub(super) struct Wakes(Vec<Arc<Wake>>);

impl Wakes {
    /// Adds one for a waker.
    pub(super) fn add(&mut self, token: Token) -> Arc<Wake> {
        let wake = Arc::new(Wake {
            token,
            is_pending: AtomicBool::new(false),
        });
        self.0.push(Arc::clone(&wake));
        wake
    }

    /// Removes that of a waker.
    pub(super) fn remove(&mut self, wake: &Arc<Wake>) {
        self.0.retain(|other| !Arc::ptr_eq(other, wake));
    }

    /// Reports those that are pending, until `events` is full.
    pub(super) fn report(&self, events: &mut Events) {
        for wake in &self.0 {
            if !events.is_full() && wake.is_pending.swap(false, Ordering::AcqRel) {
                events.push(Event::new(wake.token, Readiness::READABLE));
            }
        }
    }

    /// Is one of them pending?
    pub(super) fn is_any_pending(&self) -> bool {
        self.0
            .iter()
            .any(|wake| wake.is_pending.load(Ordering::Acquire))
    }
}
