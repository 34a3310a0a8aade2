//! Looking at the streams that are busy, without the host's poll. WASI preview 1.
//!
//! When that is done is decided in `tiers.rs`. A look is a `sock_recv` that
//! consumes nothing. But it takes the error of a connection that was reset, which
//! the host reports once. So that error becomes the pending error of the socket, which the
//! next operation that meets the end of the stream returns
//! (`SourceState::take_pending_error`). A stream that is still being connected is not
//! peeked at.

use std::io;
use std::num::NonZeroI32;

use super::key::{Direction, Key};
use super::state::{State, Wait};
use super::table::Slot;
use super::tiers::{self, Tiers};
use crate::sys::contract::Events as _;
use crate::sys::event::{Events, Readiness};
use crate::sys::wasip1::host;
use crate::sys::wasip1::source::Kind;

/// Can a source be looked at?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    /// Not known yet: it may still be on its way to its peer.
    Unknown,
    /// It is a connected stream.
    Good,
    /// No: its peek has failed.
    Bad,
}

/// The streams that are looked at, and how that goes.
#[derive(Debug, Default)]
pub(super) struct Hot {
    /// The read directions, each at most once, and when it was last ready. Some may
    /// be stale.
    streams: Vec<(Key, u64)>,
    /// How many of them have come since the last full call.
    fresh: usize,
    /// Where the next round begins: behind the last that found room.
    start: usize,
    /// When to do what.
    tiers: Tiers,
}

impl Hot {
    /// How many streams are in the list.
    pub(super) fn len(&self) -> usize {
        self.streams.len()
    }
}

/// What looking has led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Looked {
    /// It is enough; what was ready is in the buffer.
    Enough,
    /// The host is to be asked.
    Ask,
}

impl State {
    /// Notes that a stream has become ready, or is new: it may soon be ready again.
    pub(super) fn warm(&mut self, key: Key, now: u64) {
        if key.direction() != Direction::Read {
            return;
        }
        let Some(slot) = self.table.current(key) else {
            return;
        };
        if slot.kind != Kind::Stream {
            return;
        }
        if slot.looks == Looks::Unknown && host::is_connected(slot.fd) {
            slot.looks = Looks::Good;
        }
        if slot.looks == Looks::Good && !std::mem::replace(&mut slot.hot, true) {
            self.hot.streams.push((key, now));
            self.hot.fresh += 1;
        }
    }

    /// Sees to it that what is ready at a registration is reported by the next select, also
    /// where that does without a full call. A connected stream is peeked at, and reported as
    /// writable (a spurious event at worst). For all else a full call becomes due.
    pub(super) fn note_registration(&mut self, slot: u32) {
        if !tiers::is_large(self.table.armed()) {
            return;
        }
        let key = self.table.key(slot, Direction::Read);
        if let Ok(now) = host::now() {
            self.warm(key, now);
        }
        let is_connected = |entry: &mut Slot| entry.looks == Looks::Good;
        if self.table.current(key).is_some_and(is_connected) {
            if self.table.is_armed(key.other()) {
                self.keep(key.other(), Readiness::WRITABLE);
            }
        } else {
            self.hot.tiers.expire();
        }
    }

    /// After a full call: what it has found becomes hot.
    pub(super) fn note_full_call(&mut self) -> io::Result<()> {
        if !tiers::is_large(self.table.armed()) {
            return Ok(());
        }
        let now = host::now()?;
        self.hot.tiers.called(now, self.answers.len());
        for index in 0..self.answers.len() {
            let answer = self.answers[index];
            if answer.userdata != Key::CLOCK && answer.error == wasi::ERRNO_SUCCESS {
                self.warm(Key::decode(answer.userdata), now);
            }
        }
        self.cool(now);
        Ok(())
    }

    /// Forgets some of the streams that are no longer hot: there may be too many to
    /// be looked at, which would else stay so. More than have come since the last time,
    /// so that connections that come and go don't pile up.
    fn cool(&mut self, now: u64) {
        let armed = self.table.armed();
        let count = tiers::COOLED_AT_ONCE + 2 * std::mem::take(&mut self.hot.fresh);
        for _ in 0..count.min(self.hot.streams.len()) {
            if self.hot.start >= self.hot.streams.len() {
                self.hot.start = 0;
            }
            let (key, seen) = self.hot.streams[self.hot.start];
            match self.table.current(key) {
                Some(_) if !tiers::is_cold(seen, now, armed) => {
                    self.hot.start += 1;
                    continue;
                }
                Some(slot) => slot.hot = false,
                None => {}
            }
            self.hot.streams.swap_remove(self.hot.start);
        }
    }

