//! What a named pipe is doing, step by step; for Windows. See `mod.rs` for the
//! whole picture.

use std::io;
use std::os::windows::io::{AsRawHandle, OwnedHandle, RawHandle};
use std::ptr;
use std::sync::Arc;

use windows_sys::Win32::Foundation::ERROR_PIPE_LISTENING;

use super::{overlapped, Pipe, Pipes};
use crate::sys::event::Readiness;
use crate::sys::windows::completion_port::PacketKind;
use crate::sys::windows::selector::Shared;
use crate::Token;

/// All that changes about a pipe.
pub(super) struct State {
    /// The handle, until it is closed.
    pub(super) handle: Option<OwnedHandle>,
    /// Is the owner gone? Then nothing is started any more.
    pub(super) is_retired: bool,
    /// The token of the registration, if there is one.
    token: Option<Token>,
    /// Where its event of the current select is, see [`Pipes`].
    pub(super) last_event: Option<(usize, usize)>,
    /// Is a notice in the queue of the port?
    pub(super) is_noticed: bool,
    /// Is there another end, as far as we know?
    pub(super) is_connected: bool,
    /// Waiting for a client.
    pub(super) connect: Connect,
    /// Why the last wait for a client failed.
    pub(super) connect_error: Option<io::Error>,
    /// Reading ahead.
    pub(super) read: Read,
    /// Writing behind.
    pub(super) write: Write,
}

/// Waiting for a client.
pub(super) enum Connect {
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
pub(super) enum Read {
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
pub(super) enum Write {
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
    pub(super) fn pipes(&self) -> &Pipes {
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
pub(super) fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error() == Some(code as i32)
}
