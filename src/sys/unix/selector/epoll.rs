//! epoll: Linux, Android, illumos, Redox.
//!
//! Each registration is one entry of the kernel's set, edge-triggered (EPOLLET), with the token
//! as its user data. Register, reregister and deregister are one `epoll_ctl` each, a select is
//! one `epoll_wait` that writes into the caller's buffer. Nothing is kept here.

use std::fmt;
use std::io;
use std::mem::zeroed;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::time::Duration;

use crate::sys::contract::{self, Events as _};
use crate::sys::deadline::{self, int_millis};
use crate::sys::event::Buffer;
use crate::sys::posix::check;
use crate::sys::source::descriptor::DescriptorSelector;
use crate::sys::unix::selector::kernel_edge::KernelEdge;
use crate::{Interest, Token};

/// What is kept beside each source.
pub(crate) type SourceState = KernelEdge<Epoll>;

/// An epoll instance, or a duplicate of one.
#[derive(Debug)]
pub(crate) struct Epoll {
    /// The instance.
    set: OwnedFd,
}

impl Epoll {
    /// One `epoll_ctl`.
    fn control(
        &self,
        operation: libc::c_int,
        fd: RawFd,
        bits: u32,
        token: Token,
    ) -> io::Result<()> {
        let set = self.set.as_raw_fd();
        // Made here and not by the caller: the structure is packed, and passing it on costs a
        // dozen instructions.
        let mut event = Event::new(bits, token);
        // SAFETY: the pointer is to a local that outlives the call; the kernel
        // checks both descriptors.
        check::done(unsafe { libc::epoll_ctl(set, operation, fd, &mut event.0) })
    }

    /// One `epoll_wait`, which replaces what is in `events`.
    fn wait(&self, events: &mut Events, millis: libc::c_int) -> io::Result<()> {
        let (output, length) = events.spare();
        let output = output.cast::<libc::epoll_event>();
        // SAFETY: there is memory for `length` events, and `Event` is a transparent
        // wrapper of what the kernel writes.
        let count = unsafe {
            libc::epoll_wait(self.set.as_raw_fd(), output, length as libc::c_int, millis)
        };
        let count = check::number(count)?;
        // SAFETY: the kernel has written `count` events, at most `length` of them.
        unsafe { events.set_length(count as usize) };
        Ok(())
    }

    /// Waits for longer than one call can wait.
    #[cold]
    fn wait_in_parts(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        let max = Duration::from_secs(deadline::MAX_INT_MILLIS_SECONDS);
        deadline::wait_in_parts(timeout, max, |part| {
            self.wait(events, int_millis(part).unwrap_or(-1))?;
            Ok(events.len() > 0)
        })
    }
}

impl contract::Selector for Epoll {
    type Events = Events;

    fn new() -> io::Result<Self> {
        // SAFETY: the call takes no memory.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        // SAFETY: the call has just returned it.
        let set = unsafe { check::owned_fd(fd) }?;
        Ok(Self { set })
    }

    fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            set: self.set.try_clone()?,
        })
    }

    fn select(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        match int_millis(timeout) {
            Some(millis) => self.wait(events, millis),
            None => self.wait_in_parts(events, timeout),
        }
    }
}

impl DescriptorSelector for Epoll {
    fn register(&self, fd: RawFd, token: Token, interests: Interest) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, fd, bits_of(interests)?, token)
    }

    fn reregister(&self, fd: RawFd, token: Token, interests: Interest) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, fd, bits_of(interests)?, token)
    }

    fn deregister(&self, fd: RawFd) -> io::Result<()> {
        // Linux before 2.6.9 needs an event here too (epoll_ctl(2), BUGS).
        self.control(libc::EPOLL_CTL_DEL, fd, 0, Token(0))
    }
}

impl AsRawFd for Epoll {
    fn as_raw_fd(&self) -> RawFd {
        self.set.as_raw_fd()
    }
}

impl AsFd for Epoll {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.set.as_fd()
    }
}

