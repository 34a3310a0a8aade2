//! A waker by EVFILT_USER, a filter without a descriptor, which the program
//! triggers.

use std::io;

use super::numbers::NUMBERS;
use super::{system, Kqueue};
use crate::sys::contract::{self, Selector as _};
use crate::Token;

/// The filter of one token.
#[derive(Debug)]
pub(crate) struct Waker {
    /// A duplicate of the queue, which stays valid when the selector is dropped.
    queue: Kqueue,
    /// The token of its events.
    token: Token,
}

impl contract::Waker for Waker {
    type Selector = Kqueue;

    fn new(selector: &Kqueue, token: Token) -> io::Result<Self> {
        let queue = selector.try_clone()?;
        let flags = NUMBERS.add | NUMBERS.clear | NUMBERS.receipt;
        queue.submit_all(&mut [user_event(token, flags, 0)])?;
        Ok(Self { queue, token })
    }

    fn wake(&self) -> io::Result<()> {
        let flags = NUMBERS.add | NUMBERS.receipt;
        let mut trigger = [user_event(self.token, flags, NOTE_TRIGGER)];
        self.queue.submit_all(&mut trigger)
    }
}

/// A change of the filter that the waker with this token has. Each token has a filter of its
/// own.
fn user_event(token: Token, flags: u32, filter_flags: u32) -> system::kevent {
    let mut event = system::empty_event();
    event.ident = token.0 as _;
    event.filter = NUMBERS.filter_user as _;
    event.flags = flags as _;
    event.fflags = filter_flags;
    event.udata = token.0 as _;
    event
}

/// The flag that triggers a filter, the same on every system.
const NOTE_TRIGGER: u32 = 0x0100_0000;
