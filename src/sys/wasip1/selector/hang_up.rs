//! What a hang-up says. WASI preview 1.
//!
//! A consumer never forgets that a direction is closed, so it must not be told so
//! falsely. A host on Linux flags a hang-up, of whichever direction, when both are
//! closed; one on macOS flags each direction by itself. What both have in common:
//! the direction that is flagged is closed. Of the other one more is known
//!
//! - when it is asked for in the same call: the host says it there;
//! - when the socket has no peer any more, after a reset or a refusal: it is closed
//!   too. Asking for the peer costs a microsecond and takes no error away (to look
//!   at the data, or to ask for the error, would);
//! - when a call that asks for that direction alone flags a hang-up as well. This
//!   makes the host forget what it watches, so it is asked last: for a socket that
//!   both sides have shut down, say.

use super::host_poll;
use super::key::{clock, probe_of, Direction, Key};
use super::state::State;
use crate::sys::event::{Events, Readiness};
use crate::sys::wasip1::host;

/// The flag of a hang-up.
pub(super) const FLAG: wasi::Eventrwflags = wasi::EVENTRWFLAGS_FD_READWRITE_HANGUP;

impl State {
    /// Reports that a direction has hung up, and the other one if it has too.
    pub(super) fn deliver_hang_up(&mut self, key: Key, events: &mut Events) {
        let both = self.is_other_closed(key);
        if both || key.direction() == Direction::Write {
            self.table.hang_up(key);
        }
        if both {
            let closed = Readiness::READ_CLOSED.and(Readiness::WRITE_CLOSED);
            self.deliver_both(key, closed, events);
        } else {
            let direction = key.direction();
            self.deliver(key, direction.readiness().and(direction.closed()), events);
        }
    }

    /// Is the other direction known to be closed, and not reported by itself?
    fn is_other_closed(&mut self, key: Key) -> bool {
        let other = key.other();
        let turn = self.turn;
        let Some(slot) = self.table.current(key) else {
            return false;
        };
        let (fd, reported) = (slot.fd, slot.reported.0 == turn);
        if reported || self.table.is_armed(other) {
            return false;
        }
        host::has_no_peer(fd) || self.hangs_up(fd, other)
    }

    /// Does the host flag a hang-up when it is asked for this direction alone?
    fn hangs_up(&mut self, fd: wasi::Fd, key: Key) -> bool {
        self.probe.clear();
        self.probe.push(clock(1));
        self.probe.push(probe_of(fd, key.direction()));
        host_poll::wait(&mut self.probe, &mut self.probe_answers).is_ok()
            && self.probe_answers.iter().any(|answer| {
                answer.userdata != Key::CLOCK
                    && answer.error == wasi::ERRNO_SUCCESS
                    && answer.fd_readwrite.flags & FLAG != 0
            })
    }
}
