//! Hosts that take few subscriptions at a time. WASI preview 1.
//!
//! A host on Windows refuses more than 64 sockets of a direction with an event
//! "no memory" for each, and goes on to wait for the others. So the first list that
//! is longer is asked without waiting. Where the host refuses exactly those, twice, the list is
//! asked for in windows, in turns, none of them for long. Known by reading the
//! host's source; a simulated host in the unit tests plays it.

use std::io;

use super::host_poll::{self, Answer};
use super::key::{clock, Direction, Key};
use super::state::State;

/// How many subscriptions every host takes.
pub(super) const WINDOW: usize = 64;

/// How long one window is waited for, in nanoseconds: what is outside of it waits
/// as long.
const LONGEST_TURN: u64 = 5_000_000;

/// How many subscriptions the host takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostTakes {
    /// There were never more than a window of them.
    Unknown,
    /// As many as there are.
    All,
    /// A window, whose next one begins at this place.
    Windows(usize),
}

impl State {
    /// Asks the host for what is armed, for so many nanoseconds. It may come back
    /// earlier, with nothing.
    pub(super) fn ask_host(&mut self, nanos: Option<u64>) -> io::Result<Answer> {
        if self.table.armed() <= WINDOW {
            return host_poll::wait_for_armed(&mut self.table, nanos, &mut self.answers);
        }
        match self.host_takes {
            HostTakes::All => host_poll::wait_for_armed(&mut self.table, nanos, &mut self.answers),
            HostTakes::Unknown => {
                // A host that is short of memory for a moment gives the same error: only
                // one that refuses just what is beyond a window, and twice, is limited.
                let mut answer = self.ask_without_waiting()?;
                let mut is_limited = self.refuses_what_is_beyond();
                if is_limited {
                    answer = self.ask_without_waiting()?;
                    is_limited = self.refuses_what_is_beyond();
                }
                self.host_takes = HostTakes::All;
                if is_limited {
                    self.host_takes = HostTakes::Windows(0);
                    // It was about the list, not about a source.
                    self.answers.retain(|each| each.error != wasi::ERRNO_NOMEM);
                }
                Ok(answer)
            }
            HostTakes::Windows(start) => self.ask_in_windows(start, nanos),
        }
    }

    /// Asks for all that is armed, without waiting.
    fn ask_without_waiting(&mut self) -> io::Result<Answer> {
        host_poll::wait_for_armed(&mut self.table, Some(0), &mut self.answers)
    }

    /// Was exactly that refused which is beyond the first window of a direction?
    fn refuses_what_is_beyond(&mut self) -> bool {
        let mut reads = 0;
        for place in 0..self.table.armed() {
            let key = Key::decode(self.table.armed_at(place).userdata);
            reads += usize::from(key.direction() == Direction::Read);
        }
        let writes = self.table.armed() - reads;
        let beyond = reads.saturating_sub(WINDOW) + writes.saturating_sub(WINDOW);
        let refused = |answer: &&wasi::Event| answer.error == wasi::ERRNO_NOMEM;
        beyond > 0 && self.answers.iter().filter(refused).count() == beyond
    }

    /// Asks for one window after the other until one has something to report.
    /// Only for the last one the host may wait.
    fn ask_in_windows(&mut self, start: usize, nanos: Option<u64>) -> io::Result<Answer> {
        let armed = self.table.armed();
        let turn = nanos.unwrap_or(LONGEST_TURN).min(LONGEST_TURN);
        let mut asked = 0;
        loop {
            let first = start + asked;
            asked += WINDOW;
            self.host_takes = HostTakes::Windows((start + asked) % armed);
            self.probe.clear();
            self.probe.push(clock(if asked < armed { 0 } else { turn }));
            let window = (first..first + WINDOW).map(|place| self.table.armed_at(place % armed));
            self.probe.extend(window);
            let answer = host_poll::wait(&mut self.probe, &mut self.answers)?;
            let found = self.answers.iter().any(|each| each.userdata != Key::CLOCK);
            if found || asked >= armed || answer == Answer::Interrupted {
                return Ok(answer);
            }
        }
    }
}
