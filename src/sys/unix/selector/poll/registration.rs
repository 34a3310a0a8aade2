//! A source's entry among those that are registered with poll(2).

use std::io;
use std::os::fd::RawFd;
use std::sync::Arc;

use super::report::bits_armed_by;
use super::{entries, lock, PollSet, Shared};
use crate::sys::source::rearm::Registration;
use crate::{Interest, Token};

/// An entry. Dropping it removes it.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Where it is an entry.
    shared: Arc<Shared>,
    /// Its place there, which belongs to this object alone.
    place: usize,
}

impl Registration for Entry {
    type Selector = PollSet;

    fn new(
        selector: &PollSet,
        source: RawFd,
        token: Token,
        interests: Interest,
    ) -> io::Result<Self> {
        entries::check_open(source)?;
        let place = selector
            .shared
            .change(|state| state.entries.add(source, token, interests))??;
        Ok(Self {
            shared: selector.shared.clone(),
            place,
        })
    }

    fn belongs_to(&self, selector: &PollSet) -> bool {
        Arc::ptr_eq(&self.shared, &selector.shared)
    }

    fn change(&self, token: Token, interests: Interest) -> io::Result<()> {
        self.shared
            .change(|state| state.entries.change(self.place, token, interests))?
    }

    fn rearm(&self, direction: Interest) {
        let bits = bits_armed_by(direction);
        let mut state = lock(&self.shared.state);
        let is_change = state.entries.arm(self.place, bits);
        if is_change && state.is_waiting {
            drop(state);
            // Fails only when the bell is broken, which the next poll tells.
            let _ = self.shared.doorbell.ring();
        }
    }

    fn rearm_later(&self, direction: Interest) {
        let bits = bits_armed_by(direction);
        // As above.
        let _ = self
            .shared
            .change(|state| state.arm_later(self.place, bits));
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        // The removal itself can't fail. A broken bell is told by the next poll.
        let _ = self.shared.remove(|state| state.entries.remove(self.place));
    }
}
