//! What a named pipe is doing, step by step; for Windows. See `mod.rs` for the
//! whole picture.

use std::io;
use std::mem;
use std::os::windows::io::{AsRawHandle, OwnedHandle, RawHandle};
use std::ptr;
use std::sync::Arc;

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_BROKEN_PIPE, ERROR_NO_DATA, ERROR_OPERATION_ABORTED,
    ERROR_PIPE_CONNECTED, ERROR_PIPE_LISTENING, ERROR_PIPE_NOT_CONNECTED,
};

use super::{overlapped, Pipe, Pipes};
use crate::sys::ready_event::Readiness;
use crate::sys::windows::completion_port::PacketKind;
use crate::sys::windows::selector::Shared;
use crate::Token;

/// All that changes about a pipe.
pub(super) struct State {
    /// The handle, until it is closed.
    handle: Option<OwnedHandle>,
    /// Is the owner gone? Then nothing is started any more.
    is_retired: bool,
    /// The token of the registration, if there is one.
    token: Option<Token>,
    /// Where its event of the current select is, see [`Pipes`].
    pub(super) last_event: Option<(usize, usize)>,
    /// Is a notice in the queue of the port?
    pub(super) is_noticed: bool,
    /// Is there another end, as far as we know?
    is_connected: bool,
    /// Waiting for a client.
    connect: Connect,
    /// Why the last wait for a client failed.
    pub(super) connect_error: Option<io::Error>,
    /// Reading ahead.
    read: Read,
    /// Writing behind.
    write: Write,
}

/// Waiting for a client.
enum Connect {
    /// Not waiting.
    Idle,
    /// To be started when the pipe is registered for the first time.
    Wanted,
    /// The operation runs.
    Pending,
    /// The operation was cancelled, and its packet is still to come.
    Retiring {
        /// To be started again then?
        again: bool,
    },
}

/// Reading ahead.
enum Read {
    /// Nothing was asked for.
    Idle,
    /// The operation runs and owns the buffer's bytes.
    Pending {
        /// Where they go.
        buffer: Vec<u8>,
        /// Is it about a client that was sent away?
        is_stale: bool,
    },
    /// Bytes have come and wait to be fetched.
    Ready {
        /// Where they are.
        buffer: Vec<u8>,
        /// The first that was not fetched yet.
        next: usize,
        /// The end of those that came.
        end: usize,
    },
    /// It has failed, which is still to be told.
    Failed(io::Error),
    /// The other end is closed, and all was fetched.
    Ended,
}

/// Writing behind.
enum Write {
    /// There is room.
    Idle,
    /// The operation runs and owns the buffer's bytes.
    Pending {
        /// What is being written.
        buffer: Vec<u8>,
        /// How much of it was written by operations before.
        done: usize,
        /// Is it about a client that was sent away?
        is_stale: bool,
    },
    /// It has failed, which is still to be told.
    Failed(io::Error),
}

/// What the steps work with.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// The pipe whose state it is.
    pub(super) pipe: &'a Arc<Pipe>,
    /// The selector that the pipe is bound to.
    pub(super) selector: &'a Shared,
}

impl Context<'_> {
    /// The pools of the selector.
    fn pipes(&self) -> &Pipes {
        self.selector.pipes()
    }
}

impl State {
    /// A pipe that nothing was done with.
    pub(super) fn new(handle: OwnedHandle) -> Self {
        Self {
            handle: Some(handle),
            is_retired: false,
            token: None,
            last_event: None,
            is_noticed: false,
            is_connected: false,
            connect: Connect::Idle,
            connect_error: None,
            read: Read::Idle,
            write: Write::Idle,
        }
    }

    /// The handle, null when it is closed (which every call refuses).
    pub(super) fn raw_handle(&self) -> RawHandle {
        let handle = self.handle.as_ref();
        handle.map_or(ptr::null_mut(), AsRawHandle::as_raw_handle)
    }

    /// The token of the registration, if there is one.
    pub(super) fn token(&self) -> Option<Token> {
        self.token
    }

    /// Begins a registration, or changes it.
    pub(super) fn name(&mut self, token: Token) {
        self.token = Some(token);
        // Other events must not be merged into one of the old token.
        self.last_event = None;
    }

    /// Ends the registration.
    pub(super) fn forget(&mut self) {
        self.token = None;
    }

