//! [`IoSource`]: the one road from a socket or pipe to a selector, on all systems.
//!
//! It joins three things: the object itself, what the backend keeps for it
//! ([`sys::SourceState`]), and the checks of debug builds. All I/O of the public
//! types runs through one of its `*_io` functions, which decide from the result
//! whether the backend has to watch a direction again. Where the kernel keeps
//! edges (epoll, kqueue) watching again is no work and compiles to nothing.

use std::io;

use crate::debug_checks::SourceCheck;
use crate::sys::contract::SourceState;
use crate::sys::{self, AsRawSource};
use crate::{event, Interest, Registry, Token};

/// An object that does I/O, with its registration.
pub(crate) struct IoSource<T> {
    /// What the backend keeps. It stands before `io`, so that it goes first: a
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

    /// Gives the object back, no longer registered where the library keeps the
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

    /// Reads at most `wanted` bytes from a stream. Its end is not watched for again: a
    /// host without edges would report it for ever.
    pub(crate) fn read_io(
        &self,
        wanted: usize,
        operation: impl FnOnce(&T) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let result = self.run(operation, Interest::READABLE, |count| *count > 0);
        self.or_pending_error(result, |result| wanted > 0 && matches!(result, Ok(0)))
    }

    /// Takes a datagram. A failure concerns one datagram, so the next one is
    /// watched for after it too.
    pub(crate) fn receive_io<R>(
        &self,
        operation: impl FnOnce(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        let result = operation(&self.io);
        self.state.rearm(Interest::READABLE);
        self.or_pending_error(result, would_block)
    }

    /// Takes a connection. After a failure others may still wait, but asking for
    /// them at once could fail in the same way.
    pub(crate) fn accept_io<R>(
        &self,
        operation: impl FnOnce(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        let result = operation(&self.io);
        match &result {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                self.state.rearm_later(Interest::READABLE);
            }
            _ => self.state.rearm(Interest::READABLE),
        }
        result
    }

    /// Peeks at a datagram. An error is consumed by that and concerns an earlier
    /// datagram, so the next readiness is watched for.
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

    /// Peeks at a stream, which can have ended.
    pub(crate) fn peek_stream_io(
        &self,
        wanted: usize,
        operation: impl FnOnce(&T) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let result = self.run(operation, Interest::READABLE, |_| false);
        self.or_pending_error(result, |result| wanted > 0 && matches!(result, Ok(0)))
    }

    /// Writes `wanted` bytes. A complete write is not watched for again: room
    /// to write would be reported at once and cost a poll for each response.
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

    /// Asks for something that fails with `NotConnected` until a connection
    /// attempt has ended; the end is then watched for again.
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

    /// Takes the error of a stream. No error can mean that its connection
    /// attempt is still under way (`still_connecting` tells); then its end is
    /// watched for again.
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

    /// The pending error of the socket in place of a result that says that there is
    /// nothing: the end of a stream, or no datagram.
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

    /// Runs an operation, and watches `direction` again after `WouldBlock` and
    /// after a success that `left_more` says may have left something to do.
    #[inline]
    fn run<R>(
        &self,
        operation: impl FnOnce(&T) -> io::Result<R>,
        direction: Interest,
        left_more: impl FnOnce(&R) -> bool,
    ) -> io::Result<R> {
        let result = operation(&self.io);
        // Where the kernel keeps the edges there is nothing to look at.
        if <sys::SourceState as SourceState>::KEEPS_EDGES {
            return result;
        }
        let again = match &result {
            Ok(value) => left_more(value),
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        };
        if again {
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
