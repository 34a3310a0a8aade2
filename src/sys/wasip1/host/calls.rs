//! The calls of the selector as a trait, which the real host and the script of the tests
//! implement. WASI preview 1.

use std::io;
use std::num::NonZeroI32;

use wasi::{Errno, Event, Fd, Subscription};

use super::preview1;
#[cfg(all(feature = "net", feature = "wasmedge"))]
use super::wasmedge;

/// The calls of a selector.
pub(in super::super) trait Host {
    /// The time of the monotonic clock, in nanoseconds.
    fn now(&self) -> io::Result<u64>;

    /// One `poll_oneoff`: waits for one of the subscriptions and replaces what is in `events`.
    fn poll_oneoff(
        &self,
        subscriptions: &[Subscription],
        events: &mut Vec<Event>,
    ) -> io::Result<()>;

    /// Peeks at a stream: the number of bytes that can be read, at most one. Takes the error
    /// that the host keeps for the stream (SO_ERROR).
    fn peek(&self, fd: Fd) -> Result<usize, Errno>;

    /// Lets other processes run.
    fn yield_now(&self);

    /// Has a socket a peer? One that is still connecting has none. `None` when the host has
    /// no call for that. Takes no error.
    fn has_peer(&self, _: Fd) -> Option<bool> {
        None
    }

    /// Is it known to be a datagram socket?
    fn is_datagram(&self, _: Fd) -> bool {
        false
    }

    /// A socket that is always writable, where the host can open one. It belongs to the host.
    fn always_writable(&self) -> Option<Fd> {
        None
    }

    /// Takes the error number of a socket (SO_ERROR), where the host has a call for that.
    fn take_error(&self, _: Fd) -> Option<NonZeroI32> {
        None
    }
}

/// The host that runs this module.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Wasi;

impl Host for Wasi {
    #[inline]
    fn now(&self) -> io::Result<u64> {
        preview1::now()
    }

    #[inline]
    fn poll_oneoff(
        &self,
        subscriptions: &[Subscription],
        events: &mut Vec<Event>,
    ) -> io::Result<()> {
        preview1::poll_oneoff(subscriptions, events)
    }

    #[inline]
    fn peek(&self, fd: Fd) -> Result<usize, Errno> {
        preview1::peek(fd)
    }

    fn yield_now(&self) {
        std::thread::yield_now();
    }

    #[cfg(all(feature = "net", feature = "wasmedge"))]
    fn has_peer(&self, fd: Fd) -> Option<bool> {
        Some(wasmedge::has_peer(fd))
    }

    #[cfg(all(feature = "net", feature = "wasmedge"))]
    fn is_datagram(&self, fd: Fd) -> bool {
        wasmedge::is_datagram(fd)
    }

    #[cfg(all(feature = "net", feature = "wasmedge"))]
    fn always_writable(&self) -> Option<Fd> {
        wasmedge::always_writable()
    }

    #[cfg(all(feature = "net", feature = "wasmedge"))]
    fn take_error(&self, fd: Fd) -> Option<NonZeroI32> {
        wasmedge::take_error(fd)
    }
}
