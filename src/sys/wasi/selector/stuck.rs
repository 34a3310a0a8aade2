//! Sources that make the host's poll return at once and with nothing. WASI
//! preview 1.
//!
//! WasmEdge asks the kernel for more than it reports, so two states end every call
//! for as long as they last, and show up in none:
//!
//! - A stream whose peer has shut down writing, watched for writing only, with a
//!   full send buffer. A call that asks for reading too finds it; it is then left
//!   out and armed again after a pause, as often as it takes.
//! - A connected UDP socket with an error, watched for reading only (a datagram of
//!   ours was refused). Nothing finds it, so all UDP sockets in this position are
//!   reported as readable: receiving takes the error, and costs the others one
//!   `WouldBlock`.

use std::io;

use super::host_poll;
use super::key::{clock, Direction, Key};
use super::plan::Backoff;
use super::state::State;
use crate::sys::ready_event::Events;
use crate::sys::wasi::host;

impl State {
    /// Does something about a call that came back at once and with nothing.
    pub(super) fn unstick(&mut self, backoff: &mut Backoff, events: &mut Events) -> io::Result<()> {
        if self.set_writers_aside()? {
            return Ok(());
        }
        if self.wake_datagram_readers(events) {
            return Ok(());
        }
        if let Some(pause) = backoff.pause() {
            host_poll::sleep(pause, &mut self.answers)?;
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
        let mut found = false;
        for index in 0..self.answers.len() {
            let answer = self.answers[index];
            if answer.userdata == Key::CLOCK || answer.error != wasi::ERRNO_SUCCESS {
                continue;
            }
            let writer = Key {
                direction: Direction::Write,
                ..Key::decode(answer.userdata)
            };
            self.table.disarm(writer.slot, writer.direction);
            self.arm_later(writer.slot, writer.direction)?;
            found = true;
        }
        self.answers.clear();
        Ok(found)
    }

    /// Reports the UDP sockets that are watched for reading only as readable.
    /// `false` when there was none.
    fn wake_datagram_readers(&mut self, events: &mut Events) -> bool {
        let mut found = false;
        for slot in 0..self.table.slots() {
            if let Some((key, fd)) = self.table.reader_only(slot) {
                if host::is_datagram_socket(fd) {
                    self.deliver(key, key.direction.readiness(), events);
                    found = true;
                }
            }
        }
        found
    }
}
