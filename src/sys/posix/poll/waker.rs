//! The waker of poll(2): a flag that the select checks, and the end of a call that waits.

use std::io;
use std::sync::Arc;

use super::poll_set::PollSet;
use super::state::{lock, Shared};
use super::wakes::Wake;
use crate::sys::contract;
use crate::Token;

/// Requests a wake-up, without a lock.
#[derive(Debug)]
pub(crate) struct Waker {
    /// The selector.
    shared: Arc<Shared>,
    /// The wake-up.
    wake: Arc<Wake>,
}

impl contract::Waker for Waker {
    type Selector = PollSet;

    fn new(selector: &PollSet, token: Token) -> io::Result<Self> {
        let shared = Arc::clone(selector.shared());
        let wake = lock(&shared.state).wakes.add(token);
        Ok(Self { shared, wake })
    }

    fn wake(&self) -> io::Result<()> {
        if !self.wake.request() {
            return Ok(());
        }
        self.shared.interrupt.notify()
    }
}

impl Drop for Waker {
    fn drop(&mut self) {
        lock(&self.shared.state).wakes.remove(&self.wake);
    }
}
