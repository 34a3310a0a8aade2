//! Timeouts and deadlines of a select: rounding, clamping, and waiting in parts; for all
//! backends.
//!
//! A timeout is rounded up to the unit of the system call and never down. A call that
//! can't wait that long waits for the longest time it can, and is repeated for the rest.
//! There are two ways to know the rest:
//!
//! - [`wait_in_parts`] subtracts each part from the timeout. It reads no clock, but each
//!   part has to take its full time, so nothing but events may end the call early.
//! - [`Deadline`] compares with a clock: the system's ([`now`]), or the nanoseconds of
//!   whatever clock a host has. The clock is read only where the result depends on it: not
//!   for a timeout of zero, nor without a timeout.

use std::io;
use std::time::{Duration, Instant};

/// The longest wait of a call that takes an `int` of milliseconds, but for a fraction of a
/// second. In milliseconds it is within an `i32`, and below the 1,789,569 that are the most
/// for 32-bit kernels with 1,200 ticks a second (epoll_wait(2), "Bugs").
pub(crate) const MAX_INT_MILLIS_SECONDS: u64 = 1788;

/// A time of a monotonic clock.
pub(crate) trait ClockTime: Copy + Ord {
    /// The difference of two times.
    type Span: Copy + Ord;

    /// No time at all.
    const ZERO: Self::Span;

    /// The time when a timeout that begins now is over; `None` beyond the clock's range.
    fn after(self, timeout: Duration) -> Option<Self>;

    /// The time since `earlier`, or zero if that is in the future.
    fn since(self, earlier: Self) -> Self::Span;
}

impl ClockTime for Instant {
    type Span = Duration;

    const ZERO: Duration = Duration::ZERO;

    fn after(self, timeout: Duration) -> Option<Self> {
        self.checked_add(timeout)
    }

    fn since(self, earlier: Self) -> Duration {
        self.saturating_duration_since(earlier)
    }
}

/// The nanoseconds of a clock.
impl ClockTime for u64 {
    type Span = Self;

    const ZERO: Self = 0;

    #[inline]
    fn after(self, timeout: Duration) -> Option<Self> {
        self.checked_add(nanos(timeout)?)
    }

    #[inline]
    fn since(self, earlier: Self) -> Self {
        self.saturating_sub(earlier)
    }
}

/// The system's clock, for [`Deadline`].
pub(crate) fn now() -> io::Result<Instant> {
    Ok(Instant::now())
}

/// The time when a select has to return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deadline<T> {
    /// At once, without waiting.
    Now,
    /// At this time.
    At(T),
    /// Never: without a timeout, or with one that is beyond the clock's range.
    Never,
}

