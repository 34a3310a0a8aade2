//! The selector of WASI preview 1: `poll_oneoff` with edges made from levels.
//!
//! The host reports a state for as long as it lasts. So that a program sees each
//! change once, a direction is disarmed when its event goes into the caller's
//! buffer, and armed again by the I/O that may have used the readiness up (see
//! `sys/source/rearm.rs`), by registering and by reregistering.
//!
//! | file | what |
//! |---|---|
//! | `key.rs` | subscriptions and their keys |
//! | `table.rs` | registrations, and the array of what is armed |
//! | `host_poll.rs` | the call itself, with its quirks |
//! | `tiers.rs` | when to ask it for everything, and when to look at busy streams only |
//! | `hot.rs` | looking at busy streams |
//! | `state.rs` | one select: asking, delivering, leftovers, wake-ups |
//! | `later.rs` | what is to be done at a later time |
//! | `by_number.rs` | descriptors registered by their number |
//! | `hang_up.rs` | which directions of a source are closed |
//! | `window.rs` | hosts that take few subscriptions at a time |
//! | `stuck.rs` | half-closed streams that keep the host from waiting |
//! | `datagram_errors.rs` | errors of datagram sockets that the host doesn't report |

mod by_number;
mod datagram_errors;
mod hang_up;
mod host_poll;
mod hot;
mod key;
mod later;
mod state;
mod stuck;
mod table;
mod tiers;
mod window;

#[cfg(test)]
mod error_simulations;
#[cfg(test)]
mod simulations;
#[cfg(test)]
mod tier_simulations;

use std::io;
use std::num::NonZeroI32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use self::key::Direction;
use self::state::{State, Verdict};
use super::{host, Events, RawSource};
use crate::sys::already_registered;
use crate::sys::contract::{self, Events as _};
use crate::sys::source::rearm::{Rearm, Registration};
use crate::{Interest, Token};

/// What is kept beside each source.
pub(crate) type SourceState = Rearm<Entry>;

/// The state behind all handles of a selector.
type Shared = Arc<Mutex<State>>;

/// The state, whatever happened to another user of it.
#[inline]
fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A handle of a selector.
#[derive(Clone, Debug)]
pub(crate) struct PollOneoff {
    /// The state.
    shared: Shared,
}

impl PollOneoff {
    /// Announces a waker.
    pub(super) fn add_waker(&self) {
        lock(&self.shared).add_waker();
    }

    /// Makes the next select report this token.
    pub(super) fn wake(&self, token: Token) {
        lock(&self.shared).wake(token);
    }
}

impl contract::Selector for PollOneoff {
    type Events = Events;

    fn new() -> io::Result<Self> {
        Ok(Self {
            shared: Arc::new(Mutex::new(State::new()?)),
        })
    }

    fn try_clone(&self) -> io::Result<Self> {
        Ok(self.clone())
    }

    fn select(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        events.clear();
        if events.capacity() == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a poll needs room for at least one event",
            ));
        }
        let verdict = lock(&self.shared).select(events, timeout)?;
        if verdict == Verdict::Deadlock {
            crate::log::warn_user!(
                "a poll without timeout waits for nothing that could happen: it never ends"
            );
            match host_poll::sleep_for_ever()? {}
        }
        Ok(())
    }
}

/// A source's registration.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Where it is registered.
    shared: Shared,
    /// Its place there, which nobody else has until it is dropped.
    slot: u32,
}

impl Registration for Entry {
    type Selector = PollOneoff;

    fn new(
        selector: &PollOneoff,
        source: RawSource,
        token: Token,
        interests: Interest,
    ) -> io::Result<Self> {
        check_interests(interests)?;
        host::check_socket(source.fd)?;
        let shared = selector.shared.clone();
        let mut state = lock(&shared);
        // Twice in its list is an error for the host, which it doesn't even report.
        if state.is_numbered(source.fd) {
            return Err(already_registered());
        }
        let slot = state.register(source, token, interests);
        drop(state);
        let slot = slot.ok_or_else(no_more_slots)?;
        Ok(Self { shared, slot })
    }

    fn belongs_to(&self, selector: &PollOneoff) -> bool {
        Arc::ptr_eq(&self.shared, &selector.shared)
    }

    fn change(&self, token: Token, interests: Interest) -> io::Result<()> {
        check_interests(interests)?;
        lock(&self.shared).change(self.slot, token, interests);
        Ok(())
    }

    #[inline]
    fn rearm(&self, direction: Interest) {
        let mut state = lock(&self.shared);
        for each in Direction::BOTH {
            if each.is_in(direction) {
                state.rearm(self.slot, each);
            }
        }
    }

    fn rearm_later(&self, direction: Interest) {
        let mut state = lock(&self.shared);
        for each in Direction::BOTH {
            if each.is_in(direction) {
                state.arm_after_pause(self.slot, each);
            }
        }
    }

    fn take_pending_error(&self) -> Option<NonZeroI32> {
        lock(&self.shared).table.take_pending_error(self.slot)
    }

    fn set_pending_error(&self, number: NonZeroI32) {
        lock(&self.shared).set_pending_error(self.slot, number);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        lock(&self.shared).table.remove(self.slot);
    }
}

/// The error of a table that is full.
fn no_more_slots() -> io::Error {
    io::Error::new(
        io::ErrorKind::OutOfMemory,
        "too many sources are registered",
    )
}

/// Refuses what the host can't watch for.
fn check_interests(interests: Interest) -> io::Result<()> {
    if interests.is_aio() || interests.is_lio() || interests.is_priority() {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "WASI can watch for reading and writing only (Interest::READABLE, Interest::WRITABLE)",
        ));
    }
    Ok(())
}
