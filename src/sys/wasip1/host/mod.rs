//! Every call of the host, in safe functions: the standard ones of preview 1, and
//! WasmEdge's socket extension or its substitute. WASI preview 1.
//!
//! Sockets use the functions. The selector makes its calls through the trait [`Host`], which
//! [`Wasi`] implements with them; its tests implement it with a script.

mod bounds;
mod preview1;
#[cfg(test)]
pub(super) mod scripted;
#[cfg(all(feature = "net", not(feature = "wasmedge")))]
pub(super) mod unsupported;
#[cfg(all(feature = "net", feature = "wasmedge"))]
pub(super) mod wasmedge;
#[cfg(all(feature = "net", feature = "wasmedge", feature = "lookup"))]
mod wasmedge_names;
#[cfg(all(feature = "net", feature = "wasmedge"))]
mod wasmedge_unix;

pub(super) use self::preview1::*;
#[cfg(all(feature = "net", not(feature = "wasmedge")))]
pub(super) use self::unsupported as extension;
#[cfg(all(feature = "net", feature = "wasmedge"))]
pub(super) use self::wasmedge as extension;

use std::io;
use std::num::NonZeroI32;

use wasi::{Errno, Event, Fd, Subscription};

/// The calls of a selector.
pub(super) trait Host {
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

    /// Takes the error number of a socket (SO_ERROR), where the host has a call for that.
    fn take_error(&self, _: Fd) -> Option<NonZeroI32> {
        None
    }
}

/// The host that runs this module.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wasi;

impl Host for Wasi {
    #[inline]
    fn now(&self) -> io::Result<u64> {
        now()
    }

    #[inline]
    fn poll_oneoff(
        &self,
        subscriptions: &[Subscription],
        events: &mut Vec<Event>,
    ) -> io::Result<()> {
        poll_oneoff(subscriptions, events)
    }

    #[inline]
    fn peek(&self, fd: Fd) -> Result<usize, Errno> {
        peek(fd)
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
    fn take_error(&self, fd: Fd) -> Option<NonZeroI32> {
        wasmedge::take_error(fd)
    }
}

/// The error of a host call. The host's numbers are those of the target's libc, so std knows
/// their kinds and texts.
pub(super) fn error(errno: Errno) -> io::Error {
    io::Error::from_raw_os_error(i32::from(errno.raw()))
}
