//! Event and buffer for backends that translate what the system reports: poll(2),
//! Windows (AFD and named pipes), and poll_oneoff on WASI preview 1.

use std::fmt;

use super::buffer::Buffer;
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
