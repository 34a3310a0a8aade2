//! The state of a named pipe: its registration, and where its three operations are; for
//! Windows. `mod.rs` has the state machines.

use std::io;
use std::os::windows::io::{AsRawHandle, OwnedHandle, RawHandle};
use std::ptr;
use std::sync::{Arc, Mutex};

use windows_sys::Win32::Foundation::ERROR_PIPE_LISTENING;

use super::buffers::Pipes;
use super::overlapped::{self, Kind, Operation};
use crate::sys::event::Readiness;
use crate::sys::windows::completion_port::PacketKind;
use crate::sys::windows::shared::Shared;
use crate::Token;

/// A pipe: the state that its owner, its operations and its posted packets share.
pub(super) struct Pipe {
    /// The part that changes.
    pub(super) state: Mutex<PipeState>,
    /// The wait for a client.
    pub(super) connect: Operation<Self>,
    /// The read ahead.
    pub(super) read: Operation<Self>,
    /// The write behind.
    pub(super) write: Operation<Self>,
}

impl Pipe {
    /// A pipe without operations.
    pub(super) fn new(handle: OwnedHandle) -> Self {
        Self {
            state: Mutex::new(PipeState::new(handle)),
            connect: Operation::new(Kind::Connect),
            read: Operation::new(Kind::Read),
            write: Operation::new(Kind::Write),
        }
    }
}

/// The part of a pipe that changes.
pub(super) struct PipeState {
    /// The handle, until it is closed.
    pub(super) handle: Option<OwnedHandle>,
    /// Was the pipe dropped? Then nothing is started any more.
    pub(super) is_closing: bool,
    /// The token of the registration, if there is one.
    token: Option<Token>,
    /// The select and the index of its last event, see [`Pipes`].
    pub(super) last_event: Option<(usize, usize)>,
    /// Is a packet in the queue that was posted to report readiness?
    pub(super) is_announced: bool,
    /// Is another end known to be there?
    pub(super) is_connected: bool,
    /// The wait for a client.
    pub(super) connect: Connect,
    /// Why the last wait for a client failed.
    pub(super) connect_error: Option<io::Error>,
    /// The read ahead.
    pub(super) read: Read,
    /// The write behind.
    pub(super) write: Write,
}

/// The wait for a client.
pub(super) enum Connect {
    /// Not waiting.
    Idle,
    /// To be started when the pipe is registered for the first time.
    Wanted,
    /// The operation is pending.
    Pending,
    /// The operation was cancelled, and its packet is still to come.
    Cancelled {
        /// Is another one to be started then?
        restart: bool,
    },
}

/// The read ahead.
pub(super) enum Read {
    /// Not reading.
    Idle,
    /// The operation is pending and owns the buffer's bytes.
    Pending {
        /// The bytes to be read into.
        buffer: Vec<u8>,
        /// Was its client disconnected?
        is_stale: bool,
    },
    /// There are bytes to be copied.
    Ready {
        /// The buffer.
        buffer: Vec<u8>,
        /// The first that was not copied yet.
        next: usize,
        /// The end of those that were read.
        end: usize,
    },
    /// It has failed, which the next call returns.
    Failed(io::Error),
    /// The other end is closed, and all was copied.
    Ended,
}

/// The write behind.
pub(super) enum Write {
    /// Not writing.
    Idle,
    /// The operation is pending and owns the buffer's bytes.
    Pending {
        /// The bytes to be written.
        buffer: Vec<u8>,
        /// How many of them were written by operations before.
        done: usize,
        /// Was its client disconnected?
        is_stale: bool,
    },
    /// It has failed, which the next call returns.
    Failed(io::Error),
}

/// What state changes need of the pipe and its selector.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// The pipe whose state it is.
    pub(super) pipe: &'a Arc<Pipe>,
    /// The selector that the pipe is bound to.
    pub(super) selector: &'a Shared,
}

impl Context<'_> {
    /// The buffers of the selector.
    pub(super) fn pipes(&self) -> &Pipes {
        self.selector.pipes()
    }
}

impl PipeState {
    /// A pipe without operations.
    pub(super) fn new(handle: OwnedHandle) -> Self {
        Self {
            handle: Some(handle),
            is_closing: false,
            token: None,
            last_event: None,
            is_announced: false,
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
    pub(super) fn set_token(&mut self, token: Token) {
        self.token = Some(token);
        // Other events must not be merged into one of the old token.
        self.last_event = None;
    }

    /// Ends the registration.
    pub(super) fn clear_token(&mut self) {
        self.token = None;
    }

    /// The readiness now, for a registration that is new or has changed.
    pub(super) fn readiness(&self) -> Readiness {
        let readable = matches!(
            self.read,
            Read::Ready { .. } | Read::Failed(_) | Read::Ended
        );
        let has_space = match self.write {
            Write::Idle => self.is_connected,
            Write::Pending { .. } => false,
            Write::Failed(_) => true,
        };
        let failed = self.connect_error.is_some();
        Readiness::default()
            .and_if(readable, Readiness::READABLE)
            .and_if(has_space || failed, Readiness::WRITABLE)
            .and_if(failed, Readiness::ERROR)
    }

    /// Posts a packet if there is readiness to report: what happens inside of a
    /// call has no packet of its own.
    pub(super) fn announce(&mut self, context: Context<'_>) {
        if self.token.is_none() || self.is_announced || self.readiness() == Readiness::default() {
            return;
        }
        let owner = Arc::into_raw(Arc::clone(context.pipe));
        let port = context.selector.port();
        match port.post(PacketKind::PipeNotice, owner.cast()) {
            Ok(()) => self.is_announced = true,
            Err(error) => {
                crate::log::warn_user!("readiness of a named pipe can't be reported: {error}");
                // SAFETY: no packet was posted, so the reference is still ours.
                drop(unsafe { Arc::from_raw(owner) });
            }
        }
    }

    /// Ends the connection of the client, and drops what was read or failed.
    pub(super) fn disconnect(&mut self, pipe: &Pipe) -> io::Result<()> {
        match overlapped::disconnect(self.raw_handle()) {
            // There is no client, and nothing to disconnect. Windows succeeds; Wine fails
            // (server/named_pipe.c, FSCTL_PIPE_DISCONNECT; seen in 8.0).
            Err(error) if !is(&error, ERROR_PIPE_LISTENING) => return Err(error),
            _ => {}
        }
        match self.connect {
            Connect::Pending => {
                pipe.connect.cancel(self.raw_handle());
                self.connect = Connect::Cancelled { restart: false };
            }
            Connect::Cancelled { ref mut restart } => *restart = false,
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

    /// The pipe is dropped: cancels its connect and its read, and closes the handle unless
    /// a write is pending.
    pub(super) fn close(&mut self, pipe: &Pipe) {
        self.is_closing = true;
        self.token = None;
        if matches!(self.connect, Connect::Pending | Connect::Cancelled { .. }) {
            pipe.connect.cancel(self.raw_handle());
            self.connect = Connect::Cancelled { restart: false };
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

/// Has it this code of the system?
pub(super) fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error() == Some(code as i32)
}
