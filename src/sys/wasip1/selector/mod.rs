//! The selector of WASI preview 1: `poll_oneoff`, with edges made from levels.
//!
//! The host reports a state for as long as it lasts. So that a program gets one event for each
//! change, a direction is disarmed when its event goes into the caller's buffer, and re-armed by
//! I/O that may have used the readiness up (see `sys/source/rearm.rs`), by registering and by
//! reregistering.
//!
//! | file | what |
//! |---|---|
//! | `select.rs` | the loop of a select; start reading here |
//! | `context.rs` | what all parts of a select work on |
//! | `registrations/` | registrations, the states of their directions, delivery of events |
//! | `subscription.rs` | subscriptions and their keys |
//! | `poll_oneoff.rs` | the call of the host |
//! | `active_set.rs` | peeking at streams that had an event lately |
//! | `poll_policy.rs` | when to poll for everything, and when to peek |
//! | `quirks/` | what the host does otherwise than one expects, one file each |
//! | `wakes.rs` | wakers that were used |
//! | `raw_fd.rs` | descriptors that are registered by their number |

mod active_set;
mod context;
mod poll_oneoff;
mod poll_policy;
mod quirks;
mod raw_fd;
mod registrations;
mod select;
mod subscription;
#[cfg(test)]
mod tests;
mod wakes;

use std::io;
use std::num::NonZeroI32;
use std::os::fd::RawFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use self::raw_fd::{check_watchable, RawFds};
use self::select::{Select, Verdict};
use self::subscription::Direction;
use super::host::{self, Host as _, Wasi};
use super::source::{Kind, Origin, RawSource};
use super::Events;
use crate::sys::already_registered;
use crate::sys::contract;
use crate::sys::source::descriptor::DescriptorSelector;
use crate::sys::source::rearm::{Rearm, Registration};
use crate::{Interest, Token};

/// What is kept beside each source.
pub(crate) type SourceState = Rearm<Entry>;

/// What all handles of a selector share.
struct State {
    /// The selector.
    select: Select<Wasi>,
    /// The descriptors that are registered by their number.
    raw_fds: RawFds,
}

/// The state behind all handles.
type Shared = Arc<Mutex<State>>;

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("raw_fds", &self.raw_fds)
            .finish_non_exhaustive()
    }
}

/// A handle of a selector.
#[derive(Clone, Debug)]
pub(crate) struct PollOneoff {
    /// The state.
    shared: Shared,
}

/// The state, also when another user of it has panicked.
#[inline]
fn lock(shared: &Mutex<State>) -> MutexGuard<'_, State> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl PollOneoff {
    /// Reserves capacity for a waker.
    pub(super) fn add_waker(&self) {
        lock(&self.shared).select.wakes().add_waker();
    }

    /// Makes the next select report this token.
    pub(super) fn wake(&self, token: Token) {
        lock(&self.shared).select.wakes().wake(token);
    }
}

impl contract::Selector for PollOneoff {
    type Events = Events;

    fn new() -> io::Result<Self> {
        let state = State {
            select: Select::new(Wasi)?,
            raw_fds: RawFds::default(),
        };
        Ok(Self {
            shared: Arc::new(Mutex::new(state)),
        })
    }

    fn try_clone(&self) -> io::Result<Self> {
        Ok(self.clone())
    }

    fn select(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        events.prepare()?;
        let verdict = lock(&self.shared).select.select(events, timeout)?;
        if verdict == Verdict::Deadlock {
            crate::log::warn_user!(
                "a poll without a timeout and without registrations never returns"
            );
            match poll_oneoff::sleep_indefinitely(&Wasi)? {}
        }
        Ok(())
    }
}

/// A source's registration.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Where it is registered.
    shared: Shared,
    /// Its slot there, which belongs to this object until it is dropped.
    slot: u32,
}

impl Registration for Entry {
    type Selector = PollOneoff;

