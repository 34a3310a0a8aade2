//! Polls, and the checks of what they report.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use mio::event::Event;

use super::handle::Handle;
use super::model::{Failure, Kind, Reset};
use super::world::{World, WAKER};
use crate::support::{interrupted, KQUEUE, PREVIEW_2};

/// How long a pending event may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// How many polls have to report nothing until nothing more is expected.
const QUIET_POLLS: usize = 3;
/// Most polls until then: twice the events that may repeat.
const MAX_POLLS: usize = 48;
/// An event of a system that collects them in the background may come with a later poll.
pub(super) const IS_ASYNCHRONOUS: bool = cfg!(windows) || PREVIEW_2;

impl World<'_> {
    /// One poll, and the check of what it reports. Gives the number of events, or `None` when
    /// a signal has interrupted it.
    pub(crate) fn poll(&mut self, timeout: Duration) -> Option<usize> {
        let at = self.choices.below(self.buffers.len());
        let mut events = self.buffers.swap_remove(at);
        self.note("poll", events.capacity(), timeout.as_millis() as usize);
        let is_interrupted = match self.poll.poll(&mut events, Some(timeout)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {
                self.interruptions += 1;
                if !events.is_empty() {
                    self.fail("an interrupted poll has events");
                }
                true
            }
            Err(error) => self.fail(("poll", error)),
            Ok(()) => false,
        };
        let count = events.iter().count();
        if count > events.capacity() {
            self.fail("more events than the capacity");
        }
        self.polls += 1;
        self.events += count;
        for (nth, event) in events.iter().enumerate() {
            self.note("event", event.token().0, usize::from(event.is_readable()));
            let token = event.token();
            let is_repeated = |other: &Event| {
                let is_same = !KQUEUE || other.is_readable() == event.is_readable();
                other.token() == token && is_same
            };
            if let Some(first) = events.iter().take(nth).find(|other| is_repeated(other)) {
                self.fail((first, event, "the second event of its token"));
            }
            self.report(event);
        }
        self.buffers.push(events);
        (!is_interrupted).then_some(count)
    }

    /// Checks one event.
    fn report(&mut self, event: &Event) {
        if event.token() == WAKER {
            if self.wakes == 0 || !event.is_readable() {
                self.fail((event, "a wake-up that was not made"));
            }
            self.wakes = 0;
            return;
        }
        let ends = self.ends.iter_mut().flatten().map(|end| &mut end.model);
        let whose = ends.chain([&mut self.at_listener]).find(|model| {
            model
                .registered
                .is_some_and(|(token, _)| token == event.token())
        });
        let verdict = match whose {
            Some(model) => model.report(event),
            None => Err("no source is registered with this token"),
        };
        if let Err(what) = verdict {
            self.fail((event, what));
        }
    }

    /// Has an event to be reported?
    fn is_any_pending(&self) -> bool {
        self.wakes > 0
            || self.at_listener.is_pending()
            || self.ends.iter().flatten().any(|end| end.model.is_pending())
    }

    /// Polls until all pending events were reported.
    pub(crate) fn poll_until_reported(&mut self) {
        let start = Instant::now();
        while self.is_any_pending() {
            match DEADLINE.checked_sub(start.elapsed()) {
                Some(left) => self.poll(left),
                None => self.fail("an event was lost"),
            };
        }
    }

    /// Polls until nothing more comes: states that last are reported once.
    pub(super) fn poll_until_quiet(&mut self) {
        self.poll_until_reported();
        let mut quiet = 0;
        for _ in 0..MAX_POLLS {
            quiet = if self.poll(Duration::ZERO) == Some(0) {
                quiet + 1
            } else {
                0
            };
            if quiet == QUIET_POLLS {
                return;
            }
        }
    }

    /// Polls with a timeout of zero only. What is there before the first of them is reported
    /// before one that reports nothing.
    pub(super) fn zero_polls(&mut self) {
        let there: Vec<usize> = (0..self.ends.len())
            .filter(|index| self.is_there(*index))
            .collect();
        let start = Instant::now();
        let is_pending = |world: &Self| {
            let mut models = there.iter().filter_map(|index| world.ends[*index].as_ref());
            world.wakes > 0 || models.any(|end| end.model.read.pending)
        };
        loop {
            let is_empty = self.poll(Duration::ZERO) == Some(0);
            if !is_pending(self) {
                return;
            }
            if (is_empty && !IS_ASYNCHRONOUS) || start.elapsed() > DEADLINE {
                self.fail((there, "a poll with a timeout of zero has found nothing"));
            }
        }
    }

    /// Is an end's read direction pending, and what it waits for there already?
    fn is_there(&mut self, index: usize) -> bool {
        let Some(end) = self.ends[index].as_mut() else {
            return false;
        };
        let model = &mut end.model;
        let is_whole = model.reset == Reset::No && model.failure == Failure::No;
        if !model.read.pending || !is_whole {
            return false;
        }
        let result = match &end.handle {
            _ if PREVIEW_2 => return true,
            Some(Handle::Tcp(stream)) => stream.peek(&mut self.buffer[..1]),
            Some(Handle::Datagram(_)) if model.kind == Kind::UnixDatagram => return true,
            Some(Handle::Datagram(socket)) => match socket.peek(&mut self.buffer) {
                Some(result) => result,
                None => return false,
            },
            None => return false,
        };
        match result {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                model.found_nothing();
                false
            }
            // Windows returns a refusal here.
            Err(_) if model.is_datagram() && model.has_failed() => false,
            Err(error) => self.fail((index, "peek", error)),
        }
    }

    /// A poll that a signal interrupts, where a test can send one.
    pub(super) fn poll_interrupted(&mut self) {
        self.poll_until_reported();
        interrupted(|| self.poll(Duration::from_millis(5)));
    }
}
