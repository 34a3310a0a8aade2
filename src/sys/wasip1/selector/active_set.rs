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
use super::quirks::hang_up;
use super::registrations::{Peekable, Registrations, Source};
use super::subscription::{Direction, Key};
use crate::sys::contract::Events as _;
use crate::sys::deadline::Deadline;
use crate::sys::event::{Events, Readiness};
use crate::sys::wasip1::host::Host;

/// What a select does after peeking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterPeek {
    /// It returns with the events that are in the buffer.
    Return,
    /// A full poll that waits until the deadline.
    Poll,
    /// A full poll without waiting, whose cost is measured.
    MeasuredPoll,
}

/// A stream of the active set.
#[derive(Clone, Copy, Debug)]
struct Stream {
    /// Its read direction. It may be stale.
    key: Key,
    /// When it was last ready.
    ready_at: u64,
    /// Has a full poll left its event to peeking, and it was not peeked at since?
    is_left_out: bool,
}

/// The streams that had an event lately.
#[derive(Debug, Default)]
pub(super) struct ActiveSet {
    /// The streams, each at most once.
    streams: Vec<Stream>,
    /// The number of those that came since the last full poll.
    added: usize,
    /// Where the next round begins: after the last stream that was reported.
    start: usize,
    /// The first of the new streams, which are peeked at before all others.
    first_new: Option<usize>,
    /// May a stream have been left out?
    is_any_left_out: bool,
    /// The next stream to be checked for being inactive.
    next_check: usize,
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
    /// (a spurious event at worst). For all others a full poll becomes due. New streams are the
    /// first that are peeked at.
    pub(super) fn note_registration(&mut self, context: &mut Context<impl Host>, slot: u32) {
        let registrations = &mut context.registrations;
        if !poll_policy::is_large(registrations.armed()) {
            // More may be armed by the next select.
            self.policy.make_poll_due();
            return;
        }
        // Armed, so that its event can be queued.
        registrations.arm_writable();
        let key = registrations.key(slot, Direction::Read);
        if let Ok(now) = context.host.now() {
            let count = self.streams.len();
            self.add(&context.host, registrations, key, now);
            if self.streams.len() > count {
                self.first_new.get_or_insert(count);
            }
        }
        let is_connected = |source: &Source| source.peekable == Peekable::Yes;
        if !registrations.source(key).is_some_and(is_connected) {
            self.policy.make_poll_due();
        } else if registrations.is_armed(key.other()) {
            registrations.report_in_next_select(key.other());
        }
    }

    /// Adds what a full poll of many sources has found, and removes what is inactive. `begun_at`
    /// is when the poll began, if it did not wait.
    ///
    /// When it has found what peeking could not have found, or a new stream, it leaves the events
    /// of other active streams to the next select, which peeks at those. So an event of another
    /// source, or a new connection, doesn't wait until the program has processed them all. A stream
    /// that was left out and not yet peeked at is reported by the next such poll, since a slow
    /// program may never come to peek at it.
    ///
    /// With more events than pays to peek at there is no active set. `true` when there is one, and
    /// the poll has found what peeking could not have found.
    pub(super) fn note_full_poll(
        &mut self,
        context: &mut Context<impl Host>,
        begun_at: Option<u64>,
        events: &mut Vec<wasi::Event>,
    ) -> io::Result<bool> {
        let registrations = &mut context.registrations;
        let armed = registrations.armed();
        // Read at most once: a clock is a call of the host.
        let mut ended_at = None;
        if let Some(begun_at) = begun_at {
            let has_events = events.iter().any(|event| event.userdata != Key::CLOCK);
            let now = *ended_at.insert(context.host.now()?);
            self.policy
                .measured_poll(now.saturating_sub(begun_at), armed, has_events);
        }
        if !self.policy.can_pay(armed, events.len()) {
            self.clear(registrations);
            return Ok(false);
        }
        let now = match ended_at {
            Some(now) => now,
            None => context.host.now()?,
        };
        let new = self.first_new.take().unwrap_or(usize::MAX);
        let (mut found, mut ends, mut is_new_ready) = (0, 0, false);
        for event in events.iter() {
            if event.userdata == Key::CLOCK {
                ends += 1;
            } else if let Some(index) = peeked_index(registrations, event) {
                self.streams[index].ready_at = now;
                is_new_ready |= index >= new;
            } else {
                found += 1;
            }
        }
        let is_urgent = found > 0 || is_new_ready;
        if is_urgent && self.policy.pays(armed, self.streams.len()) {
            self.leave_to_peeking(registrations, new, events);
        } else if std::mem::take(&mut self.is_any_left_out) {
            for stream in &mut self.streams {
                stream.is_left_out = false;
            }
        }
        if found > 0 {
            for event in events.iter() {
                if event.userdata != Key::CLOCK && event.error == wasi::ERRNO_SUCCESS {
                    let key = Key::decode(event.userdata);
                    self.add(&context.host, registrations, key, now);
                }
            }
        }
        self.policy.polled(now, armed, events.len() - ends, found);
        self.remove_inactive(registrations, now);
        Ok(found > 0)
    }

