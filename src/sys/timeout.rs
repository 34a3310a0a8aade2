//! Durations as the milliseconds of a system call; for systems whose wait takes
//! an `int` of milliseconds (epoll, poll).

use std::time::Duration;

/// The longest wait of one call. Within an `i32`, and below the point where
/// 32-bit kernels multiply by their tick rate and overflow.
const LONGEST: Duration = Duration::from_millis(1_789_569);

/// Splits a timeout into the milliseconds of the next call (rounded up; `-1`
/// waits for ever) and what is left to wait after it, if one call can't do it all.
pub(crate) fn next_wait(timeout: Option<Duration>) -> (i32, Option<Duration>) {
    match timeout {
        None => (-1, None),
        Some(timeout) if timeout > LONGEST => (millis(LONGEST), Some(timeout - LONGEST)),
        Some(timeout) => (millis(timeout), None),
    }
}

/// Milliseconds, rounded up.
fn millis(duration: Duration) -> i32 {
    let rounded = (duration.as_nanos() + 999_999) / 1_000_000;
    i32::try_from(rounded).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_round_up_and_never_to_zero() {
        let wait = |timeout| next_wait(Some(timeout));
        assert_eq!(next_wait(None), (-1, None));
        assert_eq!(wait(Duration::ZERO), (0, None));
        assert_eq!(wait(Duration::from_nanos(1)), (1, None));
        assert_eq!(wait(Duration::from_micros(999)), (1, None));
        assert_eq!(wait(Duration::from_millis(1)), (1, None));
        assert_eq!(wait(Duration::from_micros(1_001)), (2, None));
    }

    #[test]
    fn long_timeouts_are_waited_for_in_parts() {
        let extra = Duration::from_millis(5);
        assert_eq!(next_wait(Some(LONGEST)), (1_789_569, None));
        assert_eq!(next_wait(Some(LONGEST + extra)), (1_789_569, Some(extra)));
        let (millis, left) = next_wait(Some(Duration::MAX));
        assert!(millis > 0 && left == Some(Duration::MAX - LONGEST));
    }
}
