//! The flag of a hang-up. WASI preview 1.
//!
//! A consumer never forgets that a direction is closed, so that must not be reported falsely.
//! WasmEdge sets the flag for EPOLLHUP on Linux (lib/host/wasi/inode-linux.cpp, `Poller::wait`),
//! when both directions are closed, and for EV_EOF on macOS (inode-macos.cpp), where it is about
//! one direction. In both cases the direction of the event is closed. The other one is closed too
//!
//! - when the same poll says so;
//! - when the socket has no peer any more, after a reset or a refusal. The call for its peer's
//!   address takes about a microsecond and no error;
//! - when a poll for it sets the flag as well: a socket that both sides have shut down. Such a
//!   poll has all other subscriptions too, so that the host keeps what it watches.

use crate::sys::event::{Events, Readiness};
use crate::sys::wasip1::host::Host;
use crate::sys::wasip1::selector::context::Context;
use crate::sys::wasip1::selector::subscription::{subscription, Key};

/// Does an event have the flag?
#[inline]
pub(in super::super) fn has_flag(event: &wasi::Event) -> bool {
    event.fd_readwrite.flags & wasi::EVENTRWFLAGS_FD_READWRITE_HANGUP != 0
}

/// Reports that a direction has hung up, and the other one if it has too.
pub(in super::super) fn deliver(context: &mut Context<impl Host>, key: Key, events: &mut Events) {
    if is_other_closed(context, key) {
        let closed = Readiness::READ_CLOSED.and(Readiness::WRITE_CLOSED);
        context.registrations.deliver_to_both(key, closed, events);
    } else {
        let readiness = key.direction().readiness().and(key.direction().closed());
        context
            .registrations
            .deliver_readiness(key, readiness, events);
    }
}

/// Is the other direction closed, and not reported by itself?
fn is_other_closed(context: &mut Context<impl Host>, key: Key) -> bool {
    let Context {
        host,
        poller,
        registrations,
    } = context;
    if registrations.has_host_event(key.other()) || registrations.is_armed(key.other()) {
        return false;
    }
    let Some(fd) = registrations.source(key).map(|source| source.fd) else {
        return false;
    };
    host.has_peer(fd) == Some(false)
        || poller
            .probe_beside(host, registrations, subscription(key.other(), fd))
            .is_some_and(|event| event.error == wasi::ERRNO_SUCCESS && has_flag(&event))
}
