//! The state of a source where the system keeps no edges: a registration that I/O re-arms.
//! Generic over what a backend calls a registration: poll(2), AFD on
//! Windows, and poll_oneoff on WASI preview 1 each have one.

use std::io;
use std::num::NonZeroI32;
use std::sync::atomic::{AtomicI32, Ordering};

use crate::sys::contract::{Selector, SourceState};
use crate::sys::{already_registered, not_registered, RawSource};
use crate::{Interest, Token};

/// The entry of one source in a selector. Dropping it removes the entry.
pub(crate) trait Registration: Sized + Send + Sync {
    /// The selector.
    type Selector: Selector;

    /// Adds an entry, armed in all directions of its interests.
    fn new(
        selector: &Self::Selector,
        source: RawSource,
        token: Token,
        interests: Interest,
    ) -> io::Result<Self>;

    /// Is it an entry of this selector?
    fn belongs_to(&self, selector: &Self::Selector) -> bool;

    /// Replaces token and interests, and arms all directions.
    fn change(&self, token: Token, interests: Interest) -> io::Result<()>;

    /// Re-arms `direction`, as far as the interests include it.
    fn rearm(&self, direction: Interest);

    /// As `rearm`, after a delay (see `retry.rs`).
    fn rearm_after_delay(&self, direction: Interest);

    /// Takes the error number that the selector has taken from the system for this source
    /// (see `SourceState::take_pending_error`).
    fn take_pending_error(&self) -> Option<NonZeroI32> {
        None
    }

    /// Sets the pending error that an earlier registration has left.
    fn set_pending_error(&self, _: NonZeroI32) {}
}

/// The registration of a source, if it has one.
pub(crate) struct Rearm<R> {
    /// The entry in the selector.
    entry: Option<R>,
    /// The pending error that the last registration has left, as the system's number; 0 is
    /// none.
    pending_error: AtomicI32,
}

impl<R: Registration> SourceState for Rearm<R> {
    type Selector = R::Selector;

    const KEEPS_EDGES: bool = false;

    fn new() -> Self {
        Self {
            entry: None,
            pending_error: AtomicI32::new(0),
        }
    }

    #[inline]
    fn register(
        &mut self,
        selector: &R::Selector,
        source: RawSource,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        if self.entry.is_some() {
            return Err(already_registered());
        }
        let entry = R::new(selector, source, token, interests)?;
        if let Some(number) = NonZeroI32::new(std::mem::take(self.pending_error.get_mut())) {
            entry.set_pending_error(number);
        }
        self.entry = Some(entry);
        Ok(())
    }

    fn reregister(
        &mut self,
        selector: &R::Selector,
        _: RawSource,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        match &self.entry {
            Some(entry) if entry.belongs_to(selector) => entry.change(token, interests),
            Some(_) => Err(already_registered()),
            None => Err(not_registered()),
        }
    }

    #[inline]
    fn deregister(&mut self, selector: &R::Selector, _: RawSource) -> io::Result<()> {
        match &self.entry {
            Some(entry) if entry.belongs_to(selector) => {
                if let Some(number) = entry.take_pending_error() {
                    *self.pending_error.get_mut() = number.get();
                }
                self.entry = None;
                Ok(())
            }
            _ => Err(not_registered()),
        }
    }

    #[inline]
    fn rearm(&self, direction: Interest) {
        if let Some(entry) = &self.entry {
            entry.rearm(direction);
        }
    }

    fn rearm_after_delay(&self, direction: Interest) {
        if let Some(entry) = &self.entry {
            entry.rearm_after_delay(direction);
        }
    }

    fn take_pending_error(&self) -> Option<io::Error> {
        let number = match &self.entry {
            Some(entry) => entry.take_pending_error(),
            None => NonZeroI32::new(self.pending_error.swap(0, Ordering::Relaxed)),
        };
        number.map(|number| io::Error::from_raw_os_error(number.get()))
    }
}
