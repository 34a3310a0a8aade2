//! Half-closed streams that make the host's poll return at once and with nothing. WASI
//! preview 1.
//!
//! WasmEdge subscribes to EPOLLRDHUP for each descriptor and reports it for none
//! (lib/host/wasi/inode-linux.cpp, `Poller::write`; observed in 0.14.1 and 0.17.1). A
//! stream whose peer has shut down writing, watched for writing only and with a full send
//! buffer, ends every call for as long as that lasts. It is found in two steps:
//!
//! ```text
//! poll the write-only sources for reading, without waiting
//! those that are readable and whose peek returns 0 are at the end of their stream
//! if there is none: poll those with unread data for writing, and halve each part that
//!     ends the call without any event; one that does so alone has its end behind them
//! disarm the write direction of what was found; arm it after a backoff
//! ```
//!
//! Sources that have unread data and no end stay armed.

use std::io;

use super::host_poll;
use super::key::{clock, probe_of, Direction, Key};
use super::state::{clock_until, State, Wait};
use crate::sys::event::Events;
use crate::sys::retry::{Backoff, Schedule};
use crate::sys::wasip1::host;

/// The pauses after calls in a row that return at once and with nothing: none after the
/// first two, then up to 12.8 ms.
const EMPTY_CALLS: Schedule = Schedule {
    free: 2,
    first_ns: 100_000,
    max_doublings: 7,
};

/// How many parts of the writers with unread data are polled after one call, at most. One
/// of 32,768 writers is found by that many, whichever half it is in.
const MAX_PART_POLLS: usize = 32;

/// How long a part is polled, in nanoseconds.
const PART_POLL_NS: u64 = 100_000;

impl State {
    /// Does something about a call that came back at once and with nothing.
    pub(super) fn unstick(
        &mut self,
        backoff: &mut Backoff,
        wait: Wait,
        events: &mut Events,
    ) -> io::Result<()> {
        if self.back_off_half_closed_writers(events)? {
            return Ok(());
        }
        let pause = backoff.next_ns(&EMPTY_CALLS);
        if pause > 0 {
            let left = clock_until(wait)?.unwrap_or(pause);
            host_poll::sleep(pause.min(left), &mut self.answers)?;
        }
        Ok(())
    }

    /// Disarms, for a backoff, what is watched for writing only and has been shut down by
    /// its peer. `false` when there was none.
    fn back_off_half_closed_writers(&mut self, events: &mut Events) -> io::Result<bool> {
        self.poll_writers_for_reading()?;
        let now = host::now()?;
        let mut found = false;
        let mut with_data = Vec::new();
        for index in 0..self.answers.len() {
            let answer = self.answers[index];
            let key = Key::decode(answer.userdata);
            if answer.userdata == Key::CLOCK || answer.error != wasi::ERRNO_SUCCESS {
                continue;
            }
            // Only what is registered: the bounds of the table are memory safety.
            let Some((fd, can_peek)) = self.table.current(key).map(|entry| entry.can_peek()) else {
                continue;
            };
            // A peek takes the error of a reset, which must not be lost.
            match can_peek.then(|| host::look(fd)) {
                Some(Ok(0)) => {
                    self.table.disarm(key.slot(), Direction::Write);
                    self.arm_later(key.slot(), Direction::Write, now);
                    found = true;
                }
                None | Some(Ok(_)) => with_data.push((key.slot(), fd)),
                Some(Err(wasi::ERRNO_AGAIN | wasi::ERRNO_INTR)) => {}
                Some(Err(errno)) => self.report_peek_error(key.other(), errno, events),
            }
        }
        self.answers.clear();
        if !found {
            found = self.back_off_those_that_end_calls(&with_data, now, &mut 0)?;
        }
        Ok(found)
    }

    /// Disarms, for a backoff, the writers of a part that end a call, by halving it.
    /// `polls` counts the calls. `false` when there was none.
    fn back_off_those_that_end_calls(
        &mut self,
        part: &[(u32, wasi::Fd)],
        now: u64,
        polls: &mut usize,
    ) -> io::Result<bool> {
        if part.is_empty() || *polls == MAX_PART_POLLS {
            return Ok(false);
        }
        *polls += 1;
        if !self.ends_calls(part)? {
            return Ok(false);
        }
        if let [(slot, _)] = *part {
            self.table.disarm(slot, Direction::Write);
            self.arm_later(slot, Direction::Write, now);
            return Ok(true);
        }
        let (first, second) = part.split_at(part.len() / 2);
        let in_first = self.back_off_those_that_end_calls(first, now, polls)?;
        let in_second = self.back_off_those_that_end_calls(second, now, polls)?;
        Ok(in_first || in_second)
    }

    /// Polls for reading what is watched for writing only. The answers are the readable ones.
    fn poll_writers_for_reading(&mut self) -> io::Result<()> {
        let mut probe = std::mem::take(&mut self.probe);
        probe.clear();
        probe.push(clock(1));
        probe.extend(self.table.writers_as_readers());
        let polled = match probe.len() {
            1 => {
                self.answers.clear();
                Ok(())
            }
            _ => host_poll::wait(&mut probe, &mut self.answers).map(drop),
        };
        self.probe = probe;
        polled
    }

    /// Does a call that watches these sources for writing return before its clock, and
    /// with nothing?
    fn ends_calls(&mut self, part: &[(u32, wasi::Fd)]) -> io::Result<bool> {
        self.probe.clear();
        self.probe.push(clock(PART_POLL_NS));
        let writers = part.iter().map(|(_, fd)| probe_of(*fd, Direction::Write));
        self.probe.extend(writers);
        host_poll::wait(&mut self.probe, &mut self.probe_answers)?;
        Ok(self.probe_answers.is_empty())
    }
}
