//! Sources that make the host's poll return at once and with nothing. WASI
//! preview 1.
//!
//! WasmEdge asks the kernel for more than it reports, so two states end every call
//! for as long as they last, and show up in none:
//!
//! - A stream whose peer has shut down writing, watched for writing only, with a
//!   full send buffer. A call that asks for reading too finds it; it is then left
//!   out and armed again after a pause, which doubles as long as nothing changes.
//! - A connected UDP socket with an error, watched for reading only (a datagram of
//!   ours was refused). Nothing finds it. But it must have sent something, so the
//!   sockets that have done so and got no answer are reported as readable:
//!   receiving takes the error, and costs the others one `WouldBlock`. The same is
//!   done after some time when other events keep such calls from happening.

use std::io;

use super::host_poll;
use super::key::{clock, Direction, Key};
use super::plan::{Backoff, Wait};
use super::state::State;
use crate::sys::event::Events;
use crate::sys::wasi::host;

impl State {
    /// Does something about a call that came back at once and with nothing.
    pub(super) fn unstick(
        &mut self,
        backoff: &mut Backoff,
        wait: Wait,
        events: &mut Events,
    ) -> io::Result<()> {
        if self.set_writers_aside()? || self.report_suspects(events) {
            return Ok(());
        }
        if let Some(pause) = backoff.pause() {
            let left = wait.clock(None)?.unwrap_or(pause);
            host_poll::sleep(pause.min(left), &mut self.answers)?;
        }
        Ok(())
    }

    /// Disarms, for a pause, what is watched for writing only and has been shut
    /// down by its peer. `false` when there was none.
    fn set_writers_aside(&mut self) -> io::Result<bool> {
        let mut probe = std::mem::take(&mut self.probe);
        probe.clear();
        probe.push(clock(1));
        probe.extend(self.table.writers_as_readers());
        let asked = match probe.len() {
            1 => Ok(()),
            _ => host_poll::wait(&mut probe, &mut self.answers).map(drop),
        };
        self.probe = probe;
        asked?;
        let now = host::now()?;
        let mut found = false;
        for index in 0..self.answers.len() {
            let answer = self.answers[index];
            if answer.userdata == Key::CLOCK || answer.error != wasi::ERRNO_SUCCESS {
                continue;
            }
            let key = Key::decode(answer.userdata);
            // A host that makes keys up must not be believed.
            if self.table.current(key).is_none() {
                continue;
            }
            self.table.disarm(key.slot(), Direction::Write);
            self.arm_later(key.slot(), Direction::Write, now);
            found = true;
        }
        self.answers.clear();
        Ok(found)
    }
}
