//! poll(2): all Unix systems without anything better, WASI preview 2, and any with
//! `--cfg mio_unsupported_force_poll_poll`.
//!
//! The call reports a state as long as it lasts, of an array of descriptors that
//! nobody may change meanwhile. So there are two halves. The *entries* say what
//! is registered and which directions are armed; they stand behind a lock that is
//! held for moments only, so that any thread can change them at any time. The
//! *watched* array is what the call is given. Before each call the entries that
//! have changed are copied into it: a registration costs the same however many
//! others there are.
//!
//! A change while a call waits has to end it: a *doorbell* is the first
//! descriptor of the array, and is rung then. Wakers ring it too. Its event is
//! never seen by the user.
//!
//! The kernel holds on to each descriptor that a call was given until the call
//! returns. Closing one has no effect before: a listener would go on taking
//! connections, a connection would not end. So a removal waits for the call that
//! it has ended.
//!
//! WASI preview 2 has no threads, so nothing can change or wake while a call waits:
//! what is pending is looked at before.

mod call;
mod doorbell;
mod entries;
mod registration;
mod report;
mod waker;

use std::fmt;
use std::io;
use std::mem;
use std::os::fd::RawFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use libc::c_short;

use self::call::Call;
use self::doorbell::Doorbell;
use self::entries::Entries;
use self::waker::Wakes;
use crate::sys::contract::{self, Events as _};
use crate::sys::deadline::{clamped_millis, now, Deadline, MAX_INT_MILLIS_SECONDS};
use crate::sys::retry::{RetryQueue, ACCEPT_RETRY_DELAY};
use crate::sys::source::descriptor::DescriptorSelector;
use crate::sys::source::rearm::Rearm;
use crate::{Interest, Token};

pub(crate) use self::waker::Waker;
pub(crate) use crate::sys::event::{Event, Events};

/// What is kept beside each source.
pub(crate) type SourceState = Rearm<registration::Entry>;

/// Gives a type nothing: this selector has no descriptor that stands for it.
macro_rules! impl_selector_handles {
    ($type:ident, |$value:ident| $selector:expr) => {};
}
pub(crate) use impl_selector_handles;

/// A set of descriptors to be polled.
#[derive(Clone, Debug)]
pub(crate) struct PollSet {
    /// What all handles of this set share.
    shared: Arc<Shared>,
}

/// What the handles of a set, its registrations and its wakers share.
#[derive(Debug)]
struct Shared {
    /// Ends a call that waits.
    doorbell: Doorbell,
    /// What is registered. Locked for moments only, never during a call.
    state: Mutex<State>,
    /// What the call is given. Locked during the call.
    watched: Mutex<Watched>,
    /// Tells those who wait for it that a call has returned.
    returned: Condvar,
}

/// What is registered, and what goes on.
#[derive(Debug)]
struct State {
    /// The registered descriptors.
    entries: Entries,
    /// The wakers.
    wakes: Wakes,
    /// Bits of places that are to be re-armed later. A place that has passed to
    /// another registration meanwhile is armed needlessly, which does no harm.
    retries: RetryQueue<Instant, (usize, c_short)>,
    /// Is a call under way that a change has to end?
    is_waiting: bool,
    /// Is a call under way, whether it is being ended or not?
    is_calling: bool,
    /// How many calls have returned. May start again at 0.
    calls: u64,
    /// How many threads wait for a call to return.
    leaving: usize,
}

impl State {
    /// Arms a place after a pause.
    fn arm_later(&mut self, place: usize, bits: c_short) {
        let due = Instant::now() + ACCEPT_RETRY_DELAY;
        self.retries.push_once(due, (place, bits));
    }

    /// Arms what is due, and tells the time until more is.
    fn arm_due(&mut self) -> Option<Duration> {
        let next = self.retries.next_due()?;
        let now = Instant::now();
        if next > now {
            return Some(next - now);
        }
        while let Some((place, bits)) = self.retries.pop_due(now) {
            self.entries.arm(place, bits);
        }
        self.retries.next_due().map(|next| next - now)
    }

