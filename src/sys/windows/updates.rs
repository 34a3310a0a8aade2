//! The sockets whose request to AFD has to follow a change, now or after a delay;
//! for Windows.

use std::sync::{Arc, Weak};
use std::time::Instant;

use super::socket::Socket;
use crate::sys::retry::{RetryQueue, ACCEPT_RETRY_DELAY};
use crate::Interest;

/// The updates that the next select makes before it waits.
pub(super) struct Updates {
    /// Sockets whose request has to follow a change, each at most once.
    queue: Vec<Arc<Socket>>,
    /// Directions to be re-armed after a delay.
    rearms: RetryQueue<Instant, PendingRearm>,
    /// Is a thread waiting in a select? Then a change has to take effect without the queue.
    pub(super) is_waiting: bool,
}

/// A direction of a socket that is to be re-armed after a delay.
#[derive(Debug)]
struct PendingRearm {
    /// The socket, if it still exists then.
    socket: Weak<Socket>,
    /// The direction.
    direction: Interest,
}

impl PartialEq for PendingRearm {
    fn eq(&self, other: &Self) -> bool {
        self.socket.ptr_eq(&other.socket) && self.direction == other.direction
    }
}

impl Updates {
    /// No updates.
    pub(super) fn new() -> Self {
        Self {
            queue: Vec::new(),
            rearms: RetryQueue::new(),
            is_waiting: false,
        }
    }

    /// Adds a socket whose request has to follow a change.
    pub(super) fn push(&mut self, socket: Arc<Socket>) {
        if self.queue.len() == self.queue.capacity() {
            // Before it grows: sockets that only the queue holds are no longer registered.
            self.queue.retain(|socket| Arc::strong_count(socket) > 1);
        }
        self.queue.push(socket);
    }

    /// Adds a direction that is to be re-armed after `ACCEPT_RETRY_DELAY`.
    pub(super) fn push_rearm(&mut self, socket: &Arc<Socket>, direction: Interest) {
        let socket = Arc::downgrade(socket);
        let rearm = PendingRearm { socket, direction };
        self.rearms
            .push_once(Instant::now() + ACCEPT_RETRY_DELAY, rearm);
    }

    /// Calls `update` with each queued socket, and with those whose delay is over. Returns
    /// when the next delay is over.
    pub(super) fn flush(&mut self, update: impl FnMut(Arc<Socket>)) -> Option<Instant> {
        if self.rearms.next_due().is_some() {
            let now = Instant::now();
            while let Some(rearm) = self.rearms.pop_due(now) {
                if let Some(socket) = rearm.socket.upgrade() {
                    if socket.rearm(rearm.direction) {
                        self.queue.push(socket);
                    }
                }
            }
        }
        self.queue.drain(..).for_each(update);
        self.rearms.next_due()
    }
}
