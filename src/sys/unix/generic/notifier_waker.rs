//! A waker that is a notifier, whose descriptor the selector watches: for epoll, and for
//! kqueue on kernels without EVFILT_USER.

use std::io;

use crate::sys::contract;
use crate::sys::source::descriptor::DescriptorSelector;
use crate::sys::unix::{Notifier, Selector};
use crate::{Interest, Token};

/// A notifier that is registered edge-triggered: it is never drained, and each
/// notification is an event.
#[derive(Debug)]
pub(crate) struct Waker {
    /// The notifier. Closing it ends the registration.
    notifier: Notifier,
}

impl contract::Waker for Waker {
    type Selector = Selector;

    fn new(selector: &Selector, token: Token) -> io::Result<Self> {
        let notifier = Notifier::new()?;
        selector.register(notifier.raw_fd(), token, Interest::READABLE)?;
        Ok(Self { notifier })
    }

    fn wake(&self) -> io::Result<()> {
        self.notifier.notify()
    }
}
