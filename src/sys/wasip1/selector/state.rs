//! One select: asking the host, delivering what it reports, leftovers, wake-ups.
//! WASI preview 1.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroI32;
use std::time::Duration;

use super::by_number::Numbered;
use super::hang_up;
use super::host_poll::{self, Answer, MAX_CLOCK_NS};
use super::hot::{Hot, Looked};
use super::key::{Direction, Key};
use super::later::Later;
use super::table::{Reported, Table};
use super::tiers;
use super::window::HostTakes;
use crate::log::debug;
use crate::sys::contract::Events as _;
use crate::sys::deadline::{clamped_nanos, Deadline};
use crate::sys::event::{Event, Events, Readiness};
use crate::sys::retry::{Backoff, Schedule};
use crate::sys::wasip1::host;
use crate::sys::wasip1::source::RawSource;
use crate::{Interest, Token};

/// What a selector holds.
pub(super) struct State {
    /// The registrations.
    pub(super) table: Table,
    /// What of them is known by its number.
    pub(super) numbered: Vec<Numbered>,
    /// What the host has answered.
    pub(super) answers: Vec<wasi::Event>,
    /// What the host is asked besides; kept so that it is allocated once.
    pub(super) probe: Vec<wasi::Subscription>,
    /// What it has answered to that where `answers` are still in use.
    pub(super) probe_answers: Vec<wasi::Event>,
    /// Events that had no room in the caller's buffer, in their order. Their
    /// directions are still armed and marked as queued.
    leftovers: VecDeque<(Key, Readiness)>,
    /// Tokens of the wakers that were used since their last event.
    woken: Vec<Token>,
    /// What is to be done at a later time.
    pub(super) later: Later,
    /// What is looked at without the host's poll.
    pub(super) hot: Hot,
    /// How many wakers there have been.
    wakers: usize,
    /// How often everything was armed, in vain, since something else was.
    forced: Backoff,
    /// How often in a row the host was helped to find a descriptor.
    helped: u32,
    /// How long a list the host takes.
    pub(super) host_takes: HostTakes,
    /// Number of this select.
    pub(super) turn: u64,
    /// Number of the select that has last read the errors of datagram sockets.
    pub(super) datagrams_checked: u64,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("table", &self.table)
            .field("leftovers", &self.leftovers)
            .field("woken", &self.woken)
            .field("later", &self.later)
            .finish_non_exhaustive()
    }
}

/// How often in a row a host that has lost track of a descriptor is helped.
const MOST_HELP: u32 = 3;

/// The pauses of a wait that nothing could end: none at first, then up to 640 ms.
const FORCED: Schedule = Schedule {
    free: 1,
    first_ns: 10_000_000,
    max_doublings: 6,
};

/// When a select has to return, by the monotonic clock in nanoseconds.
pub(super) type Wait = Deadline<u64>;

/// The clock for the next call, in nanoseconds; none for a wait without end. A call costs
/// the host 4 us more with a clock, and 10 us more when it runs out.
pub(super) fn clock_until(deadline: Wait) -> io::Result<Option<u64>> {
    let left = deadline.left(host::now)?;
    Ok(left.map(|nanos| nanos.min(MAX_CLOCK_NS)))
}

/// How a select has ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// As it should.
    Done,
    /// It would wait for ever, and nothing could end that.
    Deadlock,
}

impl State {
    /// Nothing registered.
    pub(super) fn new() -> io::Result<Self> {
        let mut answers = Vec::new();
        host_poll::warm_up(&mut answers)?;
        Ok(Self {
            table: Table::new(),
            numbered: Vec::new(),
            answers,
            probe: Vec::new(),
            probe_answers: Vec::new(),
            leftovers: VecDeque::new(),
            woken: Vec::new(),
            later: Later::new(),
            hot: Hot::default(),
            wakers: 0,
            forced: Backoff::default(),
            helped: 0,
            host_takes: HostTakes::Unknown,
            turn: 0,
            datagrams_checked: 0,
        })
    }

