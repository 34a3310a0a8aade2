//! Half-closed streams that make the host's poll return at once and without an event. WASI
//! preview 1.
//!
//! WasmEdge subscribes to EPOLLRDHUP for each descriptor and reports it for none
//! (lib/host/wasi/inode-linux.cpp, `Poller::write`; observed in 0.14.1 and 0.17.1). A
//! stream whose peer has shut down writing, watched for writing only and with a full send
//! buffer, ends each call for as long as that lasts. It is found in two steps:
//!
//! ```text
//! poll the write-only sources for reading, without waiting
//! those that are readable and whose peek returns 0 are at the end of their stream
//! if there is none: poll those with unread data for writing, and halve each part that
//!     ends the call without an event; one that does so alone has its end behind the data
//! disarm the write direction of what was found; arm it after a backoff
//! ```
//!
//! Sources that have unread data and no end stay armed.

use std::io;

use wasi::Fd;

use crate::sys::contract::Events as _;
use crate::sys::event::Events;
use crate::sys::retry::{Backoff, Schedule};
use crate::sys::wasip1::host::Host;
use crate::sys::wasip1::selector::active_set::report_peek_error;
use crate::sys::wasip1::selector::context::Context;
use crate::sys::wasip1::selector::registrations::{Peekable, Source};
use crate::sys::wasip1::selector::subscription::{probe_of, Direction, Key};

/// How many parts are polled after one call, at most. One of 32,768 writers is found by that
/// many, whichever half it is in.
const MAX_PART_POLLS: usize = 32;

/// The timeout of each of these polls.
const PART_POLL_NS: u64 = 100_000;

/// A write direction by its slot, and the descriptor.
type Writer = (u32, Fd);

/// The sleeps after calls in a row that return early and empty: none after the first two, then
/// up to 12.8 ms.
const DELAYS: Schedule = Schedule {
    free: 2,
    first_ns: 100_000,
    max_doublings: 7,
};

/// After a call that returned early and empty: backs off the half-closed writers, and returns
/// zero; or returns how long to sleep, in nanoseconds, when there is none and
/// nothing to report.
pub(in super::super) fn back_off_or_delay(
    context: &mut Context<impl Host>,
    backoff: &mut Backoff,
    events: &mut Events,
) -> io::Result<u64> {
    match back_off(context, events)? || events.len() > 0 {
        true => Ok(0),
        false => Ok(backoff.next_ns(&DELAYS)),
    }
}

/// Backs off the half-closed writers. `false` when there is none.
fn back_off(context: &mut Context<impl Host>, events: &mut Events) -> io::Result<bool> {
    let Context {
        host,
        poller,
        registrations,
    } = context;
    let mut readers = registrations.writers_as_readers().peekable();
    if readers.peek().is_none() {
        return Ok(false);
    }
    let readable = poller.probe(host, 1, readers)?;
    let now = host.now()?;
    let mut found = false;
    let mut with_data = Vec::new();
    for event in readable {
        let key = Key::decode(event.userdata);
        if event.userdata == Key::CLOCK || event.error != wasi::ERRNO_SUCCESS {
            continue;
        }
        let Some(&Source { fd, peekable, .. }) = registrations.source(key) else {
            continue;
        };
        match (peekable != Peekable::No).then(|| host.peek(fd)) {
            Some(Ok(0)) => {
                registrations.retry(key.slot(), Direction::Write, Some(now));
                found = true;
            }
            None | Some(Ok(_)) => with_data.push((key.slot(), fd)),
            Some(Err(wasi::ERRNO_AGAIN | wasi::ERRNO_INTR)) => {}
            // The peek has taken the error of a reset.
            Some(Err(errno)) => report_peek_error(registrations, key.other(), errno, events),
        }
    }
    Ok(found || back_off_part(context, &with_data, now, &mut 0)?)
}

/// Backs off the writers of a part that end a call, by halving it. `polls` counts the calls.
/// `false` when there is none.
fn back_off_part(
    context: &mut Context<impl Host>,
    part: &[Writer],
    now: u64,
    polls: &mut usize,
) -> io::Result<bool> {
    if part.is_empty() || *polls == MAX_PART_POLLS {
        return Ok(false);
    }
    *polls += 1;
    let writers = part.iter().map(|(_, fd)| probe_of(*fd, Direction::Write));
    let events = context.poller.probe(&context.host, PART_POLL_NS, writers)?;
    if !events.is_empty() {
        return Ok(false);
    }
    if let [(slot, _)] = *part {
        let registrations = &mut context.registrations;
        registrations.retry(slot, Direction::Write, Some(now));
        return Ok(true);
    }
    let (first, second) = part.split_at(part.len() / 2);
    let in_first = back_off_part(context, first, now, polls)?;
    let in_second = back_off_part(context, second, now, polls)?;
    Ok(in_first || in_second)
}