    /// What could be done now, for a registration that is new or has changed.
    pub(super) fn readiness(&self) -> Readiness {
        let readable = matches!(
            self.read,
            Read::Ready { .. } | Read::Failed(_) | Read::Ended
        );
        let room = match self.write {
            Write::Idle => self.is_connected,
            Write::Pending { .. } => false,
            Write::Failed(_) => true,
        };
        let failed = self.connect_error.is_some();
        Readiness::default()
            .and_if(readable, Readiness::READABLE)
            .and_if(room || failed, Readiness::WRITABLE)
            .and_if(failed, Readiness::ERROR)
    }

    /// Posts a notice if there is something to report: what happens inside of a
    /// call has no packet of its own.
    pub(super) fn announce(&mut self, context: Context<'_>) {
        if self.token.is_none() || self.is_noticed || self.readiness() == Readiness::default() {
            return;
        }
        let owner = Arc::into_raw(Arc::clone(context.pipe));
        let port = context.selector.port();
        match port.post(PacketKind::PipeNotice, owner.cast()) {
            Ok(()) => self.is_noticed = true,
            Err(error) => {
                crate::log::warn_user!("readiness of a named pipe can't be reported: {error}");
                // SAFETY: no packet was posted, so the reference is still ours.
                drop(unsafe { Arc::from_raw(owner) });
            }
        }
    }

    /// Begins what a registration asks for: a connect that was put off, or else
    /// reading ahead.
    pub(super) fn begin(&mut self, context: Context<'_>) {
        match self.connect {
            Connect::Wanted => self.connect_later(context),
            _ => self.read_ahead(context),
        }
    }

    /// Waits for a client.
    pub(super) fn connect(&mut self, context: Context<'_>) -> io::Result<()> {
        match &mut self.connect {
            Connect::Pending => Err(io::ErrorKind::WouldBlock.into()),
            Connect::Retiring { again } => {
                *again = true;
                Err(io::ErrorKind::WouldBlock.into())
            }
            Connect::Idle | Connect::Wanted => self.start_connect(context),
        }
    }

    /// Waits for a client as soon as the pipe is registered: before that, the end
    /// of an operation could not be told.
    pub(super) fn connect_when_registered(&mut self) -> io::Result<()> {
        if overlapped::peek(self.raw_handle()).is_ok() {
            return Ok(());
        }
        self.connect = Connect::Wanted;
        Err(io::ErrorKind::WouldBlock.into())
    }

    /// Starts to wait for a client, if none is there.
    fn start_connect(&mut self, context: Context<'_>) -> io::Result<()> {
        self.connect = Connect::Idle;
        self.connect_error = None;
        context.selector.operation_started();
        // SAFETY: the operation doesn't run, since `connect` was idle, and the
        // handle is this pipe's.
        match unsafe { overlapped::connect(context.pipe, self.raw_handle()) } {
            Ok(()) => {
                self.connect = Connect::Pending;
                Err(io::ErrorKind::WouldBlock.into())
            }
            Err(error) => {
                context.selector.operation_ended();
                // No data: a client was there and is gone; what it wrote is not.
                if is(&error, ERROR_PIPE_CONNECTED) || is(&error, ERROR_NO_DATA) {
                    self.is_connected = true;
                    self.read_ahead(context);
                    self.announce(context);
                }
                match is(&error, ERROR_PIPE_CONNECTED) {
                    true => Ok(()),
                    false => Err(error),
                }
            }
        }
    }

