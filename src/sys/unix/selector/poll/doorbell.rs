//! The bell that ends a call of poll(2); rung once however many want it to end.

use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::sys::unix::bell::Bell;

/// A bell that remembers whether it has rung.
#[derive(Debug)]
pub(super) struct Doorbell {
    /// What becomes readable.
    bell: Bell,
    /// Has it been rung since it was silenced? Then ringing again is no work.
    has_rung: AtomicBool,
}

impl Doorbell {
    /// A bell that has not rung.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            bell: Bell::new()?,
            has_rung: AtomicBool::new(false),
        })
    }

    /// What becomes readable when it rings.
    pub(super) fn raw_fd(&self) -> RawFd {
        self.bell.raw_fd()
    }

    /// Ends the current or the next call. What was written before is seen by who
    /// silences it.
    pub(super) fn ring(&self) -> io::Result<()> {
        if self.has_rung.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.bell.ring()
    }

    /// Lets the next call wait; to be used after a call found that it had rung.
    pub(super) fn silence(&self) -> io::Result<()> {
        self.bell.silence()?;
        // After the bell is empty: who rings from here on writes again. Who has
        // found it rung before has left what this swap acquires.
        self.has_rung.swap(false, Ordering::AcqRel);
        Ok(())
    }
}
