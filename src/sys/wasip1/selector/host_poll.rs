//! Calls of `poll_oneoff` as WasmEdge needs them. WASI preview 1.
//!
//! The host keeps an epoll set between calls, and two things corrupt it:
//!
//! - A call that a signal interrupts (also a stop and continue of the process, or
//!   a debugger) reports *every* subscription with the error "interrupted". A
//!   different list after that can crash the host, which keeps pointers into its table
//!   of events (lib/host/wasi/inode-linux.cpp, `Poller::wait`; observed in 0.14.1 and
//!   0.17.1). The workaround is to repeat the identical list at once, with a clock that
//!   has run out, until the answer is a proper one; errors "exists" in it are left-overs,
//!   the rest is real. A list without a clock gets one at its end, so that the repeated
//!   call returns. That is safe where the table has room for one more, which it has once
//!   a longer list was polled: tables never shrink. So a list that is the longest so far
//!   is never polled without a clock.
//! - A call without any subscription makes the host believe that descriptors are
//!   still in the set. They then report "no entry" for as long as they stay in the
//!   list. The cure is one call without them; a call that waits for such descriptors
//!   alone, without a clock, never comes back to get it.
//!
//! And the first call of a process must not come when descriptors have run out:
//! polls then fail for the rest of the process's life. So a selector warms up.

use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use wasi::{Errno, Event, Subscription};

use super::key::{clock, Key};
use super::table::Table;
use crate::sys::wasip1::host;

/// How often a call that is interrupted again and again is repeated. Whoever
/// sends so many signals within microseconds gets an error.
const MOST_REPEATS: usize = 10_000;

/// The longest clock. Some hosts pass it on as a signed number.
pub(super) const MAX_CLOCK_NS: u64 = 24 * 60 * 60 * 1_000_000_000;

/// Has a clock been waited for in this process?
static WARM: AtomicBool = AtomicBool::new(false);

/// The length of the longest list that was polled in this process.
static MAX_LENGTH: AtomicUsize = AtomicUsize::new(0);

/// How a call has gone.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The events are there.
    Events,
    /// A signal interrupted it; what is ready nevertheless is there.
    Interrupted,
}

/// Asks the host for its poll, before descriptors run out.
pub(super) fn warm_up(events: &mut Vec<Event>) -> io::Result<()> {
    if WARM.load(Ordering::Relaxed) {
        return Ok(());
    }
    sleep(1, events)?;
    match events.first().map(|event| event.error) {
        Some(errno) if errno != wasi::ERRNO_SUCCESS => Err(host::error(errno)),
        _ => {
            WARM.store(true, Ordering::Relaxed);
            Ok(())
        }
    }
}

/// Waits for so many nanoseconds and nothing else. What the host keeps is clean
/// after that.
pub(super) fn sleep(nanos: u64, events: &mut Vec<Event>) -> io::Result<Answer> {
    wait(&mut [clock(nanos)], events)
}

/// Waits for ever.
pub(super) fn sleep_for_ever() -> io::Result<Infallible> {
    let mut events = Vec::new();
    loop {
        sleep(MAX_CLOCK_NS, &mut events)?;
    }
}

/// Waits for what is armed in a table, for so many nanoseconds if that is limited.
pub(super) fn wait_for_armed(
    table: &mut Table,
    nanos: Option<u64>,
    events: &mut Vec<Event>,
) -> io::Result<Answer> {
    let is_longest = table.armed() >= MAX_LENGTH.load(Ordering::Relaxed);
    let nanos = nanos.or(is_longest.then_some(MAX_CLOCK_NS));
    wait(table.subscriptions(nanos), events)
}

/// Waits for one of the subscriptions, of which only the first may be a clock.
pub(super) fn wait(
    subscriptions: &mut [Subscription],
    events: &mut Vec<Event>,
) -> io::Result<Answer> {
    if subscriptions.is_empty() {
        // Nothing to wait for, and the call would corrupt the host.
        events.clear();
        return Ok(Answer::Events);
    }
    host::poll_oneoff(subscriptions, events)?;
    MAX_LENGTH.fetch_max(subscriptions.len(), Ordering::Relaxed);
    if !has(events, wasi::ERRNO_INTR) {
        return Ok(Answer::Events);
    }
    repeat(subscriptions, events)
}

/// Repeats a list whose call was interrupted.
#[cold]
fn repeat(subscriptions: &[Subscription], events: &mut Vec<Event>) -> io::Result<Answer> {
    let mut list = subscriptions.to_vec();
    match list.first_mut() {
        Some(first) if first.userdata == Key::CLOCK => *first = clock(1),
        _ => list.push(clock(1)),
    }
    for _ in 0..MOST_REPEATS {
        host::poll_oneoff(&list, events)?;
        if !has(events, wasi::ERRNO_INTR) {
            events.retain(|event| event.error != wasi::ERRNO_EXIST);
            return Ok(Answer::Interrupted);
        }
    }
    Err(io::Error::new(
        io::ErrorKind::Interrupted,
        "the host's poll was interrupted again and again",
    ))
}

/// Does an event carry this error?
pub(super) fn has(events: &[Event], errno: Errno) -> bool {
    events.iter().any(|event| event.error == errno)
}
