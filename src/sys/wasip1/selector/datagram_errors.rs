//! Errors of datagram sockets that the host doesn't report. WASI preview 1.
//!
//! WasmEdge ignores EPOLLERR (lib/host/wasi/inode-linux.cpp, `Poller::wait`; observed in
//! 0.14.1 and 0.17.1). A datagram socket with an error, a refused datagram say, that is
//! watched for reading only ends each call at once, and shows up in none. So the error is
//! read with SO_ERROR
//!
//! - before a select that has found nothing returns or calls again,
//! - every `TURNS_BETWEEN` selects when other sources have events all the time.
//!
//! Reading it clears it in the host. It becomes the pending error of the socket, which its
//! next operation returns (see `SourceState::take_pending_error`).

use super::key::Direction;
use super::state::State;
use crate::sys::contract::Events as _;
use crate::sys::event::{Events, Readiness};
use crate::sys::wasip1::host;
use crate::sys::wasip1::source::Kind;

/// How many selects with events may follow each other before SO_ERROR is read.
const TURNS_BETWEEN: u64 = 32;

impl State {
    /// Reports datagram sockets that have an error, after a call. `woke_for_nothing` says
    /// that the call returned without any event.
    #[inline]
    pub(super) fn report_datagram_errors(&mut self, events: &mut Events, woke_for_nothing: bool) {
        if self.table.datagrams().is_empty() {
            return;
        }
        let is_due = self.turn.wrapping_sub(self.datagrams_checked) >= TURNS_BETWEEN;
        if events.len() == 0 || is_due {
            self.datagrams_checked = self.turn;
            self.read_datagram_errors(events, woke_for_nothing);
        }
    }

    /// Reads SO_ERROR of each datagram socket that is armed for reading.
    fn read_datagram_errors(&mut self, events: &mut Events, woke_for_nothing: bool) {
        for index in 0..self.table.datagrams().len() {
            let slot = self.table.datagrams()[index];
            let key = self.table.key(slot, Direction::Read);
            if !self.table.is_armed(key) {
                continue;
            }
            let Some(entry) = self.table.current(key) else {
                continue;
            };
            if entry.kind == Kind::NumberedDatagram {
                // A spurious event: the program's own operation returns the error.
                if woke_for_nothing {
                    self.deliver(key, Readiness::READABLE, events);
                }
                continue;
            }
            if let Some(number) = host::take_error(entry.fd) {
                entry.pending_error = Some(number);
                self.deliver(key, Readiness::READABLE, events);
            }
        }
    }
}
