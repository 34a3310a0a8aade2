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

use std::fmt;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::afd::AfdGroup;
use super::check::lock;
use super::completion_port::{Packet, PacketKind, Port, INFINITE};
use super::event::Events;
use super::pipe::{self, Pipes};
use super::socket_state::Socket;
use super::updates::Updates;
use super::waker::Signal;
use crate::sys::contract::{self, Events as _};
use crate::sys::deadline::{clamped_millis, now, Deadline};
use crate::sys::event::{self, Event, Readiness};
use crate::Interest;

/// A selector, or another handle of the same one.
pub(crate) struct Iocp {
    /// The state that all handles share.
    shared: Arc<Shared>,
}

impl Iocp {
    /// The state that all handles and registrations share.
    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl contract::Selector for Iocp {
    type Events = Events;

    fn new() -> io::Result<Self> {
        Ok(Self {
            shared: Arc::new(Shared {
                port: Port::new()?,
                afd: AfdGroup::new(),
                updates: Mutex::new(Updates::new()),
                running: AtomicUsize::new(0),
                pipes: Pipes::new(),
            }),
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
        self.shared.pipes.begin_select();
        loop {
            let has_queued = self.shared.wait_once(packets, filled, deadline)?;
            if filled.len() > 0 || (!has_queued && deadline.is_over(now)?) {
                return Ok(());
            }
        }
    }
}

impl fmt::Debug for Iocp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Iocp").field(&self.shared.port).finish()
    }
}

/// What the handles of a selector share.
pub(crate) struct Shared {
    /// The queue of packets.
    port: Port,
    /// The device handles of AFD.
    afd: AfdGroup,
    /// Sockets whose request has to follow a change.
    updates: Mutex<Updates>,
    /// The number of pending operations that have to end before the port may be closed:
    /// requests of sockets, and connects and reads of pipes.
    running: AtomicUsize,
    /// Buffers of named pipes.
    pipes: Pipes,
}

impl Shared {
    /// The port.
    pub(super) fn port(&self) -> &Port {
        &self.port
    }

    /// The device handles of AFD.
    pub(super) fn afd(&self) -> &AfdGroup {
        &self.afd
    }

    /// Buffers of named pipes.
    pub(super) fn pipes(&self) -> &Pipes {
        &self.pipes
    }

    /// Counts an operation that is about to start.
    pub(super) fn operation_started(&self) {
        self.running.fetch_add(1, Ordering::AcqRel);
    }

    /// Counts off an operation: its packet has come, or will never come.
    pub(super) fn operation_ended(&self) {
        self.running.fetch_sub(1, Ordering::AcqRel);
    }

    /// Queues a socket for an update, or updates it now if a thread is waiting.
    pub(super) fn queue_update(&self, socket: Arc<Socket>) {
        let mut updates = lock(&self.updates);
        if updates.is_waiting {
            drop(updates);
            socket.update(self);
            return;
        }
        updates.push(socket);
    }

    /// Queues a direction of a socket to be re-armed after a delay.
    pub(super) fn queue_rearm(&self, socket: &Arc<Socket>, direction: Interest) {
        let mut updates = lock(&self.updates);
        updates.push_rearm(socket, direction);
        if updates.is_waiting {
            // Its wait may be longer than the delay.
            let result = self.port.post(PacketKind::Recompute, ptr::null());
            if let Err(error) = result {
                crate::log::debug!("a waiting poll can't be shortened: {error}");
            }
        }
    }

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
            updates.flush(|socket| socket.update(self))
        };
        let left = deadline.no_later_than(next_rearm).left(now);
        let result = left.and_then(|left| {
            let millis = left.map_or(INFINITE, |left| clamped_millis(left, MAX_WAIT_SECONDS));
            self.port.wait(packets, millis)
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
                self.operation_ended();
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

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("port", &self.port).finish()
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
            let millis = match self.running.load(Ordering::Acquire) {
                0 => 0,
                _ => MAX_DRAIN_MS,
            };
            match self.port.wait(&mut packets, millis) {
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
