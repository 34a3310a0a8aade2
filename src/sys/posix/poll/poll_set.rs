//! The selector of poll(2): the loop of a select. `mod.rs` describes it.

use std::io;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::Duration;

use super::entries::check_open;
use super::state::{lock, Shared};
use super::watched::Watched;
use crate::sys::contract::{self, Events as _};
use crate::sys::deadline::{clamped_millis, now, Deadline, MAX_INT_MILLIS_SECONDS};
use crate::sys::event::Events;
use crate::sys::source::descriptor::DescriptorSelector;
use crate::{Interest, Token};

/// A selector, or another handle of the same one.
#[derive(Clone, Debug)]
pub(crate) struct PollSet {
    /// What all handles share.
    shared: Arc<Shared>,
}

impl PollSet {
    /// What all handles, registrations and wakers share.
    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Calls poll(2) once, for at most `left` (`None`: indefinitely), and puts what is ready
    /// into `events`.
    fn poll_once(
        &self,
        watched: &mut Watched,
        events: &mut Events,
        left: Option<Duration>,
    ) -> io::Result<()> {
        let shared = &*self.shared;
        let (timeout_ms, would_deadlock) = {
            let mut state = lock(&shared.state);
            let mut timeout = state.effective_timeout(left);
            let would_deadlock = state.would_deadlock(timeout);
            if would_deadlock && state.entries.is_empty() {
                crate::log::warn_user!("a poll without a timeout waits for nothing, indefinitely");
            } else if would_deadlock {
                timeout = Some(DEADLOCK_WAIT);
            }
            watched.copy_changes(&mut state.entries);
            state.needs_interrupt = true;
            state.is_in_call = true;
            let timeout_ms = timeout.map_or(-1, |timeout| {
                clamped_millis(timeout, MAX_INT_MILLIS_SECONDS) as i32
            });
            (timeout_ms, would_deadlock)
        };
        let count = watched.call.poll(&mut watched.fds, timeout_ms);

        let mut state = lock(&shared.state);
        let state = &mut *state;
        if would_deadlock {
            // A spurious event is better than to wait indefinitely.
            state.entries.arm_everything();
        }
        state.needs_interrupt = false;
        state.is_in_call = false;
        state.finished_calls = state.finished_calls.wrapping_add(1);
        if state.waiting_removals > 0 {
            shared.returned.notify_all();
        }
        let count = count?;
        if watched.is_interrupted() {
            shared.interrupt.drain()?;
        }
        watched.wakes_first = !watched.wakes_first;
        if watched.wakes_first {
            state.wakes.report(events);
        }
        watched.report(&mut state.entries, &mut state.raw_fds, events, count);
        if !watched.wakes_first {
            state.wakes.report(events);
        }
        if state.wakes.is_any_pending() {
            // The buffer is full: the next call must not wait.
            shared.interrupt.notify()?;
        }
        Ok(())
    }
}

impl contract::Selector for PollSet {
    type Events = Events;

    fn new() -> io::Result<Self> {
        Ok(Self {
            shared: Arc::new(Shared::new()?),
        })
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
            match self.poll_once(&mut watched, events, left) {
                // The kernel could not allocate its tables, which it may do soon (poll(2)).
                Err(error) if error.raw_os_error() == Some(libc::EAGAIN) => {
                    crate::log::debug!("poll(2) is called once more after: {error}");
                }
                Err(error) => return Err(error),
                Ok(()) if events.len() > 0 => return Ok(()),
                // The deadline is over, a change has ended the call, or a delay is over.
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
        check_open(fd)?;
        self.shared
            .change(|state| state.add_raw_fd(fd, token, interests))?
    }

    fn reregister(&self, fd: RawFd, token: Token, interests: Interest) -> io::Result<()> {
        self.shared
            .change(|state| state.change_raw_fd(fd, token, interests))?
    }

    fn deregister(&self, fd: RawFd) -> io::Result<()> {
        self.shared.remove(|state| state.remove_raw_fd(fd))?
    }
}

/// The wait of a poll without a timeout that nothing else can end, until it reports what the
/// program has left unread. Long enough to cost nothing.
const DEADLOCK_WAIT: Duration = Duration::from_millis(50);
