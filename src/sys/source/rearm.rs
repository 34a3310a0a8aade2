//! The state of a source where the system keeps no edges: a registration that
//! I/O arms again. Generic over what a backend calls a registration: poll(2), AFD on
//! Windows, and poll_oneoff on WASI preview 1 each have one.

use std::io;

use crate::sys::contract::{Selector, SourceState};
use crate::sys::{already_registered, not_registered, RawSource};
use crate::{Interest, Token};

/// One source's entry in a selector. Dropping it removes the entry.
pub(crate) trait Registration: Sized + Send + Sync {
    /// Where it is an entry.
    type Selector: Selector;

    /// Adds an entry, armed in all directions it asks for.
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

    /// Arms the directions of `direction` that the entry asks for.
    fn rearm(&self, direction: Interest);

    /// As `rearm`, after a delay (see `retry.rs`).
    fn rearm_later(&self, direction: Interest);

    /// See `SourceState::expect_answer`.
    fn expect_answer(&self) {}

    /// See `SourceState::kept_error`.
    fn kept_error(&self) -> Option<io::Error> {
        None
    }
}

/// The registration of a source, if it has one.
pub(crate) struct Rearm<R>(Option<R>);

impl<R: Registration> SourceState for Rearm<R> {
    type Selector = R::Selector;

    const KEEPS_EDGES: bool = false;

    fn new() -> Self {
        Self(None)
    }

    fn register(
        &mut self,
        selector: &R::Selector,
        source: RawSource,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        if self.0.is_some() {
            return Err(already_registered());
        }
        self.0 = Some(R::new(selector, source, token, interests)?);
        Ok(())
    }

    fn reregister(
        &mut self,
        selector: &R::Selector,
        _: RawSource,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        match &self.0 {
            Some(entry) if entry.belongs_to(selector) => entry.change(token, interests),
            Some(_) => Err(already_registered()),
            None => Err(not_registered()),
        }
    }

    fn deregister(&mut self, selector: &R::Selector, _: RawSource) -> io::Result<()> {
        match &self.0 {
            Some(entry) if entry.belongs_to(selector) => {
                self.0 = None;
                Ok(())
            }
            _ => Err(not_registered()),
        }
    }

    #[inline]
    fn rearm(&self, direction: Interest) {
        if let Some(entry) = &self.0 {
            entry.rearm(direction);
        }
    }

    fn rearm_later(&self, direction: Interest) {
        if let Some(entry) = &self.0 {
            entry.rearm_later(direction);
        }
    }

    fn expect_answer(&self) {
        if let Some(entry) = &self.0 {
            entry.expect_answer();
        }
    }

    fn kept_error(&self) -> Option<io::Error> {
        self.0.as_ref().and_then(R::kept_error)
    }
}