    /// Removes the events of active streams but those from index `new` on, and those that were left
    /// out by an earlier full poll and not peeked at since.
    fn leave_to_peeking(
        &mut self,
        registrations: &Registrations,
        new: usize,
        events: &mut Vec<wasi::Event>,
    ) {
        events.retain(|event| {
            let Some(index) = peeked_index(registrations, event) else {
                return true;
            };
            let stream = &mut self.streams[index];
            let is_reported = stream.is_left_out || index >= new;
            stream.is_left_out = !is_reported;
            is_reported
        });
        self.is_any_left_out = true;
    }

    /// Adds a stream that is ready or new.
    fn add(&mut self, host: &impl Host, registrations: &mut Registrations, key: Key, now: u64) {
        let Some(source) = registrations.source_mut(key) else {
            return;
        };
        if key.direction() != Direction::Read || source.active_index.is_some() {
            return;
        }
        if source.peekable == Peekable::Unknown && host.has_peer(source.fd) == Some(true) {
            source.peekable = Peekable::Yes;
        }
        if source.peekable == Peekable::Yes {
            source.active_index = Some(self.streams.len() as u32);
            self.streams.push(Stream {
                key,
                ready_at: now,
                is_left_out: false,
            });
            self.added += 1;
        }
    }

    /// Removes some of the streams that are inactive. A set that is too large to be peeked at
    /// would stay so otherwise. It checks more streams than have come since the last time, so
    /// that connections that come and go leave no more and more stale keys.
    fn remove_inactive(&mut self, registrations: &mut Registrations, now: u64) {
        let oldest = self.oldest(registrations, now);
        let count = poll_policy::CHECKED_AT_ONCE + 2 * std::mem::take(&mut self.added);
        for _ in 0..count.min(self.streams.len()) {
            if self.next_check >= self.streams.len() {
                self.next_check = 0;
            }
            let Stream { key, ready_at, .. } = self.streams[self.next_check];
            if registrations.source(key).is_some() && ready_at >= oldest {
                self.next_check += 1;
            } else {
                self.remove(registrations, self.next_check);
            }
        }
    }

    /// Removes all streams.
    fn clear(&mut self, registrations: &mut Registrations) {
        while !self.streams.is_empty() {
            self.remove(registrations, self.streams.len() - 1);
        }
        (self.added, self.start, self.next_check) = (0, 0, 0);
        self.first_new = None;
        self.is_any_left_out = false;
    }

    /// Streams whose last event is older than this are inactive.
    fn oldest(&self, registrations: &Registrations, now: u64) -> u64 {
        now.saturating_sub(self.policy.active_ns(registrations.armed()))
    }

    /// Removes a stream by its index.
    fn remove(&mut self, registrations: &mut Registrations, index: usize) {
        let Stream { key, .. } = self.streams.swap_remove(index);
        if let Some(source) = registrations.source_mut(key) {
            source.active_index = None;
        }
        if let Some(moved) = self.streams.get(index) {
            if let Some(source) = registrations.source_mut(moved.key) {
                source.active_index = Some(index as u32);
            }
        }
    }