    /// Makes room so that wakes allocate nothing.
    pub(super) fn add_waker(&mut self) {
        self.wakers += 1;
        self.woken.reserve(self.wakers - self.woken.len());
    }

    /// Makes the next select report this token.
    pub(super) fn wake(&mut self, token: Token) {
        if !self.woken.contains(&token) {
            self.woken.push(token);
        }
    }

    /// Arms the directions that a source is watched for, since it has done I/O.
    #[inline]
    pub(super) fn rearm(&mut self, slot: u32, direction: Direction) {
        self.disturb();
        if !self.table.rearm(slot, direction) {
            self.rearm_anew(slot, direction);
        }
    }

    /// Adds a registration whose readiness the next select reports.
    pub(super) fn register(
        &mut self,
        source: RawSource,
        token: Token,
        interests: Interest,
    ) -> Option<u32> {
        let slot = self.insert(source, token, interests)?;
        self.note_registration(slot);
        Some(slot)
    }

    /// Adds a registration, see `Table::insert`.
    pub(super) fn insert(
        &mut self,
        source: RawSource,
        token: Token,
        interests: Interest,
    ) -> Option<u32> {
        self.disturb();
        self.table.insert(source, token, interests)
    }

    /// Changes a registration, see `Table::change`.
    pub(super) fn change(&mut self, slot: u32, token: Token, interests: Interest) {
        self.disturb();
        self.table.change(slot, token, interests);
        if self.table.has_pending_error(slot) {
            self.report_pending_error(slot);
        }
        self.note_registration(slot);
    }

    /// Gives a new registration the pending error of its socket.
    pub(super) fn set_pending_error(&mut self, slot: u32, number: NonZeroI32) {
        self.table.set_pending_error(slot, number);
        self.report_pending_error(slot);
    }

    /// Makes the next select report a source with a pending error: the host no longer does.
    fn report_pending_error(&mut self, slot: u32) {
        if let Some(key) = self.table.armed_key(slot) {
            self.keep(key, key.direction().readiness());
        }
    }

    /// Have wakers been used since their last event?
    pub(super) fn has_wakes(&self) -> bool {
        !self.woken.is_empty()
    }

    /// Notes that the program has done something.
    fn disturb(&mut self) {
        self.forced.reset();
    }

