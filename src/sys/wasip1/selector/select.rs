//! The loop of a select: polls the host and reports events. WASI preview 1.
//!
//! ```text
//! select(timeout):
//!     report wake-ups (in each second select)
//!     report new connections as writable if it won't wait; arm them for writing otherwise
//!     if there is no active set and nothing else is pending: one poll (`poll_simply`); done if
//!         that was enough
//!     report what the last buffer had no capacity for
//!     until there is an event, a signal, or the deadline:
//!         arm what is due after its backoff; disarm what was reported and not re-armed
//!         if nothing could end the wait: arm everything, or report a deadlock
//!         peek at the active set; if that has events: done
//!         poll the host until the deadline or the next retry (without waiting, to measure it)
//!         report its events, each by the workaround that it needs
//!         report errors of datagram sockets
//!         if the poll returned early and empty: back off half-closed writers, or sleep
//!     report wake-ups
//! ```

use std::io;
use std::time::Duration;

use super::active_set::{ActiveSet, AfterPeek};
use super::context::Context;
use super::poll_oneoff::MAX_CLOCK_NS;
use super::poll_policy::is_large;
use super::quirks::refused::{self, LostDescriptors};
use super::quirks::udp_error::UdpErrors;
use super::quirks::{half_closed_writer, hang_up};
use super::subscription::{Direction, Key};
use super::wakes::Wakes;
use crate::sys::contract::Events as _;
use crate::sys::deadline::{clamped_nanos, Deadline};
use crate::sys::event::{Events, Readiness};
use crate::sys::retry::{Backoff, Schedule};
use crate::sys::wasip1::host::Host;
use crate::sys::wasip1::source::RawSource;
use crate::{Interest, Token};

/// The sleeps before everything is armed to end a wait: none at first, then up to 640 ms.
const ARM_ALL_DELAYS: Schedule = Schedule {
    free: 1,
    first_ns: 10_000_000,
    max_doublings: 6,
};

/// In one of this number of selects with a full poll of many sources the list is reordered, since
/// to disarm and arm again takes as long as everything else that is done for an event.
const SELECTS_PER_REORDERING: u64 = 16;

/// How a select has ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// With events, or because its time was over.
    Done,
    /// It would wait indefinitely, and nothing could end that.
    Deadlock,
}

/// The state of a selector.
pub(super) struct Select<H> {
    /// The host and the registrations.
    context: Context<H>,
    /// The wakers.
    wakes: Wakes,
    /// Streams that are peeked at between full polls.
    active_set: ActiveSet,
    /// Checks the errors of datagram sockets.
    udp_errors: UdpErrors,
    /// Repairs the host's list.
    lost_descriptors: LostDescriptors,
    /// How often everything was armed since the program has last done something.
    arm_all_backoff: Backoff,
}

/// What the program does between selects.
impl<H: Host> Select<H> {
    /// A selector without registrations.
    pub(super) fn new(host: H) -> io::Result<Self> {
        Ok(Self {
            context: Context::new(host)?,
            wakes: Wakes::default(),
            active_set: ActiveSet::default(),
            udp_errors: UdpErrors::default(),
            lost_descriptors: LostDescriptors::default(),
            arm_all_backoff: Backoff::default(),
        })
    }

    /// The host and the registrations.
    pub(super) fn context(&mut self) -> &mut Context<H> {
        &mut self.context
    }

    /// The wakers.
    pub(super) fn wakes(&mut self) -> &mut Wakes {
        &mut self.wakes
    }

    /// The active set.
    #[cfg(test)]
    pub(super) fn active_set(&self) -> &ActiveSet {
        &self.active_set
    }

    /// Adds a registration whose readiness the next select reports. `None` when there are more
    /// than can be numbered.
    pub(super) fn register(
        &mut self,
        source: RawSource,
        token: Token,
        interests: Interest,
    ) -> Option<u32> {
        self.arm_all_backoff.reset();
        let slot = self
            .context
            .registrations
            .insert(source, token, interests)?;
        self.active_set.note_registration(&mut self.context, slot);
        Some(slot)
    }

    /// Replaces token and interests; the next select reports the readiness.
    pub(super) fn change(&mut self, slot: u32, token: Token, interests: Interest) {
        self.arm_all_backoff.reset();
        self.context.registrations.change(slot, token, interests);
        self.active_set.note_registration(&mut self.context, slot);
    }

    /// Re-arms a direction after I/O that may have used its readiness up.
    #[inline]
    pub(super) fn rearm(&mut self, slot: u32, direction: Direction) {
        self.arm_all_backoff.reset();
        if !self.context.registrations.rearm(slot, direction) {
            self.rearm_unsubscribed(slot, direction);
        }
    }

