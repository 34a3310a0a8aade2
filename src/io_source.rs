//! [`IoSource`]: joins a socket or pipe with its registration, on all systems.
//!
//! It has three parts: the object itself, what the backend keeps for it
//! ([`sys::SourceState`]), and the checks of debug builds. All I/O of the public types runs
//! through one of its `*_io` functions, which decide from the result whether a direction is
//! re-armed. Where the kernel keeps edges (epoll, kqueue) re-arming compiles to nothing.
//!
//! A *pending error* is one that the selector has taken from the system, for backends that
//! have to. It belongs to the socket, and is returned once, in place of the next result that
//! the system's error would have replaced.

use std::io;

use crate::debug_checks::SourceCheck;
use crate::sys::contract::SourceState;
use crate::sys::{self, AsRawSource};
use crate::{event, Interest, Registry, Token};

/// An object that does I/O, with its registration.
pub(crate) struct IoSource<T> {
    /// What the backend keeps. Declared before `io`, so that it is dropped first: a
    /// registration has to end while the descriptor is still open.
    state: sys::SourceState,
    /// Which poll it belongs to, in debug builds.
    check: SourceCheck,
    /// The socket or pipe.
    io: T,
}

impl<T: AsRawSource> IoSource<T> {
    /// Takes over an object that is not registered anywhere.
    pub(crate) fn new(io: T) -> Self {
        Self {
            state: sys::SourceState::new(),
            check: SourceCheck::new(),
            io,
        }
    }

    /// The object itself, for calls that need no readiness.
    pub(crate) fn get(&self) -> &T {
        &self.io
    }

    /// Returns the object, which is no longer registered where the library keeps the
    /// registration.
    pub(crate) fn into_inner(self) -> T {
        self.io
    }

    /// Runs an operation of a direction that only the caller knows.
    pub(crate) fn try_io<R>(&self, operation: impl FnOnce(&T) -> io::Result<R>) -> io::Result<R> {
        self.run(operation, Interest::READABLE | Interest::WRITABLE, |_| {
            false
        })
    }

    /// Reads at most `wanted` bytes from a stream. Its end doesn't re-arm: a level-triggered
    /// system would report it indefinitely.
    pub(crate) fn read_io(
        &self,
        wanted: usize,
        operation: impl FnOnce(&T) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let result = self.run(operation, Interest::READABLE, |count| *count > 0);
        self.or_pending_error(result, |result| wanted > 0 && matches!(result, Ok(0)))
    }

