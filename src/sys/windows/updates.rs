//! The sockets whose request to AFD has to follow a change, now or after a pause;
//! for Windows.

use std::sync::{Arc, Weak};
use std::time::Instant;

use super::socket_state::Socket;
use crate::sys::retry::{RetryQueue, ACCEPT_RETRY_DELAY};
use crate::Interest;

/// What the next select has to do before it waits.
pub(super) struct Updates {
    /// Sockets whose request has to follow a change, each at most once.
    queue: Vec<Arc<Socket>>,
    /// Directions to be armed after a pause.
    later: RetryQueue<Instant, Later>,
    /// Does a thread wait in a select? Then nobody else would do this.
    pub(super) is_waiting: bool,
}

/// A direction of a socket, to be armed after a pause.
#[derive(Debug)]
struct Later {
    /// The socket, if it still exists then.
    socket: Weak<Socket>,
    /// The direction.
    direction: Interest,
}

impl PartialEq for Later {
    fn eq(&self, other: &Self) -> bool {
        self.socket.ptr_eq(&other.socket) && self.direction == other.direction
    }
}

impl Updates {
    /// Nothing to do.
    pub(super) fn new() -> Self {
        Self {
            queue: Vec::new(),
            later: RetryQueue::new(),
            is_waiting: false,
        }
    }

    /// Adds a socket whose request has to follow a change.
    pub(super) fn push(&mut self, socket: Arc<Socket>) {
        if self.queue.len() == self.queue.capacity() {
            // Before it grows: sockets that only the queue holds are gone.
            self.queue.retain(|socket| Arc::strong_count(socket) > 1);
        }
        self.queue.push(socket);
    }

    /// Adds a direction that is to be armed after a pause.
    pub(super) fn push_later(&mut self, socket: &Arc<Socket>, direction: Interest) {
        let socket = Arc::downgrade(socket);
        let later = Later { socket, direction };
        self.later
            .push_once(Instant::now() + ACCEPT_RETRY_DELAY, later);
    }

    /// Hands each socket to `update`, with those whose pause is over. Gives the
    /// time when the next pause is over.
    pub(super) fn flush(&mut self, update: impl FnMut(Arc<Socket>)) -> Option<Instant> {
        if self.later.next_due().is_some() {
            let now = Instant::now();
            while let Some(later) = self.later.pop_due(now) {
                if let Some(socket) = later.socket.upgrade() {
                    if socket.rearm(later.direction) {
                        self.queue.push(socket);
                    }
                }
            }
        }
        self.queue.drain(..).for_each(update);
        self.later.next_due()
    }
}
