//! A waker by EVFILT_USER where the kernel has that, otherwise by a notifier. NetBSD has it since
//! version 10, OpenBSD since 7.8, which limits the number in a process, and the other systems in
//! all versions that std runs on.

use std::io;

use super::{user_event, Kqueue};
use crate::sys::contract;
use crate::sys::unix::generic::notifier_waker;
use crate::Token;

/// A waker of one of two kinds.
#[derive(Debug)]
pub(crate) enum Waker {
    /// A filter of the queue.
    UserEvent(user_event::Waker),
    /// A descriptor that the queue watches.
    Notifier(notifier_waker::Waker),
}

impl contract::Waker for Waker {
    type Selector = Kqueue;

    fn new(selector: &Kqueue, token: Token) -> io::Result<Self> {
        match user_event::Waker::new(selector, token) {
            Ok(waker) => Ok(Self::UserEvent(waker)),
            Err(_) => notifier_waker::Waker::new(selector, token).map(Self::Notifier),
        }
    }

    fn wake(&self) -> io::Result<()> {
        match self {
            Self::UserEvent(waker) => waker.wake(),
            Self::Notifier(waker) => waker.wake(),
        }
    }
}
