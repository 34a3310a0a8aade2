//! The waker of poll(2): a flag that the select looks at, and the doorbell that
//! ends a call.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use super::{lock, Event, Events, PollSet, Shared};
use crate::sys::contract;
use crate::sys::event::Readiness;
use crate::Token;

/// A flag of a select, which any thread can set without a lock.
#[derive(Debug)]
pub(crate) struct Waker {
    /// Where the flag stands.
    shared: Arc<Shared>,
    /// The flag.
    wake: Arc<Wake>,
}

/// A wake-up to come.
#[derive(Debug)]
struct Wake {
    /// The token of its event.
    token: Token,
    /// Has it been asked for, and not been reported yet?
    is_pending: AtomicBool,
}

/// The flags of a select; one as a rule.
#[derive(Debug, Default)]
pub(super) struct Wakes(Vec<Arc<Wake>>);

impl Wakes {
    /// Puts those that were asked for into `events`, as far as there is room.
    pub(super) fn report(&self, events: &mut Events) {
        for wake in &self.0 {
            if !events.is_full() && wake.is_pending.swap(false, Ordering::AcqRel) {
                events.push(Event::new(wake.token, Readiness::READABLE));
            }
        }
    }

    /// Was one asked for that is not reported yet?
    pub(super) fn is_any_pending(&self) -> bool {
        self.0
            .iter()
            .any(|wake| wake.is_pending.load(Ordering::Acquire))
    }
}

impl contract::Waker for Waker {
    type Selector = PollSet;

    fn new(selector: &PollSet, token: Token) -> io::Result<Self> {
        let shared = selector.shared.clone();
        let wake = Arc::new(Wake {
            token,
            is_pending: AtomicBool::new(false),
        });
        lock(&shared.state).wakes.0.push(wake.clone());
        Ok(Self { shared, wake })
    }

    fn wake(&self) -> io::Result<()> {
        if self.wake.is_pending.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.shared.doorbell.ring()
    }
}

impl Drop for Waker {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.state);
        state.wakes.0.retain(|wake| !Arc::ptr_eq(wake, &self.wake));
    }
}
