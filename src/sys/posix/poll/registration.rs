//! The entry of a source.

use std::io;
use std::os::fd::RawFd;
use std::sync::Arc;

use super::bits::bits_armed_by;
use super::entries::check_open;
use super::poll_set::PollSet;
use super::state::Shared;
use crate::sys::source::rearm::Registration;
use crate::{Interest, Token};

/// An entry. Dropping it removes it.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The selector.
    shared: Arc<Shared>,
    /// The index of the entry, which belongs to this object alone.
    index: usize,
}

impl Registration for Entry {
    type Selector = PollSet;

    fn new(
        selector: &PollSet,
        source: RawFd,
        token: Token,
        interests: Interest,
    ) -> io::Result<Self> {
        check_open(source)?;
        let shared = Arc::clone(selector.shared());
        let index = shared.change(|state| state.entries.add(source, token, interests))??;
        Ok(Self { shared, index })
    }

    fn belongs_to(&self, selector: &PollSet) -> bool {
        Arc::ptr_eq(&self.shared, selector.shared())
    }

    fn change(&self, token: Token, interests: Interest) -> io::Result<()> {
        self.shared
            .change(|state| state.entries.change(self.index, token, interests))?
    }

    fn rearm(&self, direction: Interest) {
        self.shared.rearm(self.index, bits_armed_by(direction));
    }

    fn rearm_after_delay(&self, direction: Interest) {
        let bits = bits_armed_by(direction);
        // Fails only when the notifier is broken, which the next poll returns.
        let _ = self
            .shared
            .change(|state| state.rearm_after_delay(self.index, bits));
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        // As above: removing the entry can't fail.
        let _ = self.shared.remove(|state| state.entries.remove(self.index));
    }
}