    /// The same for a direction without a subscription.
    #[inline(never)]
    fn rearm_unsubscribed(&mut self, slot: u32, direction: Direction) {
        let Context {
            host,
            registrations,
            ..
        } = &mut self.context;
        registrations.rearm_unsubscribed(slot, direction, || host.now().ok());
    }

    /// Re-arms a direction after a backoff.
    pub(super) fn rearm_after_delay(&mut self, slot: u32, direction: Direction) {
        let now = self.context.host.now().ok();
        self.context.registrations.retry(slot, direction, now);
    }
}

/// The loop.
impl<H: Host> Select<H> {
    /// See the contract.
    pub(super) fn select(
        &mut self,
        events: &mut Events,
        mut timeout: Option<Duration>,
    ) -> io::Result<Verdict> {
        self.context.registrations.begin_select();
        if !self.wakes.is_empty() {
            timeout = Some(Duration::ZERO);
            // In turns, so that neither keeps the other out of a small buffer.
            if self.context.registrations.turn() % 2 == 0 {
                self.wakes.report(events);
            }
        }
        let registrations = &mut self.context.registrations;
        if registrations.has_writable() {
            match timeout {
                Some(Duration::ZERO) => registrations.deliver_writable(events),
                // Being writable ends the wait.
                _ => registrations.arm_writable(),
            }
        }
        let deadline = Deadline::after(timeout, || self.context.host.now())?;
        if self.is_simple() && !events.is_full() {
            let is_done = match self.poll_simply(events, deadline, timeout) {
                // The events that are in the buffer already must not get lost.
                Err(_) if events.len() > 0 => true,
                result => result?,
            };
            if is_done {
                self.wakes.report(events);
                return Ok(Verdict::Done);
            }
        }
        self.context.registrations.deliver_overflow(events);
        if !events.is_full() {
            let deadline = match events.len() > 0 {
                true => Deadline::Now,
                false => deadline,
            };
            match self.poll(events, deadline) {
                Ok(Verdict::Done) => {}
                // As above.
                Err(_) if events.len() > 0 => {}
                result => return result,
            }
        }
        self.wakes.report(events);
        Ok(Verdict::Done)
    }

    /// Are there armed sources and nothing else, as in all selects of small programs?
    fn is_simple(&self) -> bool {
        let registrations = &self.context.registrations;
        !registrations.has_overflow()
            && registrations.next_retry().is_none()
            && self.active_set.is_empty()
    }

    /// One turn of the loop for a simple select. `false` when that was not enough, or nothing is
    /// armed. It takes an interpreter a third of the instructions of `poll`.
    fn poll_simply(
        &mut self,
        events: &mut Events,
        deadline: Deadline<u64>,
        timeout: Option<Duration>,
    ) -> io::Result<bool> {
        self.context.registrations.compact();
        if self.context.registrations.armed() == 0 {
            return Ok(false);
        }
        let timeout_ns = timeout.map(|timeout| clamped_nanos(timeout, MAX_CLOCK_NS));
        match self.poll_host(events, timeout_ns)? {
            _ if events.len() > 0 => Ok(true),
            Outcome::Interrupted => Err(io::ErrorKind::Interrupted.into()),
            Outcome::Events => deadline.is_over(|| self.context.host.now()),
            Outcome::Empty | Outcome::LostDescriptor => Ok(false),
        }
    }

    /// Polls the host until there is an event or the deadline is over.
    fn poll(&mut self, events: &mut Events, deadline: Deadline<u64>) -> io::Result<Verdict> {
        let mut backoff = Backoff::default();
        loop {
            let registrations = &mut self.context.registrations;
            if registrations.next_retry().is_some() {
                registrations.arm_due(self.context.host.now()?);
            }
            registrations.compact();
            if registrations.armed() == 0 && registrations.next_retry().is_none() {
                match deadline {
                    Deadline::Now => return Ok(Verdict::Done),
                    Deadline::Never if registrations.is_empty() => return Ok(Verdict::Deadlock),
                    Deadline::Never => self.arm_all()?,
                    Deadline::At(_) => {}
                }
            }
            let deadline = match events.len() > 0 {
                true => Deadline::Now,
                false => deadline,
            };
            let has_wakes = !self.wakes.is_empty();
            let context = &mut self.context;
            let poll_deadline = match self.active_set.peek(context, deadline, has_wakes, events)? {
                AfterPeek::Return => return Ok(Verdict::Done),
                AfterPeek::Poll => deadline.limited_to(self.context.registrations.next_retry()),
                AfterPeek::MeasuredPoll => Deadline::Now,
            };
            let timeout_ns = self.context.time_left(poll_deadline)?;
            let outcome = self.poll_host(events, timeout_ns)?;
            match outcome {
                _ if events.len() > 0 => return Ok(Verdict::Done),
                Outcome::Interrupted => return Err(io::ErrorKind::Interrupted.into()),
                Outcome::LostDescriptor => continue,
                Outcome::Events => {}
                Outcome::Empty => {
                    let context = &mut self.context;
                    let delay_ns =
                        half_closed_writer::back_off_or_delay(context, &mut backoff, events)?;
                    context.sleep(delay_ns, deadline)?;
                }
            }
            if events.len() > 0 || deadline.is_over(|| self.context.host.now())? {
                return Ok(Verdict::Done);
            }
        }
    }