    /// How long the call is to wait, given how long it may: no longer than until more
    /// is to be armed, and where nobody else can end it, not with anything pending.
    fn wait_for(&mut self, left: Option<Duration>) -> Option<Duration> {
        let pause = self.arm_due();
        let look = self.entries.look_again();
        if Call::IS_ALONE && self.wakes.is_any_pending() {
            return Some(Duration::ZERO);
        }
        left.into_iter().chain(pause).chain(look).min()
    }

    /// Would a wait without limit never end? Nothing is armed, and nobody else can
    /// change that: on a system with threads it is no more than a wait.
    fn is_hopeless(&self, wait: Option<Duration>) -> bool {
        Call::IS_ALONE && wait.is_none() && !self.entries.is_any_armed()
    }
}

/// The array of the call.
struct Watched {
    /// The doorbell first, then the entries in their order up to the last that is
    /// watched; others before it have a negative descriptor, which the call
    /// leaves out.
    fds: Vec<libc::pollfd>,
    /// The entry that is looked at first: behind the last that found room.
    start: usize,
    /// Do wakers get their events before descriptors? Changes with each call, so
    /// that neither keeps a small buffer from the other.
    wakers_first: bool,
    /// The call.
    call: Call,
}

/// How long a poll without limit waits until it reports what the program has ignored,
/// when nothing else can ever end it. Long enough to cost nothing.
const HOPELESS_WAIT: Duration = Duration::from_millis(50);

/// Locks. What is locked here is whole after each change, so that a panic
/// elsewhere in the thread that held it does no harm.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Changes what is registered, at once also for a call that waits.
    fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> io::Result<R> {
        let mut state = lock(&self.state);
        let result = change(&mut state);
        if mem::take(&mut state.is_waiting) {
            drop(state);
            self.doorbell.ring()?;
        }
        Ok(result)
    }

    /// As [`Shared::change`], for a removal: afterwards no call holds on to what
    /// was removed.
    fn remove<R>(&self, remove: impl FnOnce(&mut State) -> R) -> io::Result<R> {
        let mut state = lock(&self.state);
        let result = remove(&mut state);
        if mem::take(&mut state.is_waiting) {
            self.doorbell.ring()?;
        }
        let calls = state.calls;
        state.leaving += 1;
        // The thread that calls takes this lock only once it has returned, and
        // nothing keeps it from returning: the bell was rung, here or by the one
        // who has changed something before.
        while state.is_calling && state.calls == calls {
            state = self
                .returned
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.leaving -= 1;
        Ok(result)
    }

    /// Calls once, for at most `left` (none: without limit), and puts what is ready
    /// into `events`.
    fn poll(
        &self,
        watched: &mut Watched,
        events: &mut Events,
        left: Option<Duration>,
    ) -> io::Result<()> {
        let (millis, is_hopeless) = {
            let mut state = lock(&self.state);
            let mut wait = state.wait_for(left);
            let is_hopeless = state.is_hopeless(wait);
            if is_hopeless && state.entries.is_empty() {
                crate::log::warn_user!("a poll without a timeout waits for nothing, for ever");
            } else if is_hopeless {
                wait = Some(HOPELESS_WAIT);
            }
            state.entries.copy_changes(&mut watched.fds);
            state.is_waiting = true;
            state.is_calling = true;
            let millis = wait.map_or(-1, |wait| {
                clamped_millis(wait, MAX_INT_MILLIS_SECONDS) as i32
            });
            (millis, is_hopeless)
        };
        let count = watched.call.poll(&mut watched.fds, millis);

        let mut state = lock(&self.state);
        if is_hopeless {
            // An event too many is better than none for ever.
            state.entries.arm_everything();
        }
        state.is_waiting = false;
        state.is_calling = false;
        state.calls = state.calls.wrapping_add(1);
        if state.leaving > 0 {
            self.returned.notify_all();
        }
        let count = count?;
        if watched.fds[0].revents != 0 {
            self.doorbell.silence()?;
        }
        watched.wakers_first = !watched.wakers_first;
        if watched.wakers_first {
            state.wakes.report(events);
        }
        watched.report(&mut state.entries, events, count);
        if !watched.wakers_first {
            state.wakes.report(events);
        }
        if state.wakes.is_any_pending() {
            // There was no room: the next call must not wait.
            self.doorbell.ring()?;
        }
        Ok(())
    }
}

