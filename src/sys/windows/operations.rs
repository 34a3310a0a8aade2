//! The completion port, and the number of operations that will post a packet to it; for
//! Windows.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::completion_port::Port;

/// The port, and its pending operations.
#[derive(Debug)]
pub(super) struct Operations {
    /// The queue of packets.
    port: Port,
    /// The number of pending operations that have to end before the port may be closed:
    /// requests of sockets, and connects and reads of pipes.
    pending: AtomicUsize,
}

impl Operations {
    /// A new port.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            port: Port::new()?,
            pending: AtomicUsize::new(0),
        })
    }

    /// The port.
    pub(super) fn port(&self) -> &Port {
        &self.port
    }

    /// Counts an operation that is about to start.
    pub(super) fn started(&self) {
        self.pending.fetch_add(1, Ordering::AcqRel);
    }

    /// Counts off an operation: its packet has come, or will never come.
    pub(super) fn ended(&self) {
        self.pending.fetch_sub(1, Ordering::AcqRel);
    }

    /// Is an operation pending?
    pub(super) fn is_any_pending(&self) -> bool {
        self.pending.load(Ordering::Acquire) > 0
    }
}
