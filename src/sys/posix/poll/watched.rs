//! The array that a call of poll(2) is given.

use std::fmt;
use std::os::fd::RawFd;

use libc::pollfd;

use super::entries::Entries;
use super::raw_fds::RawFds;
use crate::sys::event::Events;
use crate::sys::posix::platform::poll_call::PollCall;

/// The array, and where to begin to report.
pub(super) struct Watched {
    /// The interrupt's descriptor first, then the entries in their order up to the last one
    /// that is watched. Others among them have a negative descriptor, which the call leaves
    /// out.
    pub(super) fds: Vec<pollfd>,
    /// The entry to begin with: the first that the last buffer had no space for.
    start: usize,
    /// Are wake-ups reported before entries? Alternates, so that neither keeps the other
    /// out of a small buffer.
    pub(super) wakes_first: bool,
    /// The call.
    pub(super) call: PollCall,
}

impl Watched {
    /// Watches the interrupt alone.
    pub(super) fn new(interrupt: RawFd) -> Self {
        Self {
            fds: vec![pollfd {
                fd: interrupt,
                events: libc::POLLIN,
                revents: 0,
            }],
            start: 0,
            wakes_first: false,
            call: PollCall::new(),
        }
    }

    /// Brings the array up to date.
    pub(super) fn copy_changes(&mut self, entries: &mut Entries) {
        let call = &mut self.call;
        entries.copy_changes(&mut self.fds, |index| call.note_registered(index));
    }

    /// Has the call reported the interrupt?
    pub(super) fn is_interrupted(&self) -> bool {
        self.fds[0].revents != 0
    }

    /// Reports those of `count` ready descriptors that `events` has space for.
    pub(super) fn report(
        &mut self,
        entries: &mut Entries,
        raw_fds: &mut RawFds,
        events: &mut Events,
        count: usize,
    ) {
        let fds = &self.fds[1..];
        let start = self.start.min(fds.len());
        let mut left = count.saturating_sub(usize::from(self.is_interrupted()));
        for index in (start..fds.len()).chain(0..start) {
            let bits = fds[index].revents;
            if left == 0 {
                return;
            }
            if bits == 0 {
                continue;
            }
            left -= 1;
            if events.is_full() {
                self.start = index;
                return;
            }
            if let Some(reported) = entries.report(index, bits) {
                if reported.is_raw_fd {
                    raw_fds.note_reported(index, bits, reported.disarmed);
                }
                self.call.note_returned(index + 1);
                events.push(reported.event);
            }
        }
    }
}

impl fmt::Debug for Watched {
    /// Not every `pollfd` of the libc crate is `Debug`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched")
            .field("descriptors", &self.fds.len())
            .field("start", &self.start)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::contract::Events as _;
    use crate::{Interest, Token};

    #[test]
    fn count_that_is_too_small_reports_nothing() {
        let ready = |fd| pollfd {
            fd,
            events: libc::POLLIN,
            revents: libc::POLLIN,
        };
        let mut entries = Entries::default();
        entries.add(7, Token(7), Interest::READABLE).unwrap();
        let mut watched = Watched::new(0);
        watched.fds[0].revents = libc::POLLIN;
        watched.copy_changes(&mut entries);
        watched.fds[1] = ready(7);
        let mut raw_fds = RawFds::default();
        let mut events = Events::with_capacity(4);
        for (count, reported) in [(0, 0), (1, 0), (2, 1)] {
            watched.report(&mut entries, &mut raw_fds, &mut events, count);
            assert_eq!(events.len(), reported, "{count} ready");
        }
    }
}