impl fmt::Debug for Watched {
    /// Not all that libc has had of `pollfd` can be shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let watched = &self.fds.len();
        f.debug_struct("Watched")
            .field("descriptors", watched)
            .field("start", &self.start)
            .finish_non_exhaustive()
    }
}

impl Watched {
    /// Puts those of `count` ready descriptors that find room into `events`.
    fn report(&mut self, entries: &mut Entries, events: &mut Events, count: usize) {
        let fds = &self.fds[1..];
        let start = self.start.min(fds.len());
        // There is always the doorbell, and it is among those that are counted.
        let mut left = count.saturating_sub(usize::from(self.fds[0].revents != 0));
        for index in (start..fds.len()).chain(0..start) {
            let reported = fds[index].revents;
            if left == 0 {
                return;
            }
            if reported == 0 {
                continue;
            }
            left -= 1;
            if events.is_full() {
                self.start = index;
                return;
            }
            if let Some(event) = entries.report(index, reported) {
                events.push(event);
            }
        }
    }
}

impl contract::Selector for PollSet {
    type Events = Events;

    fn new() -> io::Result<Self> {
        let doorbell = Doorbell::new()?;
        let watched = Watched {
            fds: vec![libc::pollfd {
                fd: doorbell.raw_fd(),
                events: libc::POLLIN,
                revents: 0,
            }],
            start: 0,
            wakers_first: false,
            call: Call::new(),
        };
        let state = State {
            entries: Entries::default(),
            wakes: Wakes::default(),
            retries: RetryQueue::new(),
            is_waiting: false,
            is_calling: false,
            calls: 0,
            leaving: 0,
        };
        let shared = Arc::new(Shared {
            doorbell,
            state: Mutex::new(state),
            watched: Mutex::new(watched),
            returned: Condvar::new(),
        });
        Ok(Self { shared })
    }

    fn try_clone(&self) -> io::Result<Self> {
        Ok(self.clone())
    }

    fn select(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        events.prepare()?;
        let deadline = Deadline::after(timeout, now)?;
        let mut watched = lock(&self.shared.watched);
        loop {
            let left = deadline.left(now)?;
            match self.shared.poll(&mut watched, events, left) {
                // The kernel was short of memory for a moment.
                Err(error) if error.raw_os_error() == Some(libc::EAGAIN) => {}
                Err(error) => return Err(error),
                Ok(()) if events.len() > 0 => return Ok(()),
                // Over, or only the doorbell, what has changed meanwhile, or the
                // end of a pause.
                Ok(()) => {}
            }
            if deadline.is_over(now)? {
                return Ok(());
            }
        }
    }
}

impl DescriptorSelector for PollSet {
    fn register(&self, fd: RawFd, token: Token, interests: Interest) -> io::Result<()> {
        entries::check_open(fd)?;
        self.shared
            .change(|state| state.entries.add_by_number(fd, token, interests))?
    }

    fn reregister(&self, fd: RawFd, token: Token, interests: Interest) -> io::Result<()> {
        self.shared
            .change(|state| state.entries.change_by_number(fd, token, interests))?
    }

    fn deregister(&self, fd: RawFd) -> io::Result<()> {
        self.shared
            .remove(|state| state.entries.remove_by_number(fd))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn count_that_is_too_small_reports_nothing_and_harms_nobody() {
        let ready = |fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: libc::POLLIN,
        };
        let mut entries = Entries::default();
        entries.add(7, Token(7), Interest::READABLE).unwrap();
        let mut fds = vec![ready(0)];
        entries.copy_changes(&mut fds);
        fds[1] = ready(7);
        let mut watched = Watched {
            call: Call::new(),
            fds,
            start: 0,
            wakers_first: false,
        };
        let mut events = Events::with_capacity(4);
        for (count, reported) in [(0, 0), (1, 0), (2, 1)] {
            watched.report(&mut entries, &mut events, count);
            assert_eq!(events.len(), reported, "{count} ready");
        }
    }
}
