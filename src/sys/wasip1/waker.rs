//! The waker of WASI preview 1: a mark that the next select sees.
//!
//! `wasm32-wasip1` has no other thread that a wake could come from, so a select that
//! waits needs no waking: the mark is made between two of them.
//! (`wasm32-wasip1-threads` is not supported: a wake from another thread would not end
//! a wait.)

use std::io;

use super::Selector;
use crate::sys::contract;
use crate::Token;

/// Marks its token in the selector, which it keeps alive.
#[derive(Debug)]
pub(crate) struct Waker {
    /// The selector, also after the poll is gone.
    selector: Selector,
    /// What to mark.
    token: Token,
}

impl contract::Waker for Waker {
    type Selector = Selector;

    fn new(selector: &Selector, token: Token) -> io::Result<Self> {
        selector.add_waker();
        Ok(Self {
            selector: selector.clone(),
            token,
        })
    }

    fn wake(&self) -> io::Result<()> {
        self.selector.wake(self.token);
        Ok(())
    }
}