    /// Peeks at the active set if that is worth while. `has_wakes` says that this select reports
    /// wake-ups too.
    pub(super) fn peek(
        &mut self,
        context: &mut Context<impl Host>,
        deadline: Deadline<u64>,
        has_wakes: bool,
        events: &mut Events,
    ) -> io::Result<AfterPeek> {
        let armed = context.registrations.armed();
        if !self.policy.pays(armed, self.streams.len()) {
            if !poll_policy::is_large(armed) {
                self.clear(&mut context.registrations);
            }
            return Ok(AfterPeek::Poll);
        }
        let mut now = context.host.now()?;
        let max_events = self.policy.max_events(now);
        if max_events == 0 {
            return Ok(match self.policy.is_poll_measured() {
                true => AfterPeek::MeasuredPoll,
                false => AfterPeek::Poll,
            });
        }
        if self.peek_once(context, now, max_events, events)? {
            return Ok(AfterPeek::Return);
        }
        if deadline == Deadline::Now {
            // A select that reports nothing has polled everything.
            return Ok(match has_wakes {
                true => AfterPeek::Return,
                false => AfterPeek::Poll,
            });
        }
        let max_time = self.policy.max_peek_time_ns(armed);
        if max_time == 0 {
            return Ok(AfterPeek::Poll);
        }
        let end = now
            .saturating_add(max_time)
            .min(self.policy.next_poll())
            .min(context.registrations.next_retry().unwrap_or(u64::MAX))
            .min(match deadline {
                Deadline::Now => 0,
                Deadline::At(end) => end,
                Deadline::Never => u64::MAX,
            });
        while now < end {
            context.host.yield_now();
            now = context.host.now()?;
            if self.peek_once(context, now, max_events, events)? {
                self.policy.peeked(true);
                return Ok(AfterPeek::Return);
            }
        }
        self.policy.peeked(false);
        Ok(AfterPeek::Poll)
    }

    /// Peeks at all new streams, and then at each armed one until `max_events` more are in the
    /// buffer.
    /// `true` when the buffer has events after that, of whatever source.
    fn peek_once(
        &mut self,
        context: &mut Context<impl Host>,
        now: u64,
        max_events: usize,
        events: &mut Events,
    ) -> io::Result<bool> {
        let end = events.len().saturating_add(max_events);
        let oldest = self.oldest(&context.registrations, now);
        let mut peeks = 0;
        let mut new = self.first_new.take().unwrap_or(usize::MAX);
        while new < self.streams.len() && !events.is_full() {
            if self.peek_at(context, new, now, oldest, &mut peeks, events) {
                new += 1;
            }
        }
        if new < self.streams.len() {
            self.first_new = Some(new);
        }
        let mut left = self.streams.len();
        while left > 0 && events.len() < end && !events.is_full() {
            left -= 1;
            if self.start >= self.streams.len() {
                self.start = 0;
            }
            if self.peek_at(context, self.start, now, oldest, &mut peeks, events) {
                self.start += 1;
            }
        }
        if self.policy.is_round_measured(peeks) {
            let elapsed = context.host.now()?.saturating_sub(now);
            self.policy.measured_peeks(elapsed, peeks);
        }
        let has_events = events.len() > 0;
        if has_events {
            self.policy.reported(now, events.len());
        }
        Ok(has_events)
    }

    /// Peeks at a stream if it is armed. `false` when it was removed, and another one has its
    /// index.
    #[inline]
    fn peek_at(
        &mut self,
        context: &mut Context<impl Host>,
        index: usize,
        now: u64,
        oldest: u64,
        peeks: &mut usize,
        events: &mut Events,
    ) -> bool {
        let registrations = &mut context.registrations;
        let stream = &mut self.streams[index];
        stream.is_left_out = false;
        let key = stream.key;
        let keep = match registrations.peekable(key) {
            None => false,
            Some(_) if stream.ready_at < oldest => false,
            Some(None) => true,
            Some(Some(fd)) => {
                *peeks += 1;
                match context.host.peek(fd) {
                    Ok(_) => {
                        stream.ready_at = now;
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
                }
            }
        };
        if !keep {
            self.remove(registrations, index);
        }
        keep
    }
}

/// The index of the active stream that peeking finds this event at.
fn peeked_index(registrations: &Registrations, event: &wasi::Event) -> Option<usize> {
    let key = Key::decode(event.userdata);
    let is_plain = event.error == wasi::ERRNO_SUCCESS && !hang_up::has_flag(event);
    if !is_plain || key.direction() != Direction::Read {
        return None;
    }
    let source = registrations.source(key)?;
    source.active_index.map(|index| index as usize)
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
