//! Events and their buffer, as kqueue writes them.

use std::fmt;

use super::numbers::NUMBERS;
use crate::sys::contract;
use crate::sys::unix::selector::kqueue_translate::Told;
use crate::Token;

/// What the kernel says of one filter.
#[derive(Clone)]
#[repr(transparent)]
pub(crate) struct Event(libc::kevent);

// SAFETY: the pointer in it is a token, which nobody follows.
unsafe impl Send for Event {}
// SAFETY: as above.
unsafe impl Sync for Event {}

impl Event {
    /// What it says.
    fn told(&self) -> Told {
        NUMBERS.told(self.0.filter as i64, self.0.flags as u32, self.0.fflags)
    }
}

impl contract::Event for Event {
    fn token(&self) -> Token {
        Token(self.0.udata as usize)
    }

    fn is_readable(&self) -> bool {
        self.told().readable
    }

    fn is_writable(&self) -> bool {
        self.told().writable
    }

    fn is_error(&self) -> bool {
        self.told().error
    }

    fn is_read_closed(&self) -> bool {
        self.told().read_closed
    }

    fn is_write_closed(&self) -> bool {
        self.told().write_closed
    }

    fn is_priority(&self) -> bool {
        false
    }

    fn is_aio(&self) -> bool {
        self.told().aio
    }

    fn is_lio(&self) -> bool {
        self.told().lio
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

/// Room for the events of one wait.
pub(crate) struct Events {
    /// What the kernel has written.
    filled: Vec<Event>,
    /// What the caller asked for; the vector may have room for more.
    capacity: usize,
}

impl Events {
    /// Where the kernel may write, and for how many events there is room.
    pub(super) fn room(&mut self) -> (*mut libc::kevent, usize) {
        // Within what the call can take on all systems.
        let length = self.capacity.min(i32::MAX as usize);
        (self.filled.as_mut_ptr().cast(), length)
    }

    /// Takes over what the kernel has written.
    ///
    /// # Safety
    ///
    /// It has written this many events to the room, which was for as many.
    pub(super) unsafe fn set_length(&mut self, length: usize) {
        // SAFETY: they are written, by this function's contract, and `Event` is a
        // transparent wrapper of what was written.
        unsafe { self.filled.set_len(length) };
    }
}

impl contract::Events for Events {
    type Event = Event;

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

    fn get(&self, index: usize) -> Option<&Event> {
        self.filled.get(index)
    }

    fn clear(&mut self) {
        self.filled.clear();
    }
}
