//! What to ask the host for, and how long. WASI preview 1.
//!
//! All that is armed is asked for in every call (`tiers.rs` says when there is none).
//! The one choice made here is the clock: it costs the host about 4 us, and 10 us
//! when it runs out, so there is none in a call that waits for ever.

use std::io;
use std::time::Duration;

use crate::sys::wasi::host;

/// The longest clock. Some hosts pass it on as a signed number.
pub(super) const LONGEST: u64 = 24 * 60 * 60 * 1_000_000_000;

/// A timeout as the nanoseconds of a clock.
pub(super) fn nanos(timeout: Duration) -> u64 {
    let seconds = timeout.as_secs().min(LONGEST / 1_000_000_000);
    (seconds * 1_000_000_000 + u64::from(timeout.subsec_nanos())).min(LONGEST)
}

/// How long a select waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// It asks once.
    Not,
    /// Until the monotonic clock shows so many nanoseconds.
    Until(u64),
    /// Until there is something.
    Forever,
    /// The same, but not beyond such a time (`naps.rs`).
    Nap(u64),
}

impl Wait {
    /// The wait of a timeout that begins now.
    pub(super) fn of(timeout: Option<Duration>) -> io::Result<Self> {
        match timeout {
            None => Ok(Self::Forever),
            Some(Duration::ZERO) => Ok(Self::Not),
            Some(timeout) => {
                let nanos = timeout.as_secs().saturating_mul(1_000_000_000);
                let nanos = nanos.saturating_add(timeout.subsec_nanos().into());
                Ok(Self::Until(host::now()?.saturating_add(nanos)))
            }
        }
    }

    /// The same wait, which ends at such a time at the latest.
    pub(super) fn until_at_most(self, end: u64) -> Self {
        match self {
            Self::Until(deadline) => Self::Until(deadline.min(end)),
            Self::Forever => Self::Nap(end),
            Self::Not | Self::Nap(_) => self,
        }
    }

    /// When it ends, on the monotonic clock.
    pub(super) fn end(self) -> u64 {
        match self {
            Self::Not => 0,
            Self::Until(deadline) | Self::Nap(deadline) => deadline,
            Self::Forever => u64::MAX,
        }
    }

    /// Is it over?
    pub(super) fn is_over(self) -> io::Result<bool> {
        match self {
            Self::Not => Ok(true),
            Self::Until(deadline) | Self::Nap(deadline) => Ok(host::now()? >= deadline),
            Self::Forever => Ok(false),
        }
    }

    /// The clock for the next call, which also ends when something else is due.
    pub(super) fn clock(self, due: Option<u64>) -> io::Result<Option<u64>> {
        let until = match (self, due) {
            (Self::Not, _) => return Ok(Some(0)),
            (Self::Forever, None) => return Ok(None),
            (Self::Forever, Some(due)) => due,
            (Self::Until(deadline) | Self::Nap(deadline), None) => deadline,
            (Self::Until(deadline) | Self::Nap(deadline), Some(due)) => deadline.min(due),
        };
        Ok(Some(until.saturating_sub(host::now()?).min(LONGEST)))
    }
}

/// Slows a select down whose calls come back at once and with nothing: the host
/// does this for some states that it reports to nobody.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    /// How many calls in a row have brought nothing.
    empty_calls: u32,
}

impl Backoff {
    /// The call that brought nothing from which on there are pauses.
    const FIRST: u32 = 3;

    /// The shortest pause of a wait that nothing could end.
    pub(super) const SHORTEST_FORCED: u64 = 10_000_000;

    /// The pause of nanoseconds to make after one more call that brought nothing.
    pub(super) fn pause(&mut self) -> Option<u64> {
        self.empty_calls = self.empty_calls.saturating_add(1);
        let doublings = self.empty_calls.checked_sub(Self::FIRST)?.min(7);
        Some(100_000 << doublings)
    }
}
