//! The buffer of events that a select fills, for all systems; and the event of backends that
//! translate what the system reports: poll(2), Windows (AFD and named pipes), and poll_oneoff
//! on WASI preview 1.

use std::fmt;
use std::io;

use super::contract;
use crate::Token;

/// A set of readiness flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Readiness(u8);

impl Readiness {
    /// Data to read, a connection to accept, or the end of the stream.
    pub(crate) const READABLE: Self = Self(1);
    /// Space in the send buffer, or the end of a connection attempt.
    pub(crate) const WRITABLE: Self = Self(1 << 1);
    /// The socket has an error.
    pub(crate) const ERROR: Self = Self(1 << 2);
    /// Nothing more will arrive.
    pub(crate) const READ_CLOSED: Self = Self(1 << 3);
    /// Nothing more can be sent.
    pub(crate) const WRITE_CLOSED: Self = Self(1 << 4);
    /// Urgent data.
    pub(crate) const PRIORITY: Self = Self(1 << 5);

    /// The union of both sets.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These flags, and the others if the condition holds.
    pub(crate) const fn and_if(self, condition: bool, other: Self) -> Self {
        if condition {
            self.and(other)
        } else {
            self
        }
    }

    /// Is one of the other flags set?
    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// An event: the readiness of a token.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// The token of the registration.
    token: Token,
    /// The readiness.
    readiness: Readiness,
}

impl Event {
    /// An event with these flags.
    pub(crate) fn new(token: Token, readiness: Readiness) -> Self {
        Self { token, readiness }
    }

    /// Adds flags.
    pub(crate) fn add(&mut self, readiness: Readiness) {
        self.readiness = self.readiness.and(readiness);
    }
}

impl contract::Event for Event {
    fn token(&self) -> Token {
        self.token
    }

    fn is_readable(&self) -> bool {
        self.readiness.has(Readiness::READABLE)
    }

    fn is_writable(&self) -> bool {
        self.readiness.has(Readiness::WRITABLE)
    }

    fn is_error(&self) -> bool {
        self.readiness.has(Readiness::ERROR)
    }

    fn is_read_closed(&self) -> bool {
        self.readiness.has(Readiness::READ_CLOSED)
    }

    fn is_write_closed(&self) -> bool {
        self.readiness.has(Readiness::WRITE_CLOSED)
    }

    fn is_priority(&self) -> bool {
        self.readiness.has(Readiness::PRIORITY)
    }

    fn is_aio(&self) -> bool {
        false
    }

    fn is_lio(&self) -> bool {
        false
    }

    fn fmt_details(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.readiness, f)
    }
}

/// A buffer of events.
pub(crate) type Events = Buffer<Event>;

/// The events of a select, never more than the capacity.
pub(crate) struct Buffer<E> {
    /// The events of the last select.
    filled: Vec<E>,
    /// The most events there may be. The vector's own capacity may be larger.
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

    /// Is the capacity used up?
    pub(crate) fn is_full(&self) -> bool {
        self.filled.len() >= self.capacity
    }

    /// Adds an event and returns its index; `None` when the buffer is full.
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

    /// Empties it, for a system call to fill. Returns where to write, and the most events to
    /// write, which is within an `i32`.
    pub(crate) fn spare(&mut self) -> (*mut E, usize) {
        self.filled.clear();
        let length = self.capacity.min(i32::MAX as usize);
        (self.filled.as_mut_ptr(), length)
    }

    /// Takes over what a system call has written.
    ///
    /// # Safety
    ///
    /// It has written this many events to the memory of [`spare`](Self::spare), which was for
    /// as many.
    pub(crate) unsafe fn set_length(&mut self, length: usize) {
        // SAFETY: this many are written, by this function's contract, and are within the
        // vector's capacity.
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
