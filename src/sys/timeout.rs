//! Durations as the milliseconds of a system call; for systems whose wait takes
//! an `int` of milliseconds (epoll, poll).

use std::time::Duration;

/// The longest wait of one call, but for a fraction of a second. In milliseconds it is
/// within an `i32`, and below the 1,789,569 of which 32-bit kernels with 1,200 ticks a
/// second make too many.
const LONGEST_SECONDS: u64 = 1788;

/// The milliseconds of a call that can wait for all of the timeout (rounded up; `-1`
/// waits for ever); `None` when it takes more than one.
#[inline]
#[allow(dead_code)] // not for poll(2), which has to take part in each wait
pub(crate) fn one_wait(timeout: Option<Duration>) -> Option<i32> {
    match timeout {
        None => Some(-1),
        // A comparison of seconds tells: what is below has less than one more, for
        // which the limit leaves room.
        Some(timeout) if timeout.as_secs() > LONGEST_SECONDS => None,
        Some(timeout) => Some(millis(timeout)),
    }
}

/// Splits a timeout into the milliseconds of the next call (rounded up; `-1`
/// waits for ever) and what is left to wait after it, if one call can't do it all.
pub(crate) fn next_wait(timeout: Option<Duration>) -> (i32, Option<Duration>) {
    match (one_wait(timeout), timeout) {
        (None, Some(timeout)) => {
            let longest = Duration::from_secs(LONGEST_SECONDS);
            (millis(longest), Some(timeout - longest))
        }
        (millis, _) => (millis.unwrap_or(-1), None),
    }
}

/// Milliseconds, rounded up, of at most `LONGEST_SECONDS` and a fraction.
fn millis(duration: Duration) -> i32 {
    // The seconds fit into 32 bits, and so does a thousand times as much.
    let whole = duration.as_secs() as u32 * 1000;
    (whole + (duration.subsec_nanos() + 999_999) / 1_000_000) as i32
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
        let longest = Duration::from_secs(LONGEST_SECONDS);
        let (second, extra) = (Duration::from_secs(1), Duration::from_nanos(5));
        assert_eq!(next_wait(Some(longest)), (1_788_000, None));
        // A fraction of a second more is still one call.
        assert_eq!(next_wait(Some(longest + extra)), (1_788_001, None));
        let just_below = longest + second - Duration::from_nanos(1);
        assert_eq!(next_wait(Some(just_below)), (1_789_000, None));
        assert_eq!(next_wait(Some(longest + second)), (1_788_000, Some(second)));
        let more = longest + second + extra;
        assert_eq!(next_wait(Some(more)), (1_788_000, Some(second + extra)));
        let (millis, left) = next_wait(Some(Duration::MAX));
        assert!(millis > 0 && left == Some(Duration::MAX - longest));
    }
}
