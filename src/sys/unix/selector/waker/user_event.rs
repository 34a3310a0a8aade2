//! A waker by an event of the user in the queue itself. Apple systems, FreeBSD.

use std::io;

use crate::sys::contract::{self, Selector as _};
use crate::sys::Selector;
use crate::Token;

/// A handle of the queue. It goes on to work when the others are gone.
#[derive(Debug)]
pub(crate) struct Waker {
    /// The queue.
    queue: Selector,
    /// The token of its events.
    token: Token,
}

impl contract::Waker for Waker {
    type Selector = Selector;

    fn new(selector: &Selector, token: Token) -> io::Result<Self> {
        let queue = selector.try_clone()?;
        queue.add_user_event(token)?;
        Ok(Self { queue, token })
    }

    fn wake(&self) -> io::Result<()> {
        self.queue.trigger(self.token)
    }
}
