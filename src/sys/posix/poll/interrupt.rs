//! Ends a call of poll(2), by a notifier that is in its array.

use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::sys::posix::platform::Notifier;

/// A notifier whose notifications coalesce: it is written to once until it is drained.
#[derive(Debug)]
pub(super) struct Interrupt {
    /// The notifier.
    notifier: Notifier,
    /// Was it notified since it was drained?
    is_notified: AtomicBool,
}

impl Interrupt {
    /// No interrupt yet.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            notifier: Notifier::new()?,
            is_notified: AtomicBool::new(false),
        })
    }

    /// The descriptor that `notify` makes readable.
    pub(super) fn raw_fd(&self) -> RawFd {
        self.notifier.raw_fd()
    }

    /// Ends the current or the next call. What this thread has written before is visible to
    /// the thread that drains it.
    pub(super) fn notify(&self) -> io::Result<()> {
        if self.is_notified.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.notifier.notify()
    }

    /// Lets the next call wait. To be called when a call has reported the descriptor.
    pub(super) fn drain(&self) -> io::Result<()> {
        self.notifier.drain()?;
        // After the drain: a thread that notifies from here on writes. This swap
        // acquires what was written before by a thread that did not.
        self.is_notified.swap(false, Ordering::AcqRel);
        Ok(())
    }
}