impl<T: ClockTime> Deadline<T> {
    /// The deadline of a select that begins now.
    #[inline]
    pub(crate) fn after(
        timeout: Option<Duration>,
        now: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<Self> {
        match timeout {
            None => Ok(Self::Never),
            Some(Duration::ZERO) => Ok(Self::Now),
            Some(timeout) => Ok(now()?.after(timeout).map_or(Self::Never, Self::At)),
        }
    }

    /// The same deadline, or `limit` where that is earlier.
    #[inline]
    pub(crate) fn limited_to(self, limit: Option<T>) -> Self {
        match (self, limit) {
            (Self::At(end), Some(limit)) => Self::At(end.min(limit)),
            (Self::Never, Some(limit)) => Self::At(limit),
            (deadline, _) => deadline,
        }
    }

    /// The time that is left; `None` for `Never`.
    #[inline]
    pub(crate) fn left(self, now: impl FnOnce() -> io::Result<T>) -> io::Result<Option<T::Span>> {
        match self {
            Self::Now => Ok(Some(T::ZERO)),
            Self::At(end) => Ok(Some(end.since(now()?))),
            Self::Never => Ok(None),
        }
    }

    /// Is there no time left?
    #[inline]
    pub(crate) fn is_over(self, now: impl FnOnce() -> io::Result<T>) -> io::Result<bool> {
        match self {
            Self::Now => Ok(true),
            Self::At(end) => Ok(end <= now()?),
            Self::Never => Ok(false),
        }
    }
}

/// The milliseconds of an `int` that one call can wait for all of the timeout (rounded up;
/// `-1` waits indefinitely); `None` when it takes more than one.
#[inline]
pub(crate) fn int_millis(timeout: Option<Duration>) -> Option<i32> {
    match timeout {
        None => Some(-1),
        // A comparison of seconds is enough: what is below has less than one more, for which
        // the limit leaves space.
        Some(timeout) if timeout.as_secs() > MAX_INT_MILLIS_SECONDS => None,
        Some(timeout) => Some(whole_millis(timeout) as i32),
    }
}

/// Milliseconds, rounded up. More than `max_seconds` and a fraction become `max_seconds`,
/// which are at most 4,294,966.
pub(crate) fn clamped_millis(timeout: Duration, max_seconds: u64) -> u32 {
    if timeout.as_secs() > max_seconds {
        whole_millis(Duration::from_secs(max_seconds))
    } else {
        whole_millis(timeout)
    }
}

/// The nanoseconds of a timeout; `None` beyond a `u64`. (For `checked_mul` WebAssembly calls a
/// function that multiplies 128 bits.)
#[inline]
fn nanos(timeout: Duration) -> Option<u64> {
    let seconds = timeout.as_secs();
    if seconds > u64::MAX / NANOS_PER_SECOND {
        return None;
    }
    (seconds * NANOS_PER_SECOND).checked_add(timeout.subsec_nanos().into())
}

/// Nanoseconds, at most `max_ns`.
#[inline]
pub(crate) fn clamped_nanos(timeout: Duration, max_ns: u64) -> u64 {
    nanos(timeout).map_or(max_ns, |nanos| nanos.min(max_ns))
}

/// Calls `wait` with the timeout, or with one part of it after the other if it is longer
/// than `max`, until `wait` returns that there are events or all the time is over.
pub(crate) fn wait_in_parts(
    mut timeout: Option<Duration>,
    max: Duration,
    mut wait: impl FnMut(Option<Duration>) -> io::Result<bool>,
) -> io::Result<()> {
    while let Some(rest) = timeout.and_then(|timeout| timeout.checked_sub(max)) {
        if wait(Some(max))? || rest.is_zero() {
            return Ok(());
        }
        timeout = Some(rest);
    }
    wait(timeout).map(drop)
}

/// Milliseconds, rounded up, of a duration whose milliseconds fit.
#[inline]
fn whole_millis(duration: Duration) -> u32 {
    // The seconds fit into 32 bits, and so does a thousand times as much.
    duration.as_secs() as u32 * 1000 + (duration.subsec_nanos() + 999_999) / 1_000_000
}

/// Nanoseconds of a second.
const NANOS_PER_SECOND: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that must not be read.
    fn no_clock<T>() -> io::Result<T> {
        Err(io::ErrorKind::Other.into())
    }

    #[test]
    fn timeouts_round_up_and_never_to_zero() {
        assert_eq!(int_millis(None), Some(-1));
        for (nanos, millis) in [(0, 0), (1, 1), (999_000, 1), (1_000_000, 1), (1_001_000, 2)] {
            let timeout = Duration::from_nanos(nanos);
            assert_eq!(int_millis(Some(timeout)), Some(millis as i32));
            assert_eq!(clamped_millis(timeout, 1), millis);
            assert_eq!(clamped_nanos(timeout, u64::MAX), nanos);
        }
    }

    #[test]
    fn timeouts_beyond_the_longest_wait_are_clamped() {
        let longest = Duration::from_secs(MAX_INT_MILLIS_SECONDS);
        let (second, extra) = (Duration::from_secs(1), Duration::from_nanos(5));
        assert_eq!(int_millis(Some(longest)), Some(1_788_000));
        // A fraction of a second more is still one call.
        assert_eq!(int_millis(Some(longest + extra)), Some(1_788_001));
        let just_below = longest + second - Duration::from_nanos(1);
        assert_eq!(int_millis(Some(just_below)), Some(1_789_000));
        assert_eq!(int_millis(Some(longest + second)), None);
        for timeout in [longest + second, Duration::MAX] {
            assert_eq!(clamped_millis(timeout, MAX_INT_MILLIS_SECONDS), 1_788_000);
        }
        let most = u64::from(u32::MAX) / 1000 - 1;
        assert_eq!(clamped_millis(Duration::MAX, most), u32::MAX - 1_295);
        assert_eq!(clamped_nanos(Duration::MAX, 7), 7);
    }

