//! Errors of datagram sockets that the host doesn't report. WASI preview 1.
//!
//! WasmEdge ignores EPOLLERR (lib/host/wasi/inode-linux.cpp, `Poller::wait`; observed in
//! 0.14.1 and 0.17.1). A datagram socket with an error (a refused datagram, for one) that is
//! watched for reading only ends each call at once and without an event. So the selector reads
//! SO_ERROR of the datagram sockets that are armed for reading
//!
//! - before a select that has found nothing returns or polls again,
//! - in one select of `MAX_TURNS_BETWEEN` when other sources have events all the time.
//!
//! Reading it clears it in the host. It becomes the pending error of the socket, which its
//! next operation returns (see `SourceState::take_pending_error`).

use crate::sys::contract::Events as _;
use crate::sys::event::Events;
use crate::sys::wasip1::host::Host;
use crate::sys::wasip1::selector::context::Context;
use crate::sys::wasip1::selector::subscription::Direction;
use crate::sys::wasip1::source::Kind;

/// The number of selects with events from one check to the next.
const MAX_TURNS_BETWEEN: u64 = 32;

/// Checks the errors of datagram sockets.
#[derive(Debug, Default)]
pub(in super::super) struct UdpErrors {
    /// The number of the select that has checked them last.
    checked_in: u64,
}

impl UdpErrors {
    /// Reports datagram sockets that have an error, after a poll. `was_empty` says that
    /// it returned without any event.
    #[inline]
    pub(in super::super) fn report(
        &mut self,
        context: &mut Context<impl Host>,
        was_empty: bool,
        events: &mut Events,
    ) {
        if context.registrations.datagrams().is_empty() {
            return;
        }
        let turn = context.registrations.turn();
        let is_due = turn.wrapping_sub(self.checked_in) >= MAX_TURNS_BETWEEN;
        if events.len() == 0 || is_due {
            self.checked_in = turn;
            report_all(context, was_empty, events);
        }
    }
}

/// Reads SO_ERROR of each datagram socket that is armed for reading.
fn report_all(context: &mut Context<impl Host>, was_empty: bool, events: &mut Events) {
    let registrations = &mut context.registrations;
    for index in 0..registrations.datagrams().len() {
        let key = registrations.key(registrations.datagrams()[index], Direction::Read);
        if !registrations.is_armed(key) {
            continue;
        }
        let Some(source) = registrations.source_mut(key) else {
            continue;
        };
        let has_error = match source.kind {
            // Its error could not be given to the program: a spurious event makes the
            // program's own operation return it.
            Kind::RawFdDatagram => was_empty,
            _ => {
                let error = context.host.take_error(source.fd);
                source.pending_error = error.or(source.pending_error);
                error.is_some()
            }
        };
        if has_error {
            registrations.deliver(key, events);
        }
    }
}
