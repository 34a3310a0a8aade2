//! A waker that is a bell with a descriptor, which the selector watches; for epoll,
//! and for kqueue where it lacks events of the user.

use std::io;

use crate::sys::contract;
use crate::sys::source::descriptor::DescriptorSelector;
use crate::sys::unix::bell::Bell;
use crate::sys::Selector;
use crate::{Interest, Token};

/// A registered bell. Nobody listens but the selector: each ringing is an edge,
/// and that is all.
#[derive(Debug)]
pub(crate) struct Waker {
    /// What is rung. Closing it ends the registration.
    bell: Bell,
}

impl contract::Waker for Waker {
    type Selector = Selector;

    fn new(selector: &Selector, token: Token) -> io::Result<Self> {
        let bell = Bell::new()?;
        selector.register(bell.raw_fd(), token, Interest::READABLE)?;
        Ok(Self { bell })
    }

    fn wake(&self) -> io::Result<()> {
        self.bell.ring()
    }
}
