//! The active set: peeking at the streams that had an event lately, between full polls. When
//! that is done, `poll_policy.rs` decides. WASI preview 1.
//!
//! A peek is a `sock_recv` that consumes no data, but it takes the error of a connection that
//! was reset, which the host reports once. That error becomes the pending error of the socket
//! (`SourceState::take_pending_error`), which its next operation returns. A stream that is still
//! connecting is not peeked at.

use std::io;
use std::num::NonZeroI32;

use super::context::Context;
use super::poll_policy::{self, PollPolicy};
use super::registrations::{Peekable, Registrations, Source};
use super::subscription::{Direction, Key};
use crate::sys::contract::Events as _;
use crate::sys::deadline::Deadline;
use crate::sys::event::{Events, Readiness};
use crate::sys::wasip1::host::Host;

/// The streams that had an event lately.
#[derive(Debug, Default)]
pub(super) struct ActiveSet {
    /// The read directions, each at most once, and when it was last ready. Keys may be stale.
    streams: Vec<(Key, u64)>,
    /// The number of those that came since the last full poll.
    added: usize,
    /// Where the next round begins: after the last stream that was reported.
    start: usize,
    /// When to poll and when to peek.
    policy: PollPolicy,
}

impl ActiveSet {
    /// Is it empty?
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    /// The number of entries, stale ones among them.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.streams.len()
    }

    /// Sees to it that what is ready at a registration is reported by the next select, also
    /// where that makes no full poll. A connected stream is peeked at, and reported as writable
    /// (a spurious event at worst). For all others a full poll becomes due.
    pub(super) fn note_registration(&mut self, context: &mut Context<impl Host>, slot: u32) {
        let registrations = &mut context.registrations;
        if !poll_policy::is_large(registrations.armed()) {
            return;
        }
        let key = registrations.key(slot, Direction::Read);
        if let Ok(now) = context.host.now() {
            self.add(&context.host, registrations, key, now);
        }
        let is_connected = |source: &Source| source.peekable == Peekable::Yes;
        if !registrations.source(key).is_some_and(is_connected) {
            self.policy.make_poll_due();
        } else if registrations.is_armed(key.other()) {
            registrations.report_in_next_select(key.other());
        }
    }

    /// Adds what a full poll of many sources has found, and removes what is inactive.
    pub(super) fn note_full_poll(
        &mut self,
        context: &mut Context<impl Host>,
        events: &[wasi::Event],
    ) -> io::Result<()> {
        let now = context.host.now()?;
        let registrations = &mut context.registrations;
        self.policy.polled(now, events.len());
        for event in events {
            if event.userdata != Key::CLOCK && event.error == wasi::ERRNO_SUCCESS {
                let key = Key::decode(event.userdata);
                self.add(&context.host, registrations, key, now);
            }
        }
        self.remove_inactive(registrations, now);
        Ok(())
    }

    /// Adds a stream that is ready or new.
    fn add(&mut self, host: &impl Host, registrations: &mut Registrations, key: Key, now: u64) {
        let Some(source) = registrations.source_mut(key) else {
            return;
        };
        if key.direction() != Direction::Read || source.is_active {
            return;
        }
        if source.peekable == Peekable::Unknown && host.has_peer(source.fd) == Some(true) {
            source.peekable = Peekable::Yes;
        }
        if source.peekable == Peekable::Yes {
            source.is_active = true;
            self.streams.push((key, now));
            self.added += 1;
        }
    }

    /// Removes some of the streams that are inactive. A set that is too large to be peeked at
    /// would stay so otherwise. It checks more streams than have come since the last time, so
    /// that connections that come and go leave no more and more stale keys.
    fn remove_inactive(&mut self, registrations: &mut Registrations, now: u64) {
        let armed = registrations.armed();
        let count = poll_policy::CHECKED_AT_ONCE + 2 * std::mem::take(&mut self.added);
        for _ in 0..count.min(self.streams.len()) {
            if self.start >= self.streams.len() {
                self.start = 0;
            }
            let (key, seen) = self.streams[self.start];
            if registrations.source(key).is_some() && !poll_policy::is_inactive(seen, now, armed) {
                self.start += 1;
            } else {
                self.remove(registrations, self.start);
            }
        }
    }

    /// Removes a stream by its index.
    fn remove(&mut self, registrations: &mut Registrations, index: usize) {
        let (key, _) = self.streams.swap_remove(index);
        if let Some(source) = registrations.source_mut(key) {
            source.is_active = false;
        }
    }

    /// Peeks at the active set if that is worth while. `has_wakes` says that this select reports
    /// wake-ups too. `true` when its events are in the buffer; otherwise a full poll is due.
    pub(super) fn peek(
        &mut self,
        context: &mut Context<impl Host>,
        deadline: Deadline<u64>,
        has_wakes: bool,
        events: &mut Events,
    ) -> io::Result<bool> {
        let armed = context.registrations.armed();
        if !poll_policy::pays(armed, self.streams.len()) {
            if !poll_policy::is_large(armed) {
                while !self.streams.is_empty() {
                    self.remove(&mut context.registrations, self.streams.len() - 1);
                }
            }
            return Ok(false);
        }
        let mut now = context.host.now()?;
        let max_events = self.policy.max_events(armed, now);
        if max_events == 0 {
            return Ok(false);
        }
        if self.peek_once(context, now, max_events, events) {
            return Ok(true);
        }
        if deadline == Deadline::Now {
            // A select that reports nothing has polled everything.
            return Ok(has_wakes);
        }
        let max_time = self.policy.max_peek_time_ns(armed);
        if max_time == 0 {
            return Ok(false);
        }
        let end = now
            .saturating_add(max_time)
            .min(self.policy.next_poll(armed))
            .min(context.registrations.next_retry().unwrap_or(u64::MAX))
            .min(match deadline {
                Deadline::Now => 0,
                Deadline::At(end) => end,
                Deadline::Never => u64::MAX,
            });
        while now < end {
            context.host.yield_now();
            now = context.host.now()?;
            if self.peek_once(context, now, max_events, events) {
                self.policy.peeked(true);
                return Ok(true);
            }
        }
        self.policy.peeked(false);
        Ok(false)
    }

    /// Peeks at each armed stream, until `max_events` more are in the buffer. `true` when the
    /// buffer has events after that, of whatever source.
    fn peek_once(
        &mut self,
        context: &mut Context<impl Host>,
        now: u64,
        max_events: usize,
        events: &mut Events,
    ) -> bool {
        let registrations = &mut context.registrations;
        let end = events.len().saturating_add(max_events);
        let armed = registrations.armed();
        let mut left = self.streams.len();
        let mut index = self.start;
        while left > 0 && events.len() < end && !events.is_full() {
            left -= 1;
            if index >= self.streams.len() {
                index = 0;
            }
            let (key, seen) = self.streams[index];
            let keep = match registrations.source(key) {
                Some(source) if source.peekable != Peekable::Yes => false,
                None => false,
                Some(_) if poll_policy::is_inactive(seen, now, armed) => false,
                Some(_) if !registrations.is_armed(key) => true,
                Some(source) => match context.host.peek(source.fd) {
                    Ok(_) => {
                        self.streams[index].1 = now;
                        registrations.deliver(key, events);
                        true
                    }
                    // The latter two: the host has no memory for this now.
                    Err(
                        wasi::ERRNO_AGAIN
                        | wasi::ERRNO_INTR
                        | wasi::ERRNO_NOBUFS
                        | wasi::ERRNO_NOMEM,
                    ) => true,
                    Err(errno) => {
                        report_peek_error(registrations, key, errno, events);
                        false
                    }
                },
            };
            if keep {
                index += 1;
            } else {
                self.remove(registrations, index);
            }
        }
        self.start = index;
        let has_events = events.len() > 0;
        if has_events {
            self.policy.reported(now, events.len());
        }
        has_events
    }
}