    /// Looks at what is hot, if now is the time for that.
    pub(super) fn look_at_hot(&mut self, events: &mut Events, wait: Wait) -> io::Result<Looked> {
        let armed = self.table.armed();
        if !tiers::pays(armed, self.hot.streams.len()) {
            if !tiers::is_large(armed) {
                self.forget_hot();
            }
            return Ok(Looked::Ask);
        }
        let mut now = host::now()?;
        let most = self.hot.tiers.fitting(armed, now);
        if most == 0 {
            return Ok(Looked::Ask);
        }
        if self.look_at_all(events, now, most) {
            return Ok(Looked::Enough);
        }
        if wait == Wait::Now {
            // A select that reports nothing has polled everything.
            return Ok(match events.len() > 0 || self.has_wakes() {
                true => Looked::Enough,
                false => Looked::Ask,
            });
        }
        let patience = self.hot.tiers.patience(armed);
        if patience == 0 {
            return Ok(Looked::Ask);
        }
        let due = self.later.next_due().unwrap_or(u64::MAX);
        let end = now
            .saturating_add(patience)
            .min(self.hot.tiers.rests_until(armed))
            .min(due)
            .min(end_of(wait));
        while now < end {
            std::thread::yield_now();
            now = host::now()?;
            if self.look_at_all(events, now, most) {
                self.hot.tiers.learn(true);
                return Ok(Looked::Enough);
            }
        }
        self.hot.tiers.learn(false);
        Ok(Looked::Ask)
    }

    /// Looks at the hot streams that are armed, until so many are ready, and reports
    /// those. `false` when there is nothing to report.
    fn look_at_all(&mut self, events: &mut Events, now: u64, most: usize) -> bool {
        let full = events.len().saturating_add(most);
        let armed = self.table.armed();
        let mut left = self.hot.streams.len();
        let mut place = self.hot.start;
        while left > 0 && events.len() < full && !events.is_full() {
            left -= 1;
            if place >= self.hot.streams.len() {
                place = 0;
            }
            let (key, seen) = self.hot.streams[place];
            let Some(slot) = self.table.current(key) else {
                self.hot.streams.swap_remove(place);
                continue;
            };
            let fd = slot.fd;
            if tiers::is_cold(seen, now, armed) {
                slot.hot = false;
                self.hot.streams.swap_remove(place);
                continue;
            }
            if self.table.is_armed(key) && !self.look(key, fd, place, now, events) {
                self.hot.streams.swap_remove(place);
                continue;
            }
            place += 1;
        }
        self.hot.start = place;
        let found = events.len() > 0;
        if found {
            self.hot.tiers.found(now, events.len());
        }
        found
    }

    /// Looks at one stream. `false` when that is not to be done again.
    fn look(
        &mut self,
        key: Key,
        fd: wasi::Fd,
        place: usize,
        now: u64,
        events: &mut Events,
    ) -> bool {
        match host::look(fd) {
            Ok(_) => {
                self.hot.streams[place].1 = now;
                self.deliver(key, Readiness::READABLE, events);
                true
            }
            Err(wasi::ERRNO_AGAIN | wasi::ERRNO_INTR) => true,
            // The host has no memory for this now.
            Err(wasi::ERRNO_NOBUFS | wasi::ERRNO_NOMEM) => true,
            // A listener, or a connection that has never come about.
            Err(wasi::ERRNO_NOTCONN | wasi::ERRNO_INVAL) => {
                self.dismiss(key);
                false
            }
            Err(errno) => {
                self.report_peek_error(key, errno, events);
                false
            }
        }
    }

    /// Reports a stream whose peek has failed, and keeps the error for its next operation.
    pub(super) fn report_peek_error(&mut self, key: Key, errno: wasi::Errno, events: &mut Events) {
        self.dismiss(key);
        if let Some(slot) = self.table.current(key) {
            slot.pending_error = NonZeroI32::new(errno.raw().into());
        }
        if !is_end(errno) {
            self.deliver(key, key.direction().readiness(), events);
            return;
        }
        self.table.hang_up(key);
        let closed = Readiness::READ_CLOSED.and(Readiness::WRITE_CLOSED);
        self.deliver_both(key, closed, events);
    }

    /// Never looks at this source again.
    fn dismiss(&mut self, key: Key) {
        if let Some(slot) = self.table.current(key) {
            slot.looks = Looks::Bad;
            slot.hot = false;
        }
    }

    /// Nothing is hot any more.
    fn forget_hot(&mut self) {
        while let Some((key, _)) = self.hot.streams.pop() {
            if let Some(slot) = self.table.current(key) {
                slot.hot = false;
            }
        }
    }
}

/// When a wait ends.
fn end_of(wait: Wait) -> u64 {
    match wait {
        Wait::Now => 0,
        Wait::At(end) => end,
        Wait::Never => u64::MAX,
    }
}

/// Has the connection ended, in both directions, when reading fails with this?
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
