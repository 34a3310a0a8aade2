//! Timeouts as the milliseconds of one wait after the other; for Windows.

use std::time::{Duration, Instant};

/// Waits without end.
pub(super) const FOREVER: u32 = u32::MAX;

/// When a select has to return, whatever happens.
#[derive(Debug)]
pub(super) enum Deadline {
    /// At once.
    Now,
    /// At this time.
    At(Instant),
    /// Never: no limit, or one that no clock will reach.
    Never,
}

impl Deadline {
    /// The deadline of a select that begins now.
    pub(super) fn after(timeout: Option<Duration>) -> Self {
        match timeout {
            Some(Duration::ZERO) => Self::Now,
            Some(timeout) => match Instant::now().checked_add(timeout) {
                Some(time) => Self::At(time),
                None => Self::Never,
            },
            None => Self::Never,
        }
    }

    /// How long the next wait may take, not beyond `limit`: rounded up, and
    /// shorter than wanted if the system can't wait that long in one go.
    pub(super) fn next_wait_until(&self, limit: Option<Instant>) -> u32 {
        let end = match (self, limit) {
            (Self::Now, _) => return 0,
            (Self::Never, None) => return FOREVER,
            (Self::At(time), None) => *time,
            (Self::Never, Some(limit)) => limit,
            (Self::At(time), Some(limit)) => limit.min(*time),
        };
        millis(end.saturating_duration_since(Instant::now()))
    }

    /// Is there no time left?
    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Now => true,
            Self::At(time) => *time <= Instant::now(),
            Self::Never => false,
        }
    }
}

/// Milliseconds, rounded up, and never so many that it means for ever.
fn millis(duration: Duration) -> u32 {
    let rounded = (duration.as_nanos() + 999_999) / 1_000_000;
    u32::try_from(rounded).unwrap_or(FOREVER).min(FOREVER - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_round_up() {
        assert_eq!(millis(Duration::ZERO), 0);
        assert_eq!(millis(Duration::from_nanos(1)), 1);
        assert_eq!(millis(Duration::from_millis(1)), 1);
        assert_eq!(millis(Duration::from_micros(1_001)), 2);
    }

    #[test]
    fn long_waits_are_done_in_parts() {
        assert_eq!(
            millis(Duration::from_millis(u64::from(u32::MAX))),
            FOREVER - 1
        );
        assert_eq!(millis(Duration::MAX), FOREVER - 1);
        let weeks = Deadline::after(Some(Duration::from_secs(60 * 86_400)));
        assert_eq!(weeks.next_wait_until(None), FOREVER - 1);
        assert!(!weeks.is_over());
    }

    #[test]
    fn special_timeouts_are_told_apart() {
        let now = Deadline::after(Some(Duration::ZERO));
        assert!(now.is_over() && now.next_wait_until(None) == 0);
        for endless in [None, Some(Duration::MAX)] {
            let never = Deadline::after(endless);
            assert!(!never.is_over() && never.next_wait_until(None) == FOREVER);
            let soon = never.next_wait_until(Some(Instant::now() + Duration::from_millis(10)));
            assert!((1..=10).contains(&soon), "{soon}");
        }
    }
}