    /// Polls the host once for all that is armed, and reports what it has found.
    #[inline]
    fn poll_host(&mut self, events: &mut Events, timeout_ns: Option<u64>) -> io::Result<Outcome> {
        let Context {
            host,
            poller,
            registrations,
        } = &mut self.context;
        let is_large = is_large(registrations.armed());
        let begun_at = match is_large && timeout_ns == Some(0) {
            true => Some(host.now()?),
            false => None,
        };
        let is_interrupted = poller.wait(host, registrations, timeout_ns)?;
        let mut host_events = poller.take_events();
        let is_empty = host_events.is_empty();
        let is_any_found = is_large
            && self
                .active_set
                .note_full_poll(&mut self.context, begun_at, &mut host_events)?;
        let mut is_any_lost = false;
        for event in &host_events {
            let key = Key::decode(event.userdata);
            if event.error == wasi::ERRNO_SUCCESS && !hang_up::has_flag(event) {
                // (The key of the clock is nobody's.)
                self.context.registrations.deliver(key, events);
            } else if event.userdata != Key::CLOCK {
                is_any_lost |= self.deliver_unusual(key, event.error, events);
            } else {
                // Without the socket that is always writable the next poll could wait.
                is_any_lost |= self.lost_descriptors.is_repairable(event.error);
            }
        }
        let is_turn = self.context.registrations.turn() % SELECTS_PER_REORDERING == 0;
        if is_any_found || (is_large && is_turn) {
            // What is busy is armed again at the end of the list: the quiet sources come first in
            // what the host reports, and don't wait until all busy ones are processed.
            self.context.registrations.compact();
        }
        self.context.poller.recycle(host_events);
        self.lost_descriptors.repair(&mut self.context, is_any_lost);
        self.udp_errors.report(&mut self.context, is_empty, events);
        Ok(match is_interrupted {
            true => Outcome::Interrupted,
            false if is_any_lost => Outcome::LostDescriptor,
            false if is_empty => Outcome::Empty,
            false => Outcome::Events,
        })
    }

    /// Reports a hang-up or an error of one subscription. `true` when the host has lost the
    /// descriptor, and it is to be repaired instead.
    #[cold]
    fn deliver_unusual(&mut self, key: Key, errno: wasi::Errno, events: &mut Events) -> bool {
        let registrations = &mut self.context.registrations;
        match errno {
            wasi::ERRNO_SUCCESS => hang_up::deliver(&mut self.context, key, events),
            wasi::ERRNO_INTR => {}
            _ if self.lost_descriptors.is_repairable(errno) => return true,
            _ if refused::is_refusal(errno) => refused::deliver(registrations, key, errno, events),
            _ => registrations.deliver_to_both(key, Readiness::ERROR, events),
        }
        false
    }

    /// Arms everything before a wait that nothing could end: a spurious event is legal, a hang
    /// is not. First for reading, later for writing too, and after a backoff, since a program
    /// that ignores these events would be in a busy loop.
    fn arm_all(&mut self) -> io::Result<()> {
        let delay_ns = self.arm_all_backoff.next_ns(&ARM_ALL_DELAYS);
        self.context.sleep(delay_ns, Deadline::Never)?;
        let registrations = &mut self.context.registrations;
        registrations.arm_all(Direction::Read);
        if delay_ns > 0 || registrations.armed() == 0 {
            registrations.arm_all(Direction::Write);
        }
        Ok(())
    }
}

/// How a poll of the host has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// With events, the clock's among them.
    Events,
    /// Without any event, not even the clock's.
    Empty,
    /// With the error of a descriptor that the host has lost.
    LostDescriptor,
    /// By a signal. What was ready nevertheless is reported.
    Interrupted,
}