    /// Starts to wait for a client on behalf of an earlier call, which can't be
    /// given the result.
    fn connect_later(&mut self, context: Context<'_>) {
        match self.start_connect(context) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                self.connect_error = Some(error);
                self.announce(context);
            }
            _ => {}
        }
    }

    /// The wait for a client has ended.
    pub(super) fn connect_ended(
        &mut self,
        result: io::Result<usize>,
        context: Context<'_>,
    ) -> Readiness {
        match mem::replace(&mut self.connect, Connect::Idle) {
            Connect::Retiring { again: true } => {
                self.connect_later(context);
                return Readiness::default();
            }
            Connect::Retiring { again: false } => return Readiness::default(),
            _ => {}
        }
        match result {
            Ok(_) => {
                self.is_connected = true;
                self.read_ahead(context);
            }
            Err(error) => self.connect_error = Some(error),
        }
        self.readiness()
    }

    /// Sends the client away, and forgets all about it.
    pub(super) fn disconnect(&mut self, pipe: &Pipe) -> io::Result<()> {
        match overlapped::disconnect(self.raw_handle()) {
            // Nobody is there yet; Windows itself calls that a success.
            Err(error) if !is(&error, ERROR_PIPE_LISTENING) => return Err(error),
            _ => {}
        }
        match self.connect {
            Connect::Pending => {
                pipe.connect.cancel(self.raw_handle());
                self.connect = Connect::Retiring { again: false };
            }
            Connect::Retiring { ref mut again } => *again = false,
            Connect::Idle | Connect::Wanted => self.connect = Connect::Idle,
        }
        match &mut self.read {
            Read::Pending { is_stale, .. } => *is_stale = true,
            other => *other = Read::Idle,
        }
        match &mut self.write {
            Write::Pending { is_stale, .. } => *is_stale = true,
            other => *other = Write::Idle,
        }
        self.is_connected = false;
        self.connect_error = None;
        Ok(())
    }

    /// Fetches bytes with `copy`, which tells how many it took.
    pub(super) fn read(
        &mut self,
        context: Context<'_>,
        copy: impl FnOnce(&[u8]) -> usize,
    ) -> io::Result<usize> {
        match mem::replace(&mut self.read, Read::Idle) {
            Read::Idle => match self.start_read(context) {
                Err(error) if is(&error, ERROR_BROKEN_PIPE) => {
                    self.read = Read::Ended;
                    Ok(0)
                }
                Err(error) if !is(&error, ERROR_PIPE_LISTENING) => Err(error),
                _ => Err(io::ErrorKind::WouldBlock.into()),
            },
            Read::Ready { buffer, next, end } => {
                let count = copy(&buffer[next..end]);
                if next + count < end {
                    let next = next + count;
                    self.read = Read::Ready { buffer, next, end };
                } else {
                    context.pipes().buffers.give(buffer);
                    self.read_ahead(context);
                    self.announce_end(context);
                }
                Ok(count)
            }
            Read::Failed(error) => Err(error),
            Read::Ended => {
                self.read = Read::Ended;
                Ok(0)
            }
            pending @ Read::Pending { .. } => {
                self.read = pending;
                Err(io::ErrorKind::WouldBlock.into())
            }
        }
    }

    /// Starts to read, if nothing was read that is still to be fetched, and if
    /// there can be something to read. What goes wrong is kept for the next call.
    fn read_ahead(&mut self, context: Context<'_>) {
        let is_connecting = matches!(self.connect, Connect::Pending | Connect::Retiring { .. });
        if self.is_retired || is_connecting || !matches!(self.read, Read::Idle) {
            return;
        }
        let Err(error) = self.start_read(context) else {
            return;
        };
        if is(&error, ERROR_BROKEN_PIPE) {
            self.read = Read::Ended;
        } else if is(&error, ERROR_ACCESS_DENIED) {
            // This end was opened for writing only; it has another end.
            self.is_connected = true;
        } else if self.is_connected
            || !(is(&error, ERROR_PIPE_LISTENING) || is(&error, ERROR_PIPE_NOT_CONNECTED))
        {
            self.read = Read::Failed(error);
        }
    }

    /// Announces an end that reading ahead has come upon.
    fn announce_end(&mut self, context: Context<'_>) {
        if matches!(self.read, Read::Ended | Read::Failed(_)) {
            self.announce(context);
        }
    }

    /// Starts to read.
    fn start_read(&mut self, context: Context<'_>) -> io::Result<()> {
        let mut buffer = context.pipes().buffers.for_reading();
        context.selector.operation_started();
        // SAFETY: the operation doesn't run, since `read` was idle, and the handle
        // is this pipe's. The buffer's bytes are on the heap, and nobody touches
        // them as long as `read` is pending, which only the packet ends.
        let result = unsafe { overlapped::read(context.pipe, self.raw_handle(), &mut buffer) };
        match result {
            Ok(()) => {
                self.is_connected = true;
                self.read = Read::Pending {
                    buffer,
                    is_stale: false,
                };
            }
            Err(_) => {
                context.selector.operation_ended();
                context.pipes().buffers.give(buffer);
            }
        }
        result
    }

    /// Reading ahead has ended.
    pub(super) fn read_ended(
        &mut self,
        result: io::Result<usize>,
        context: Context<'_>,
    ) -> Readiness {
        let Read::Pending { buffer, is_stale } = mem::replace(&mut self.read, Read::Idle) else {
            return Readiness::default();
        };
        match result {
            Ok(end) if end > 0 && !is_stale => {
                self.read = Read::Ready {
                    buffer,
                    next: 0,
                    end,
                };
                return Readiness::READABLE;
            }
            Err(error) if !is_stale && is(&error, ERROR_BROKEN_PIPE) => self.read = Read::Ended,
            Err(error) if !is_stale && !is(&error, ERROR_OPERATION_ABORTED) => {
                self.read = Read::Failed(error);
            }
            // An empty message, a client that was sent away, or somebody has
            // cancelled it: go on.
            _ => self.read_ahead(context),
        }
        context.pipes().buffers.give(buffer);
        let has_ended = matches!(self.read, Read::Ended | Read::Failed(_));
        Readiness::default().and_if(has_ended, Readiness::READABLE)
    }

    /// Writes a copy of `pieces` behind the caller's back; gives its length.
    pub(super) fn write<'a>(
        &mut self,
        context: Context<'_>,
        pieces: impl Iterator<Item = &'a [u8]>,
    ) -> io::Result<usize> {
        match mem::replace(&mut self.write, Write::Idle) {
            Write::Idle => {}
            Write::Failed(error) => return Err(error),
            pending @ Write::Pending { .. } => {
                self.write = pending;
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
        let buffer = context.pipes().buffers.holding(pieces);
        let length = buffer.len();
        match self.start_write(buffer, 0, context) {
            Ok(()) => Ok(length),
            Err(error) if is(&error, ERROR_PIPE_LISTENING) => Err(io::ErrorKind::WouldBlock.into()),
            Err(error) => Err(error),
        }
    }

    /// Starts to write what comes after the first `done` bytes.
    fn start_write(
        &mut self,
        buffer: Vec<u8>,
        done: usize,
        context: Context<'_>,
    ) -> io::Result<()> {
        // SAFETY: the operation doesn't run, since `write` was idle, and the
        // handle is this pipe's. The buffer's bytes are on the heap, and nobody
        // touches them as long as `write` is pending, which only the packet ends.
        match unsafe { overlapped::write(context.pipe, self.raw_handle(), &buffer[done..]) } {
            Ok(()) => {
                self.is_connected = true;
                self.write = Write::Pending {
                    buffer,
                    done,
                    is_stale: false,
                };
                Ok(())
            }
            Err(error) => {
                context.pipes().buffers.give(buffer);
                Err(error)
            }
        }
    }

    /// Writing behind has ended.
    pub(super) fn write_ended(
        &mut self,
        result: io::Result<usize>,
        context: Context<'_>,
    ) -> Readiness {
        let write = mem::replace(&mut self.write, Write::Idle);
        let Write::Pending {
            buffer,
            done,
            is_stale,
        } = write
        else {
            return Readiness::default();
        };
        match result {
            Ok(count) if !is_stale && count > 0 && done + count < buffer.len() => {
                match self.start_write(buffer, done + count, context) {
                    Ok(()) => return Readiness::default(),
                    Err(error) => self.write = Write::Failed(error),
                }
            }
            result => {
                context.pipes().buffers.give(buffer);
                match result {
                    Err(error) if !is_stale => self.write = Write::Failed(error),
                    _ => {}
                }
            }
        }
        if self.is_retired {
            // It was kept open for this write.
            self.handle = None;
        }
        Readiness::WRITABLE
    }

    /// The pipe is dropped: ends what may be ended, and closes the handle unless
    /// a write still needs it.
    pub(super) fn retire(&mut self, pipe: &Pipe) {
        self.is_retired = true;
        self.token = None;
        if matches!(self.connect, Connect::Pending | Connect::Retiring { .. }) {
            pipe.connect.cancel(self.raw_handle());
            self.connect = Connect::Retiring { again: false };
        }
        if matches!(self.read, Read::Pending { .. }) {
            pipe.read.cancel(self.raw_handle());
        }
        let is_writing = matches!(self.write, Write::Pending { .. });
        if !is_writing || pipe.write.is_done() {
            self.handle = None;
        }
    }
}

/// Is it this error of the system?
fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error() == Some(code as i32)
}