    #[inline]
    fn new(
        selector: &PollOneoff,
        source: RawSource,
        token: Token,
        interests: Interest,
    ) -> io::Result<Self> {
        check_interests(interests)?;
        if source.origin == Origin::Unknown {
            host::check_socket(source.fd)?;
        }
        let mut state = lock(&selector.shared);
        // A descriptor that is twice in its list is an error for the host.
        if state.raw_fds.contains(source.fd) {
            return Err(already_registered());
        }
        let slot = state.select.register(source, token, interests);
        drop(state);
        Ok(Self {
            shared: selector.shared.clone(),
            slot: slot.ok_or_else(too_many_registrations)?,
        })
    }

    fn belongs_to(&self, selector: &PollOneoff) -> bool {
        Arc::ptr_eq(&self.shared, &selector.shared)
    }

    fn change(&self, token: Token, interests: Interest) -> io::Result<()> {
        check_interests(interests)?;
        lock(&self.shared)
            .select
            .change(self.slot, token, interests);
        Ok(())
    }

    #[inline]
    fn rearm(&self, direction: Interest) {
        let mut state = lock(&self.shared);
        for each in Direction::BOTH {
            if each.is_in(direction) {
                state.select.rearm(self.slot, each);
            }
        }
    }

    fn rearm_after_delay(&self, direction: Interest) {
        let mut state = lock(&self.shared);
        for each in Direction::BOTH {
            if each.is_in(direction) {
                state.select.rearm_after_delay(self.slot, each);
            }
        }
    }

    fn take_pending_error(&self) -> Option<NonZeroI32> {
        let mut state = lock(&self.shared);
        let registrations = &mut state.select.context().registrations;
        registrations.take_pending_error(self.slot)
    }

    fn set_pending_error(&self, number: NonZeroI32) {
        let mut state = lock(&self.shared);
        let registrations = &mut state.select.context().registrations;
        registrations.set_pending_error(self.slot, number);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut state = lock(&self.shared);
        state.select.context().registrations.remove(self.slot);
    }
}

impl DescriptorSelector for PollOneoff {
    fn register(&self, fd: RawFd, token: Token, interests: Interest) -> io::Result<()> {
        check_interests(interests)?;
        let fd = fd as wasi::Fd;
        let State { select, raw_fds } = &mut *lock(&self.shared);
        let context = select.context();
        if context.registrations.has_descriptor(fd) {
            return Err(already_registered());
        }
        check_watchable(context, fd, interests)?;
        let kind = match context.host.is_datagram(fd) {
            true => Kind::RawFdDatagram,
            false => Kind::RawFd,
        };
        // It may be no socket at all, and was checked.
        let source = RawSource {
            fd,
            kind,
            origin: Origin::Unknown,
        };
        let slot = select.register(source, token, interests);
        raw_fds.add(fd, slot.ok_or_else(too_many_registrations)?);
        Ok(())
    }

    fn reregister(&self, fd: RawFd, token: Token, interests: Interest) -> io::Result<()> {
        check_interests(interests)?;
        let fd = fd as wasi::Fd;
        let State { select, raw_fds } = &mut *lock(&self.shared);
        let slot = raw_fds.slot(fd)?;
        check_watchable(select.context(), fd, interests)?;
        select.change(slot, token, interests);
        Ok(())
    }

    fn deregister(&self, fd: RawFd) -> io::Result<()> {
        let State { select, raw_fds } = &mut *lock(&self.shared);
        let slot = raw_fds.remove(fd as wasi::Fd)?;
        select.context().registrations.remove(slot);
        Ok(())
    }
}

/// The error of a selector whose slots have run out.
fn too_many_registrations() -> io::Error {
    io::Error::new(
        io::ErrorKind::OutOfMemory,
        "too many sources are registered",
    )
}

/// Refuses the interests that the host can't watch.
fn check_interests(interests: Interest) -> io::Result<()> {
    if interests.is_aio() || interests.is_lio() || interests.is_priority() {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "WASI can watch for reading and writing only (Interest::READABLE, Interest::WRITABLE)",
        ));
    }
    Ok(())
}
