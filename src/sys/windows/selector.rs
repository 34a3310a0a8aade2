//! The selector: updates requests, waits for the completion port, and dispatches its
//! packets; for Windows.
//!
//! ```text
//! select(timeout):
//!     until there are events, or the deadline is over and no socket was queued:
//!         re-arm what is due; update the request of each queued socket
//!         wait for packets, at most until the deadline or the next re-arm
//!         for each packet:
//!             a request to AFD has ended:  an event; queue the socket if something is still armed
//!             a waker:                     an event
//!             a named pipe:                an event, or more flags of the one it has
//! ```
//!
//! Registering and re-arming make no system call. They queue the socket, and the
//! next select updates all queued sockets together. When another thread is waiting in a
//! select already, the socket is updated at once instead: requests can be made by any thread.
//!
//! A packet yields at most one event, and a select takes out at most as many
//! packets as the caller's buffer has space for; the rest stays in the port, in order. Not
//! every packet yields an event: a cancelled request doesn't. The loop is repeated once more
//! after the deadline if a socket was queued, since its request may be answered at once:
//! a select with a zero timeout has to find that.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::check::lock;
use super::completion_port::{Packet, PacketKind, INFINITE};
use super::event::Events;
use super::pipe;
use super::shared::{Iocp, Shared};
use super::socket::Socket;
use super::waker::Signal;
use crate::sys::contract::{self, Events as _};
use crate::sys::deadline::{clamped_millis, now, Deadline};
use crate::sys::event::{self, Event, Readiness};

impl contract::Selector for Iocp {
    type Events = Events;

    fn new() -> io::Result<Self> {
        Ok(Self {
            shared: Arc::new(Shared::new()?),
        })
    }

    fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            shared: Arc::clone(&self.shared),
        })
    }

    fn select(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        let (packets, filled) = events.parts();
        filled.prepare()?;
        let deadline = Deadline::after(timeout, now)?;
        self.shared.pipes().begin_select();
        loop {
            let has_queued = self.shared.wait_once(packets, filled, deadline)?;
            if filled.len() > 0 || (!has_queued && deadline.is_over(now)?) {
                return Ok(());
            }
        }
    }
}

impl Shared {
    /// Flushes the queue, waits once and dispatches the packets. Returns whether a socket
    /// was queued.
    fn wait_once(
        &self,
        packets: &mut [Packet],
        filled: &mut event::Events,
        deadline: Deadline<Instant>,
    ) -> io::Result<bool> {
        let next_rearm = {
            let mut updates = lock(&self.updates);
            updates.is_waiting = true;
            updates.flush(|socket| socket.update(self.operations()))
        };
        let left = deadline.limited_to(next_rearm).left(now);
        let result = left.and_then(|left| {
            let millis = left.map_or(INFINITE, |left| clamped_millis(left, MAX_WAIT_SECONDS));
            self.port().wait(packets, millis)
        });
        lock(&self.updates).is_waiting = false;
        let mut has_queued = false;
        for packet in &packets[..result?] {
            has_queued |= self.dispatch(packet, filled);
        }
        Ok(has_queued)
    }

    /// Handles a packet by its kind. Returns whether a socket was queued.
    fn dispatch(&self, packet: &Packet, filled: &mut event::Events) -> bool {
        match packet.kind() {
            Some(PacketKind::Socket) => {
                self.operations().ended();
                // SAFETY: the packet is of this kind and just out of the queue.
                let outcome = unsafe { Socket::received(packet.pointer()) }.finish();
                if let Some(event) = outcome.event {
                    filled.push(event);
                }
                let has_queued = outcome.to_queue.is_some();
                if let Some(socket) = outcome.to_queue {
                    self.queue_update(socket);
                }
                has_queued
            }
            Some(PacketKind::Wakeup) => {
                // SAFETY: as above.
                let token = unsafe { Signal::received(packet.pointer()) };
                filled.push(Event::new(token, Readiness::READABLE));
                false
            }
            Some(PacketKind::PipeOperation) => {
                // SAFETY: as above.
                unsafe { pipe::operation_ended(self, packet, filled) };
                false
            }
            Some(PacketKind::PipeNotice) => {
                // SAFETY: as above.
                unsafe { pipe::announced(self, packet, filled) };
                false
            }
            Some(PacketKind::Recompute) => false,
            None => {
                crate::log::debug!("a packet with an unknown key");
                false
            }
        }
    }
}

impl Drop for Shared {
    /// Drops what the packets own. All registrations are over, so all
    /// operations but writes of pipes were cancelled and end soon.
    fn drop(&mut self) {
        let mut packets = [Packet::empty(); 32];
        // Stays empty: no pipe and no socket is registered any more.
        let mut unused: event::Events = contract::Events::with_capacity(packets.len());
        loop {
            let millis = if self.operations().is_any_pending() {
                MAX_DRAIN_MS
            } else {
                0
            };
            match self.port().wait(&mut packets, millis) {
                // An operation that has not ended by now keeps its memory: a leak is safe,
                // and freeing what the kernel may write to is not.
                Ok(0) | Err(_) => return,
                Ok(count) => {
                    for packet in &packets[..count] {
                        self.dispatch(packet, &mut unused);
                    }
                    unused.clear();
                }
            }
        }
    }
}

/// The longest wait of one call, but for a fraction of a second: its milliseconds are below
/// `INFINITE`.
const MAX_WAIT_SECONDS: u64 = (INFINITE / 1000 - 1) as u64;

/// The longest wait for the end of a cancelled operation when the selector is dropped.
const MAX_DRAIN_MS: u32 = 1_000;
