//! Subscriptions that the host refuses although nothing is wrong with the source. WASI preview 1.
//!
//! WasmEdge reports the error of `epoll_ctl` as the event of a subscription (lib/host/wasi/
//! inode-linux.cpp, `Poller::read` and `Poller::write`; observed in 0.14.1 and 0.17.1):
//!
//! - ENOENT: its epoll set lacks a descriptor that its own list has (see `poll_oneoff.rs`). It is
//!   repaired by a call that waits for a clock alone.
//! - ENOENT again and again, EEXIST, ENOMEM: the host would report this source never, and says
//!   so only in a call that something else ends. The source is reported as ready (a spurious
//!   event), so that the program tries its operation, and is polled for again after a backoff.

use crate::log::debug;
use crate::sys::event::Events;
use crate::sys::wasip1::host::Host;
use crate::sys::wasip1::selector::context::Context;
use crate::sys::wasip1::selector::registrations::Registrations;
use crate::sys::wasip1::selector::subscription::Key;

/// How often in a row a lost descriptor is repaired.
const MAX_REPAIRS: u32 = 3;

/// The descriptors that the host has lost.
#[derive(Debug, Default)]
pub(in super::super) struct LostDescriptors {
    /// How many polls in a row were followed by a repair.
    repairs: u32,
}

impl LostDescriptors {
    /// Is this the error of a lost descriptor, and is a repair to be tried?
    pub(in super::super) fn is_repairable(&self, errno: wasi::Errno) -> bool {
        errno == wasi::ERRNO_NOENT && self.repairs < MAX_REPAIRS
    }

    /// Repairs the host's list after a poll that has lost a descriptor. When that fails, the
    /// next poll reports the error again.
    #[inline]
    pub(in super::super) fn repair(&mut self, context: &mut Context<impl Host>, is_any_lost: bool) {
        if is_any_lost {
            self.repairs += 1;
            let _ = context.poller.sleep(&context.host, 1);
        } else {
            self.repairs = 0;
        }
    }
}

/// Is it a refusal?
pub(in super::super) fn is_refusal(errno: wasi::Errno) -> bool {
    matches!(
        errno,
        wasi::ERRNO_NOENT | wasi::ERRNO_EXIST | wasi::ERRNO_NOMEM
    )
}

/// Reports a direction that the host refuses to watch as ready.
pub(in super::super) fn deliver(
    registrations: &mut Registrations,
    key: Key,
    errno: wasi::Errno,
    events: &mut Events,
) {
    debug!("the host refuses to watch a descriptor: {errno:?}");
    let Some(backoff) = registrations.backoff(key) else {
        return;
    };
    let readiness = key.direction().readiness();
    if registrations.deliver_readiness(key, readiness, events) {
        registrations.refuse(key, backoff);
    }
}
