//! Events, as kqueue writes them.

use std::fmt;

use super::numbers::NUMBERS;
use super::system;
use super::translate::Meaning;
use crate::sys::contract;
use crate::sys::event::Buffer;
use crate::Token;

/// The event of one filter.
#[derive(Clone)]
#[repr(transparent)]
pub(crate) struct Event(system::kevent);

// SAFETY: the pointer in it is a token, which is never dereferenced.
unsafe impl Send for Event {}
// SAFETY: as above.
unsafe impl Sync for Event {}

impl Event {
    /// What it means.
    fn meaning(&self) -> Meaning {
        NUMBERS.meaning(self.0.filter as i64, self.0.flags as u32, self.0.fflags)
    }
}

impl contract::Event for Event {
    fn token(&self) -> Token {
        Token(self.0.udata as usize)
    }

    fn is_readable(&self) -> bool {
        self.meaning().readable
    }

    fn is_writable(&self) -> bool {
        self.meaning().writable
    }

    fn is_error(&self) -> bool {
        self.meaning().error
    }

    fn is_read_closed(&self) -> bool {
        self.meaning().read_closed
    }

    fn is_write_closed(&self) -> bool {
        self.meaning().write_closed
    }

    fn is_priority(&self) -> bool {
        false
    }

    fn is_aio(&self) -> bool {
        self.meaning().aio
    }

    fn is_lio(&self) -> bool {
        self.meaning().lio
    }

    fn fmt_details(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Copies: the system's type may be packed.
        let (ident, data) = (self.0.ident, self.0.data);
        f.debug_struct("kevent")
            .field("ident", &ident)
            .field("filter", &(self.0.filter as i64))
            .field("flags", &format_args!("{:#x}", self.0.flags as u32))
            .field("fflags", &format_args!("{:#x}", { self.0.fflags }))
            .field("data", &data)
            .finish()
    }
}

/// The events of one wait.
pub(crate) type Events = Buffer<Event>;