    /// See the contract.
    pub(super) fn select(
        &mut self,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<Verdict> {
        self.turn += 1;
        let wait = Wait::after(timeout, host::now)?;
        if self.is_plain() && self.ask_plainly(events, wait, timeout)? {
            return Ok(Verdict::Done);
        }
        // In turns, so that neither keeps the other out of a small buffer.
        if self.turn % 2 == 0 {
            self.deliver_wakes(events);
        }
        self.deliver_leftovers(events);
        if !events.is_full() {
            let wait = match events.len() > 0 || !self.woken.is_empty() {
                true => Wait::Now,
                false => wait,
            };
            match self.ask(events, wait) {
                Ok(Verdict::Done) => {}
                // What is in the buffer already must not get lost.
                Err(_) if events.len() > 0 => {}
                result => return result,
            }
        }
        self.deliver_wakes(events);
        Ok(Verdict::Done)
    }

    /// Is there nothing to think of but a few armed sources, as in most selects of
    /// small programs?
    fn is_plain(&self) -> bool {
        self.woken.is_empty()
            && self.leftovers.is_empty()
            && self.later.next_due().is_none()
            && !tiers::is_large(self.table.armed())
            && self.hot.len() == 0
    }

    /// Asks the host once for what is armed. `false` when that was not enough, or
    /// nothing is. In an interpreter this takes a third of what all of `ask` does.
    fn ask_plainly(
        &mut self,
        events: &mut Events,
        wait: Wait,
        timeout: Option<Duration>,
    ) -> io::Result<bool> {
        self.table.settle();
        if self.table.nothing_armed() {
            return Ok(false);
        }
        let clock = timeout.map(|timeout| clamped_nanos(timeout, MAX_CLOCK_NS));
        let answer = host_poll::wait_for_armed(&mut self.table, clock, &mut self.answers)?;
        let lost_track = self.deliver_answers(events);
        let nothing = self.answers.is_empty();
        self.find_track(lost_track);
        self.report_datagram_errors(events, nothing);
        if answer == Answer::Interrupted && events.len() == 0 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if events.len() == 0 && (lost_track || nothing) {
            return Ok(false);
        }
        Ok(events.len() > 0 || wait.is_over(host::now)?)
    }

    /// Asks the host until there is something or the wait is over.
    fn ask(&mut self, events: &mut Events, wait: Wait) -> io::Result<Verdict> {
        let mut backoff = Backoff::default();
        loop {
            self.catch_up()?;
            self.table.settle();
            if self.table.nothing_armed() && self.later.next_due().is_none() {
                match wait {
                    Wait::Now => return Ok(Verdict::Done),
                    Wait::Never if self.table.is_empty() => return Ok(Verdict::Deadlock),
                    Wait::Never => self.force()?,
                    Wait::At(_) => {}
                }
            }
            let wait = if events.len() > 0 { Wait::Now } else { wait };
            if self.look_at_hot(events, wait)? == Looked::Enough {
                return Ok(Verdict::Done);
            }
            let clock = clock_until(wait.no_later_than(self.later.next_due()))?;
            let answer = self.ask_host(clock)?;
            self.note_full_call()?;
            let lost_track = self.deliver_answers(events);
            if tiers::is_large(self.table.armed()) {
                // Busy sources are armed again at the end of the list: the quiet ones
                // come first in what is reported.
                self.table.settle();
            }
            let nothing = self.answers.is_empty();
            self.find_track(lost_track);
            self.report_datagram_errors(events, nothing);
            if events.len() > 0 {
                return Ok(Verdict::Done);
            }
            if answer == Answer::Interrupted {
                return Err(io::ErrorKind::Interrupted.into());
            }
            if lost_track {
                continue;
            }
            if nothing {
                self.unstick(&mut backoff, wait, events)?;
            }
            if events.len() > 0 || wait.is_over(host::now)? {
                return Ok(Verdict::Done);
            }
        }
    }

    /// Helps a host that has lost track of a descriptor, by a call without it. Should
    /// that fail, the next answers say so again.
    fn find_track(&mut self, lost_track: bool) {
        if lost_track {
            self.helped += 1;
            let _ = host_poll::sleep(1, &mut self.answers);
        } else {
            self.helped = 0;
        }
    }

    /// Arms a direction that has no place among what the host is asked for. What the
    /// host has refused to watch has a pause before, which doubles with each refusal: it
    /// may do so again.
    #[inline(never)]
    fn rearm_anew(&mut self, slot: u32, direction: Direction) {
        if !self.table.rearm_anew(slot, direction) {
            self.arm_after_pause(slot, direction);
        }
    }

    /// Arms something before a wait that nothing could end: a spurious event is
    /// allowed, to sleep for ever is not. All reading at first, later writing too;
    /// with pauses, since a program that ignores these events would never rest.
    fn force(&mut self) -> io::Result<()> {
        let pause = self.forced.next_ns(&FORCED);
        if pause > 0 {
            host_poll::sleep(pause, &mut self.answers)?;
        }
        self.table.arm_everything(Direction::Read);
        if pause > 0 || self.table.nothing_armed() {
            self.table.arm_everything(Direction::Write);
        }
        Ok(())
    }

    /// Puts the tokens of the wakers that were used into the buffer.
    fn deliver_wakes(&mut self, events: &mut Events) {
        self.woken.retain(|token| {
            events
                .push(Event::new(*token, Readiness::READABLE))
                .is_none()
        });
    }

    /// Puts what had no room before into the buffer, unless it has become stale.
    fn deliver_leftovers(&mut self, events: &mut Events) {
        while !events.is_full() {
            let Some((key, readiness)) = self.leftovers.pop_front() else {
                return;
            };
            let queued = |slot: &mut super::table::Slot| slot.queued[key.direction() as usize];
            if !self.table.current(key).is_some_and(queued) {
                continue;
            }
            self.deliver(key, readiness, events);
            if readiness.has(Readiness::ERROR)
                || (readiness.has(Readiness::READ_CLOSED) && readiness.has(Readiness::WRITE_CLOSED))
            {
                // It was about both directions.
                self.table.disarm_both(key.slot());
            }
        }
    }

    /// Puts what the host has answered into the buffer. `true` when the host has lost
    /// track of a descriptor, and may be helped.
    fn deliver_answers(&mut self, events: &mut Events) -> bool {
        let answers = std::mem::take(&mut self.answers);
        let mut lost_track = false;
        for answer in &answers {
            let key = Key::decode(answer.userdata);
            let hangs_up = answer.fd_readwrite.flags & hang_up::FLAG != 0;
            if answer.error == wasi::ERRNO_SUCCESS && !hangs_up {
                // (The key of the clock is nobody's.)
                let readiness = key.direction().readiness();
                let reported = self.table.report(key, readiness, self.turn, events);
                if reported == Reported::NoRoom {
                    self.keep(key, readiness);
                }
            } else if answer.userdata != Key::CLOCK {
                lost_track |= self.deliver_unusual(key, answer.error, events);
            }
        }
        self.answers = answers;
        lost_track
    }

    /// Puts a hang-up or an error into the buffer. `true` when the host has lost track
    /// of the descriptor, and may be helped.
    ///
    /// What it refuses to watch for a reason that lies in itself (it is out of memory,
    /// or no longer knows what it watches) nobody would ever hear of. So the program is
    /// told to look by itself.
    #[cold]
    fn deliver_unusual(&mut self, key: Key, errno: wasi::Errno, events: &mut Events) -> bool {
        match errno {
            wasi::ERRNO_SUCCESS => self.deliver_hang_up(key, events),
            wasi::ERRNO_NOENT if self.helped < MOST_HELP => return true,
            wasi::ERRNO_NOENT | wasi::ERRNO_EXIST | wasi::ERRNO_NOMEM => {
                debug!("the host refuses to watch a descriptor: {errno:?}");
                let pauses = self.table.pauses(key);
                if self.deliver(key, key.direction().readiness(), events) {
                    self.table.refuse(key, pauses);
                }
            }
            wasi::ERRNO_INTR => {}
            _ => self.deliver_both(key, Readiness::ERROR, events),
        }
        false
    }

    /// Reports something that concerns both directions, and disarms both: a source
    /// that has hung up in both, or one that the host can't watch (a closed one, say). The
    /// next operation on it tells the program the reason.
    pub(super) fn deliver_both(&mut self, key: Key, readiness: Readiness, events: &mut Events) {
        let Some(interests) = self.table.current(key).and_then(|slot| slot.interests) else {
            return;
        };
        let readiness = readiness
            .and_if(interests.is_readable(), Readiness::READABLE)
            .and_if(interests.is_writable(), Readiness::WRITABLE);
        if self.deliver(key, readiness, events) {
            self.table.disarm_both(key.slot());
        }
    }

    /// Puts readiness into the buffer, see `Table::report`. Without room it is kept
    /// for the next select.
    pub(super) fn deliver(&mut self, key: Key, readiness: Readiness, events: &mut Events) -> bool {
        let reported = self.table.report(key, readiness, self.turn, events);
        if reported == Reported::NoRoom {
            self.keep(key, readiness);
        }
        reported == Reported::Yes
    }

    /// Keeps readiness that found no room for the next select.
    #[cold]
    pub(super) fn keep(&mut self, key: Key, readiness: Readiness) {
        if let Some(slot) = self.table.current(key) {
            let queued = &mut slot.queued[key.direction() as usize];
            if !std::mem::replace(queued, true) {
                self.leftovers.push_back((key, readiness));
            }
        }
    }
}
