//! What the handles of a selector of poll(2), its registrations and its wakers share.

use std::io;
use std::mem;
use std::os::fd::RawFd;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use libc::c_short;

use super::entries::Entries;
use super::interrupt::Interrupt;
use super::raw_fds::RawFds;
use super::wakes::Wakes;
use super::watched::Watched;
use crate::sys::posix::platform::poll_call::PollCall;
use crate::sys::retry::{RetryQueue, ACCEPT_RETRY_DELAY};
use crate::{Interest, Token};

/// What is shared.
#[derive(Debug)]
pub(super) struct Shared {
    /// Ends a call that waits.
    pub(super) interrupt: Interrupt,
    /// What is registered. Locked briefly, and never during a call.
    pub(super) state: Mutex<PollState>,
    /// The array of the call. Locked during the call.
    pub(super) watched: Mutex<Watched>,
    /// Notified when a call has returned and `PollState::waiting_removals` isn't zero.
    pub(super) returned: Condvar,
}

/// What is registered, and whether a call is running.
#[derive(Debug)]
pub(super) struct PollState {
    /// The registered descriptors.
    pub(super) entries: Entries,
    /// Those of them that are registered by their number alone.
    pub(super) raw_fds: RawFds,
    /// The wake-ups.
    pub(super) wakes: Wakes,
    /// Bits of entries to be re-armed after a delay. If the entry is another's by then, it is
    /// armed needlessly, which does no harm.
    retries: RetryQueue<Instant, (usize, c_short)>,
    /// Is a call running that no change has ended yet?
    pub(super) needs_interrupt: bool,
    /// Is a call running?
    pub(super) is_in_call: bool,
    /// The number of calls that have returned; wraps around.
    pub(super) finished_calls: u64,
    /// The number of threads that wait for a call to return.
    pub(super) waiting_removals: usize,
}

impl PollState {
    /// Re-arms bits of an entry after a delay.
    pub(super) fn rearm_after_delay(&mut self, index: usize, bits: c_short) {
        let due = Instant::now() + ACCEPT_RETRY_DELAY;
        self.retries.push_once(due, (index, bits));
    }

    /// Adds a descriptor that is registered by its number.
    pub(super) fn add_raw_fd(
        &mut self,
        fd: RawFd,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        self.raw_fds.add(&mut self.entries, fd, token, interests)
    }

    /// Changes a descriptor that is registered by its number.
    pub(super) fn change_raw_fd(
        &mut self,
        fd: RawFd,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        self.raw_fds.change(&mut self.entries, fd, token, interests)
    }

    /// Removes a descriptor that is registered by its number.
    pub(super) fn remove_raw_fd(&mut self, fd: RawFd) -> io::Result<()> {
        self.raw_fds.remove(&mut self.entries, fd)
    }

    /// Re-arms what is due. Returns the time until more is.
    fn rearm_due(&mut self) -> Option<Duration> {
        let next = self.retries.next_due()?;
        let now = Instant::now();
        if next > now {
            return Some(next - now);
        }
        while let Some((index, bits)) = self.retries.pop_due(now) {
            self.entries.arm(index, bits);
        }
        self.retries.next_due().map(|next| next - now)
    }

    /// The timeout of the next call, given the time that is left: at most until something is
    /// to be re-armed; zero if a wake-up is pending and no thread could end the call.
    pub(super) fn effective_timeout(&mut self, left: Option<Duration>) -> Option<Duration> {
        let next_retry = self.rearm_due();
        let next_probe = self.raw_fds.probe_reported(&mut self.entries);
        if PollCall::IS_SINGLE_THREADED && self.wakes.is_any_pending() {
            return Some(Duration::ZERO);
        }
        left.into_iter().chain(next_retry).chain(next_probe).min()
    }

    /// Would a call with this timeout never end? Nothing is armed, and no other thread can
    /// change that.
    pub(super) fn would_deadlock(&self, timeout: Option<Duration>) -> bool {
        PollCall::IS_SINGLE_THREADED && timeout.is_none() && !self.entries.is_any_armed()
    }
}

impl Shared {
    /// A selector that watches nothing.
    pub(super) fn new() -> io::Result<Self> {
        let interrupt = Interrupt::new()?;
        let watched = Watched::new(interrupt.raw_fd());
        let state = PollState {
            entries: Entries::default(),
            raw_fds: RawFds::default(),
            wakes: Wakes::default(),
            retries: RetryQueue::new(),
            needs_interrupt: false,
            is_in_call: false,
            finished_calls: 0,
            waiting_removals: 0,
        };
        Ok(Self {
            interrupt,
            state: Mutex::new(state),
            watched: Mutex::new(watched),
            returned: Condvar::new(),
        })
    }

    /// Changes what is registered, and ends a call that waits.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut PollState) -> R) -> io::Result<R> {
        let mut state = lock(&self.state);
        let result = change(&mut state);
        if mem::take(&mut state.needs_interrupt) {
            drop(state);
            self.interrupt.notify()?;
        }
        Ok(result)
    }

    /// As [`Shared::change`], for a removal: returns when no call holds a reference to what
    /// was removed.
    pub(super) fn remove<R>(&self, remove: impl FnOnce(&mut PollState) -> R) -> io::Result<R> {
        let mut state = lock(&self.state);
        let result = remove(&mut state);
        if mem::take(&mut state.needs_interrupt) {
            self.interrupt.notify()?;
        }
        let calls = state.finished_calls;
        state.waiting_removals += 1;
        // The call returns: it was interrupted, here or by an earlier change. The thread that
        // makes it takes this lock only afterwards.
        while state.is_in_call && state.finished_calls == calls {
            state = self
                .returned
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting_removals -= 1;
        Ok(result)
    }

    /// Arms bits of an entry, and ends a call that waits if that is a change.
    pub(super) fn rearm(&self, index: usize, bits: c_short) {
        let mut state = lock(&self.state);
        let is_change = state.entries.arm(index, bits);
        if is_change && state.needs_interrupt {
            drop(state);
            // Fails only when the notifier is broken, which the next poll returns.
            let _ = self.interrupt.notify();
        }
    }
}

/// Locks. What is locked here is consistent after each change, so that a panic in another
/// thread that held it does no harm.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
