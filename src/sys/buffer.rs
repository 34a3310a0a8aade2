//! The buffer of events that a select fills; for all systems.

use std::io;

use super::contract;

/// Events of a select, never more than was asked for.
pub(crate) struct Buffer<E> {
    /// The events of the last select.
    filled: Vec<E>,
    /// How many there may be. The vector may have room for more.
    capacity: usize,
}

impl<E> Buffer<E> {
    /// Empties the buffer for a select. A capacity of zero is `InvalidInput`.
    pub(crate) fn prepare(&mut self) -> io::Result<()> {
        self.filled.clear();
        if self.capacity == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the buffer has no capacity for events",
            ));
        }
        Ok(())
    }

    /// Is there no room for another event?
    pub(crate) fn is_full(&self) -> bool {
        self.filled.len() >= self.capacity
    }

    /// Adds an event and tells its index; `None` when there is no room.
    pub(crate) fn push(&mut self, event: E) -> Option<usize> {
        if self.is_full() {
            return None;
        }
        self.filled.push(event);
        Some(self.filled.len() - 1)
    }

    /// The event at `index`, to be changed.
    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut E> {
        self.filled.get_mut(index)
    }

    /// Empties it, for a system call to fill: where to write, and how many events
    /// at most, which is within an `i32`.
    pub(crate) fn room(&mut self) -> (*mut E, usize) {
        self.filled.clear();
        let length = self.capacity.min(i32::MAX as usize);
        (self.filled.as_mut_ptr(), length)
    }

    /// Takes over what a system call has written.
    ///
    /// # Safety
    ///
    /// It has written this many events to the [`room`](Self::room), which was for
    /// as many.
    pub(crate) unsafe fn set_length(&mut self, length: usize) {
        // SAFETY: this many are written, by this function's contract, and so many
        // fit into the vector.
        unsafe { self.filled.set_len(length) };
    }
}

impl<E: contract::Event> contract::Events for Buffer<E> {
    type Event = E;

    fn with_capacity(capacity: usize) -> Self {
        Self {
            filled: Vec::with_capacity(capacity),
            capacity,
        }
    }

    fn capacity(&self) -> usize {
        self.capacity
    }

    fn len(&self) -> usize {
        self.filled.len()
    }

    fn get(&self, index: usize) -> Option<&E> {
        self.filled.get(index)
    }

    fn clear(&mut self) {
        self.filled.clear();
    }
}
