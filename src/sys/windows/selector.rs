//! The selector: flushes changes, waits for the completion port, and hands each
//! packet to what it is about; for Windows.
//!
//! Registering and re-arming make no system call. They queue the socket, and the
//! next select updates all queued sockets in one go, so that a direction that is
//! disarmed and armed again costs one request, not two. When another thread
//! waits in a select already, the queue is flushed at once instead: requests can
//! be made by any thread.
//!
//! A packet yields at most one event, and a select takes out at most as many
//! packets as the caller has room for; the rest stays in the port, in order. Not
//! every packet yields an event (a cancelled request doesn't), so a select goes
//! on until there is an event or the time is over, and once more if a request had
//! to be made anew: its answer may be there at once, and a poll that doesn't wait
//! must see it.

use std::fmt;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use windows_sys::Win32::System::Threading::INFINITE;

use super::afd::AfdGroup;
use super::check::lock;
use super::completion_port::{Packet, PacketKind, Port};
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
    /// What all handles share.
    shared: Arc<Shared>,
}

impl Iocp {
    /// What all handles share, with registrations too.
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
        events.clear();
        if events.capacity() == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a poll needs room for at least one event",
            ));
        }
        let deadline = Deadline::after(timeout, now)?;
        let (packets, filled) = events.parts();
        self.shared.pipes.begin_select();
        loop {
            // A request that was made anew may have its answer already.
            let made_anew = self.shared.wait_once(packets, filled, deadline)?;
            if filled.len() > 0 || (!made_anew && deadline.is_over(now)?) {
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
    /// Where everything ends up.
    port: Port,
    /// The handles of AFD.
    afd: AfdGroup,
    /// Sockets whose request has to follow a change.
    updates: Mutex<Updates>,
    /// How many operations run that have to end before the port may go: those of
    /// sockets, and the connects and reads of pipes.
    running: AtomicUsize,
    /// What is needed for named pipes.
    pipes: Pipes,
}

impl Shared {
    /// The port.
    pub(super) fn port(&self) -> &Port {
        &self.port
    }

    /// The handles of AFD.
    pub(super) fn afd(&self) -> &AfdGroup {
        &self.afd
    }

    /// What is needed for named pipes.
    pub(super) fn pipes(&self) -> &Pipes {
        &self.pipes
    }

    /// Notes that an operation is about to start.
    pub(super) fn operation_started(&self) {
        self.running.fetch_add(1, Ordering::AcqRel);
    }

    /// Notes that the packet of an operation has come, or that it never will.
    pub(super) fn operation_ended(&self) {
        self.running.fetch_sub(1, Ordering::AcqRel);
    }

    /// Queues a socket for an update, or does it now if a thread waits.
    pub(super) fn queue_update(&self, socket: Arc<Socket>) {
        let mut updates = lock(&self.updates);
        if updates.is_waiting {
            drop(updates);
            socket.update(self);
            return;
        }
        updates.push(socket);
    }

    /// Queues a direction of a socket to be armed after a pause.
    pub(super) fn queue_rearm(&self, socket: &Arc<Socket>, direction: Interest) {
        let mut updates = lock(&self.updates);
        updates.push_later(socket, direction);
        if updates.is_waiting {
            // It may wait for longer than the pause.
            let result = self.port.post(PacketKind::Nudge, ptr::null());
            if let Err(error) = result {
                crate::log::debug!("a waiting poll can't be told of a pause: {error}");
            }
        }
    }

    /// Flushes the queue and waits once. Tells whether a socket was queued anew.
    fn wait_once(
        &self,
        packets: &mut [Packet],
        filled: &mut event::Events,
        deadline: Deadline<Instant>,
    ) -> io::Result<bool> {
        let pause_ends = {
            let mut updates = lock(&self.updates);
            updates.is_waiting = true;
            updates.flush(|socket| socket.update(self))
        };
        let left = deadline.no_later_than(pause_ends).left(now)?;
        let millis = left.map_or(INFINITE, |left| clamped_millis(left, MAX_WAIT_SECONDS));
        let result = self.port.wait(packets, millis);
        lock(&self.updates).is_waiting = false;
        let mut made_anew = false;
        for packet in &packets[..result?] {
            made_anew |= self.hand_over(packet, filled);
        }
        Ok(made_anew)
    }

    /// Hands a packet to what it is about. Tells whether a socket was queued.
    fn hand_over(&self, packet: &Packet, filled: &mut event::Events) -> bool {
        match packet.kind() {
            Some(PacketKind::Socket) => {
                self.operation_ended();
                // SAFETY: the packet is of this kind and just out of the queue.
                let outcome = unsafe { Socket::received(packet.pointer()) }.finish();
                if let Some(event) = outcome.event {
                    filled.push(event);
                }
                let queued = outcome.to_queue.is_some();
                if let Some(socket) = outcome.to_queue {
                    self.queue_update(socket);
                }
                queued
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
                unsafe { pipe::noticed(self, packet, filled) };
                false
            }
            Some(PacketKind::Nudge) => false,
            None => {
                crate::log::debug!("a packet that nobody of us has sent");
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
    /// Takes back what the packets own. All registrations are gone, so all
    /// operations but writes of pipes were cancelled and end soon.
    fn drop(&mut self) {
        let mut packets = [Packet::empty(); 32];
        // The events go nowhere: no pipe and no socket is registered any more.
        let mut nowhere: event::Events = contract::Events::with_capacity(packets.len());
        loop {
            let patience = match self.running.load(Ordering::Acquire) {
                0 => 0,
                _ => PATIENCE_MILLIS,
            };
            match self.port.wait(&mut packets, patience) {
                // What has not ended by now keeps its memory for ever, which is
                // a leak but no harm.
                Ok(0) | Err(_) => return,
                Ok(count) => {
                    for packet in &packets[..count] {
                        self.hand_over(packet, &mut nowhere);
                    }
                    nowhere.clear();
                }
            }
        }
    }
}

/// The longest wait of one call, but for a fraction of a second: its milliseconds are below
/// `INFINITE`.
const MAX_WAIT_SECONDS: u64 = (INFINITE / 1000 - 1) as u64;

/// How long to wait for the end of a cancelled operation.
const PATIENCE_MILLIS: u32 = 1_000;