    /// The parts that a timeout is waited for in.
    fn parts(timeout: Option<Duration>) -> Vec<Option<Duration>> {
        let mut parts = Vec::new();
        wait_in_parts(timeout, Duration::from_secs(10), |part| {
            parts.push(part);
            Ok(false)
        })
        .unwrap();
        parts
    }

    #[test]
    fn long_timeouts_are_waited_for_in_parts() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(parts(None), [None]);
        assert_eq!(parts(seconds(0)), [seconds(0)]);
        assert_eq!(parts(seconds(10)), [seconds(10)]);
        assert_eq!(parts(seconds(23)), [seconds(10), seconds(10), seconds(3)]);
    }

    #[test]
    fn parts_end_with_the_first_event_or_error() {
        let mut calls = 0;
        wait_in_parts(Some(Duration::MAX), Duration::from_secs(10), |_| {
            calls += 1;
            Ok(calls == 3)
        })
        .unwrap();
        assert_eq!(calls, 3);
        let error = wait_in_parts(Some(Duration::MAX), Duration::from_secs(1), |_| no_clock());
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::Other);
    }

    #[test]
    fn deadline_reads_the_clock_only_for_a_timeout() {
        let never = Deadline::<u64>::after(None, no_clock).unwrap();
        let now = Deadline::<u64>::after(Some(Duration::ZERO), no_clock).unwrap();
        assert_eq!((never, now), (Deadline::Never, Deadline::Now));
        assert_eq!(never.left(no_clock).unwrap(), None);
        assert_eq!(now.left(no_clock).unwrap(), Some(0));
        assert!(!never.is_over(no_clock).unwrap() && now.is_over(no_clock).unwrap());
        assert!(Deadline::At(5).is_over(no_clock).is_err());
    }

    #[test]
    fn deadline_passes_with_the_clock() {
        let timeout = Some(Duration::from_nanos(10));
        let deadline = Deadline::after(timeout, || Ok(100_u64)).unwrap();
        assert_eq!(deadline, Deadline::At(110));
        for (now, left) in [(100, 10), (109, 1), (110, 0), (200, 0)] {
            assert_eq!(deadline.left(|| Ok(now)).unwrap(), Some(left));
            assert_eq!(deadline.is_over(|| Ok(now)).unwrap(), left == 0);
        }
        for timeout in [Duration::MAX, Duration::from_nanos(u64::MAX)] {
            let deadline = Deadline::after(Some(timeout), || Ok(1_u64)).unwrap();
            assert_eq!(deadline, Deadline::Never, "beyond the clock's range");
        }
    }

    #[test]
    fn limit_shortens_what_waits_longer() {
        let limit = Some(7_u64);
        assert_eq!(Deadline::At(9).limited_to(limit), Deadline::At(7));
        assert_eq!(Deadline::At(5).limited_to(limit), Deadline::At(5));
        assert_eq!(Deadline::At(9).limited_to(None), Deadline::At(9));
        assert_eq!(Deadline::Never.limited_to(limit), Deadline::At(7));
        assert_eq!(Deadline::Now.limited_to(limit), Deadline::Now);
    }

    #[test]
    fn system_clock_is_a_clock() {
        let hour = Deadline::after(Some(Duration::from_secs(3600)), now).unwrap();
        let left = hour.left(now).unwrap().unwrap();
        assert!(!hour.is_over(now).unwrap());
        assert!(left > Duration::from_secs(3000) && left <= Duration::from_secs(3600));
        let endless = Deadline::after(Some(Duration::MAX), now).unwrap();
        assert_eq!(endless, Deadline::Never);
    }
}
