//! What all parts of a select work on. WASI preview 1.

use std::io;

use super::poll_oneoff::{Poller, MAX_CLOCK_NS};
use super::registrations::Registrations;
use crate::sys::deadline::Deadline;
use crate::sys::wasip1::host::Host;

/// The host, and what is registered with it. A record without rules between its fields.
pub(super) struct Context<H> {
    /// The host.
    pub(super) host: H,
    /// Polls the host.
    pub(super) poller: Poller,
    /// The registrations.
    pub(super) registrations: Registrations,
}

impl<H: Host> Context<H> {
    /// Nothing registered.
    pub(super) fn new(host: H) -> io::Result<Self> {
        Ok(Self {
            poller: Poller::new(&host)?,
            host,
            registrations: Registrations::new(),
        })
    }

    /// The timeout of the next call; `None` without a deadline. A call costs the host 4 us more
    /// with a clock, and 10 us more when the clock runs out.
    pub(super) fn time_left(&self, deadline: Deadline<u64>) -> io::Result<Option<u64>> {
        let left = deadline.left(|| self.host.now())?;
        Ok(left.map(|nanos| nanos.min(MAX_CLOCK_NS)))
    }

    /// Sleeps, but not beyond the deadline.
    pub(super) fn sleep(&mut self, delay_ns: u64, deadline: Deadline<u64>) -> io::Result<()> {
        if delay_ns == 0 {
            return Ok(());
        }
        let left = self.time_left(deadline)?.unwrap_or(delay_ns);
        self.poller.sleep(&self.host, delay_ns.min(left))
    }
}
