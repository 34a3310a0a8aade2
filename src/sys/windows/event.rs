//! The caller's buffer: events, and space for the packets that they are made from; for
//! Windows.

use super::completion_port::Packet;
use crate::sys::contract;
use crate::sys::event::{self, Event};

/// The packets and the events of one select.
pub(crate) struct Events {
    /// Where the kernel writes; as long as the capacity.
    packets: Vec<Packet>,
    /// The events that they have become.
    filled: event::Events,
}

impl Events {
    /// The space for packets, and the buffer of events.
    pub(super) fn parts(&mut self) -> (&mut [Packet], &mut event::Events) {
        (&mut self.packets, &mut self.filled)
    }
}

impl contract::Events for Events {
    type Event = Event;

    fn with_capacity(capacity: usize) -> Self {
        Self {
            packets: vec![Packet::empty(); capacity],
            filled: event::Events::with_capacity(capacity),
        }
    }

    fn capacity(&self) -> usize {
        self.filled.capacity()
    }

    fn len(&self) -> usize {
        self.filled.len()
    }

    fn get(&self, index: usize) -> Option<&Event> {
        self.filled.get(index)
    }

    fn clear(&mut self) {
        self.filled.clear();
    }
}