/// The events of one wait.
pub(crate) type Events = Buffer<Event>;

/// An event as the kernel writes it, and reads it in `epoll_ctl`.
#[derive(Clone)]
#[repr(transparent)]
pub(crate) struct Event(libc::epoll_event);

impl Event {
    /// An event with these bits.
    fn new(bits: u32, token: Token) -> Self {
        // SAFETY: all fields are integers, for which zero is a value. (Redox has one
        // more than the others.)
        let mut event: libc::epoll_event = unsafe { zeroed() };
        event.events = bits;
        event.u64 = token.0 as u64;
        Self(event)
    }

    /// Is one of these bits set?
    fn has(&self, bits: u32) -> bool {
        self.0.events & bits != 0
    }
}

impl contract::Event for Event {
    fn token(&self) -> Token {
        Token(self.0.u64 as usize)
    }

    fn is_readable(&self) -> bool {
        self.has(EPOLLIN | EPOLLPRI)
    }

    fn is_writable(&self) -> bool {
        self.has(EPOLLOUT)
    }

    fn is_error(&self) -> bool {
        self.has(EPOLLERR)
    }

    fn is_read_closed(&self) -> bool {
        // EPOLLRDHUP alone may come before data that the interests don't include.
        self.has(EPOLLHUP) || (self.has(EPOLLIN) && self.has(EPOLLRDHUP))
    }

    fn is_write_closed(&self) -> bool {
        // A pipe whose reader is gone: EPOLLERR beside EPOLLOUT, or alone when the pipe is full
        // (Linux: `pipe_poll` in fs/pipe.c).
        self.has(EPOLLHUP)
            || (self.has(EPOLLERR) && (self.has(EPOLLOUT) || self.0.events == EPOLLERR))
    }

    fn is_priority(&self) -> bool {
        self.has(EPOLLPRI)
    }

    fn is_aio(&self) -> bool {
        false
    }

    fn is_lio(&self) -> bool {
        false
    }

    fn fmt_details(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bits = self.0.events;
        let mut list = f.debug_set();
        for (bit, name) in NAMES {
            if bits & bit != 0 {
                list.entry(&format_args!("{name}"));
                bits &= !bit;
            }
        }
        if bits != 0 {
            list.entry(&format_args!("{bits:#x}"));
        }
        list.finish()
    }
}

/// The bits of interests.
fn bits_of(interests: Interest) -> io::Result<u32> {
    if interests.is_aio() || interests.is_lio() {
        return Err(unsupported());
    }
    let mut bits = EPOLLET;
    if interests.is_readable() {
        bits |= EPOLLIN | EPOLLRDHUP;
    }
    if interests.is_writable() {
        bits |= EPOLLOUT;
    }
    if interests.is_priority() {
        bits |= EPOLLPRI;
    }
    Ok(bits)
}

/// The error for interests that other systems have.
#[cold]
fn unsupported() -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        "epoll can't watch asynchronous operations (Interest::AIO, Interest::LIO)",
    )
}

const EPOLLIN: u32 = libc::EPOLLIN as u32;
const EPOLLPRI: u32 = libc::EPOLLPRI as u32;
const EPOLLOUT: u32 = libc::EPOLLOUT as u32;
const EPOLLERR: u32 = libc::EPOLLERR as u32;
const EPOLLHUP: u32 = libc::EPOLLHUP as u32;
const EPOLLRDHUP: u32 = libc::EPOLLRDHUP as u32;
const EPOLLET: u32 = libc::EPOLLET as u32;

/// The bits that an event can carry.
const NAMES: [(u32, &str); 6] = [
    (EPOLLIN, "EPOLLIN"),
    (EPOLLPRI, "EPOLLPRI"),
    (EPOLLOUT, "EPOLLOUT"),
    (EPOLLERR, "EPOLLERR"),
    (EPOLLHUP, "EPOLLHUP"),
    (EPOLLRDHUP, "EPOLLRDHUP"),
];