/// Reports a stream whose peek has failed, and keeps the error for its next operation. It is
/// not peeked at again.
pub(super) fn report_peek_error(
    registrations: &mut Registrations,
    key: Key,
    errno: wasi::Errno,
    events: &mut Events,
) {
    let Some(source) = registrations.source_mut(key) else {
        return;
    };
    source.peekable = Peekable::No;
    if matches!(errno, wasi::ERRNO_NOTCONN | wasi::ERRNO_INVAL) {
        // The connection was never made: a full poll reports it.
        return;
    }
    source.pending_error = NonZeroI32::new(errno.raw().into());
    if is_end(errno) {
        let closed = Readiness::READ_CLOSED.and(Readiness::WRITE_CLOSED);
        registrations.deliver_to_both(key, closed, events);
    } else {
        registrations.deliver(key, events);
    }
}

/// Has the connection ended in both directions when a receive fails with this?
fn is_end(errno: wasi::Errno) -> bool {
    matches!(
        errno,
        wasi::ERRNO_CONNRESET
            | wasi::ERRNO_CONNABORTED
            | wasi::ERRNO_CONNREFUSED
            | wasi::ERRNO_HOSTUNREACH
            | wasi::ERRNO_NETUNREACH
            | wasi::ERRNO_PIPE
            | wasi::ERRNO_TIMEDOUT
    )
}
