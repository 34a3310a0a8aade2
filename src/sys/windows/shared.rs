//! The state that the handles of a selector and its registrations share; for Windows.

use std::fmt;
use std::io;
use std::ptr;
use std::sync::{Arc, Mutex};

use super::afd::AfdGroup;
use super::check::lock;
use super::completion_port::{PacketKind, Port};
use super::operations::Operations;
use super::pipe::Pipes;
use super::socket::Socket;
use super::updates::Updates;
use crate::Interest;

/// A selector, or another handle of the same one.
pub(crate) struct Iocp {
    /// The state that all handles share.
    pub(super) shared: Arc<Shared>,
}

impl Iocp {
    /// The state that all handles and registrations share.
    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl fmt::Debug for Iocp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Iocp").field(self.shared.port()).finish()
    }
}

/// What the handles of a selector share.
pub(crate) struct Shared {
    /// The port and its operations.
    operations: Operations,
    /// The device handles of AFD.
    afd: AfdGroup,
    /// Sockets whose request has to follow a change.
    pub(super) updates: Mutex<Updates>,
    /// Buffers of named pipes.
    pipes: Pipes,
}

impl Shared {
    /// A selector that watches nothing.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            operations: Operations::new()?,
            afd: AfdGroup::new(),
            updates: Mutex::new(Updates::new()),
            pipes: Pipes::new(),
        })
    }

    /// The port and its operations.
    pub(super) fn operations(&self) -> &Operations {
        &self.operations
    }

    /// The port.
    pub(super) fn port(&self) -> &Port {
        self.operations.port()
    }

    /// The device handles of AFD.
    pub(super) fn afd(&self) -> &AfdGroup {
        &self.afd
    }

    /// Buffers of named pipes.
    pub(super) fn pipes(&self) -> &Pipes {
        &self.pipes
    }

    /// Queues a socket for an update, or updates it now if a thread is waiting.
    pub(super) fn queue_update(&self, socket: Arc<Socket>) {
        let mut updates = lock(&self.updates);
        if updates.is_waiting {
            drop(updates);
            socket.update(&self.operations);
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
            let result = self.port().post(PacketKind::Recompute, ptr::null());
            if let Err(error) = result {
                crate::log::debug!("a waiting poll can't be shortened: {error}");
            }
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("port", self.port()).finish()
    }
}