    /// Receives a datagram. Re-arms after an error too, which is of one datagram.
    pub(crate) fn receive_io<R>(
        &self,
        operation: impl FnOnce(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        let result = operation(&self.io);
        self.state.rearm(Interest::READABLE);
        self.or_pending_error(result, would_block)
    }

    /// Accepts a connection. After an error other connections may be pending, but accepting
    /// them at once could fail in the same way: the listener is re-armed after a delay.
    #[inline]
    pub(crate) fn accept_io<R>(
        &self,
        operation: impl FnOnce(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        let result = operation(&self.io);
        match &result {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                self.state.rearm_after_delay(Interest::READABLE);
            }
            _ => self.state.rearm(Interest::READABLE),
        }
        result
    }

    /// Peeks at a datagram. An error is of an earlier datagram and is consumed, so it
    /// re-arms.
    pub(crate) fn peek_datagram_io<R>(
        &self,
        operation: impl FnOnce(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        let result = operation(&self.io);
        if result.is_err() {
            self.state.rearm(Interest::READABLE);
        }
        self.or_pending_error(result, would_block)
    }

    /// Peeks at a stream. Re-arms only when it would block.
    pub(crate) fn peek_stream_io(
        &self,
        wanted: usize,
        operation: impl FnOnce(&T) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let result = self.run(operation, Interest::READABLE, |_| false);
        self.or_pending_error(result, |result| wanted > 0 && matches!(result, Ok(0)))
    }

    /// Writes `wanted` bytes. A complete write doesn't re-arm: the socket, still writable,
    /// would be reported at once, which costs a poll for each response.
    pub(crate) fn write_io(
        &self,
        wanted: usize,
        operation: impl FnOnce(&T) -> io::Result<usize>,
    ) -> io::Result<usize> {
        self.or_pending_error(
            self.run(operation, Interest::WRITABLE, |count| *count < wanted),
            |result| matches!(result, Err(error) if error.kind() == io::ErrorKind::BrokenPipe),
        )
    }

    /// Sends a datagram of `wanted` bytes. A pending error comes first and nothing is sent
    /// then, as with an error that the system still has.
    pub(crate) fn send_io(
        &self,
        wanted: usize,
        operation: impl FnOnce(&T) -> io::Result<usize>,
    ) -> io::Result<usize> {
        if !<sys::SourceState as SourceState>::KEEPS_EDGES {
            if let Some(error) = self.state.take_pending_error() {
                return Err(error);
            }
        }
        self.run(operation, Interest::WRITABLE, |count| *count < wanted)
    }

    /// Makes a call that fails with `NotConnected` until a connection attempt has ended;
    /// that re-arms.
    pub(crate) fn connection_query<R>(
        &self,
        query: impl FnOnce(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        let result = query(&self.io);
        if let Err(error) = &result {
            if error.kind() == io::ErrorKind::NotConnected {
                self.state.rearm(Interest::WRITABLE);
            }
        }
        result
    }

    /// Takes the error of a stream. Re-arms when there is none because the connection attempt
    /// is pending (`still_connecting`).
    pub(crate) fn take_error_io(
        &self,
        take: impl FnOnce(&T) -> io::Result<Option<io::Error>>,
        still_connecting: impl FnOnce(&T) -> bool,
    ) -> io::Result<Option<io::Error>> {
        let result = self.take_error_or_pending(take);
        if !<sys::SourceState as SourceState>::KEEPS_EDGES
            && matches!(result, Ok(None))
            && still_connecting(&self.io)
        {
            self.state.rearm(Interest::WRITABLE);
        }
        result
    }

    /// Takes the error of a socket: the system's, or the pending one.
    pub(crate) fn take_error_or_pending(
        &self,
        take: impl FnOnce(&T) -> io::Result<Option<io::Error>>,
    ) -> io::Result<Option<io::Error>> {
        match take(&self.io) {
            Ok(None) => Ok(self.state.take_pending_error()),
            result => result,
        }
    }

    /// The pending error of the socket, in place of a result that means that there is nothing:
    /// the end of a stream, or no datagram.
    #[inline]
    fn or_pending_error<R>(
        &self,
        result: io::Result<R>,
        is_nothing: impl FnOnce(&io::Result<R>) -> bool,
    ) -> io::Result<R> {
        // Where the kernel keeps the edges, the selector takes no errors.
        if <sys::SourceState as SourceState>::KEEPS_EDGES || !is_nothing(&result) {
            return result;
        }
        self.state.take_pending_error().map_or(result, Err)
    }

    /// Runs an operation. Re-arms `direction` after `WouldBlock`, and after a success for which
    /// `may_have_more` is true.
    #[inline]
    fn run<R>(
        &self,
        operation: impl FnOnce(&T) -> io::Result<R>,
        direction: Interest,
        may_have_more: impl FnOnce(&R) -> bool,
    ) -> io::Result<R> {
        let result = operation(&self.io);
        // Where the kernel keeps the edges there is nothing to re-arm.
        if <sys::SourceState as SourceState>::KEEPS_EDGES {
            return result;
        }
        let is_to_be_rearmed = match &result {
            Ok(value) => may_have_more(value),
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        };
        if is_to_be_rearmed {
            self.state.rearm(direction);
        }
        result
    }
}

/// Was there nothing to receive?
fn would_block<R>(result: &io::Result<R>) -> bool {
    matches!(result, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

impl<T: AsRawSource> event::Source for IoSource<T> {
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        self.check.before_register()?;
        self.state
            .register(registry.selector(), sys::raw(&self.io), token, interests)?;
        self.check.registered(registry.id());
        Ok(())
    }

    fn reregister(
        &mut self,
        registry: &Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        self.check.before_reregister(registry.id())?;
        self.state
            .reregister(registry.selector(), sys::raw(&self.io), token, interests)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.check.before_deregister(registry.id())?;
        self.state
            .deregister(registry.selector(), sys::raw(&self.io))?;
        self.check.deregistered();
        Ok(())
    }
}
