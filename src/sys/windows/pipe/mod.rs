//! Named pipes: readiness emulated by overlapped operations; for Windows.
//!
//! Windows has no readiness of named pipes. It has overlapped operations: started by a call,
//! carried out in the background, and ended with a packet in the completion port
//! (<https://learn.microsoft.com/en-us/windows/win32/ipc/synchronous-and-overlapped-input-and-output>).
//! A pipe has at most one of each kind at a time, and a state machine for each:
//!
//! ```text
//! connect (`connecting.rs`):
//!     Idle ── connect ──────────────────► Pending ── packet ──► Idle, writable
//!      │                                   ▲   │
//!      │ connect, but not registered       │   │ disconnect or drop: cancel
//!      ▼                                   │   ▼
//!     Wanted ── register ──────────────────┘ Cancelled ── packet ──► Idle, or Pending if
//!                                                         connect was called meanwhile
//! read ahead (`reading.rs`):
//!     Idle ── start ──► Pending ── packet ──► Ready, readable ── all was copied ──► Idle
//!                          ├── ERROR_BROKEN_PIPE ──► Ended, readable
//!                          └── another error ──────► Failed, readable ── returned ──► Idle
//!
//! write behind (`writing.rs`):
//!     Idle ── write ──► Pending ── packet ──► Idle, writable
//!                          └── error ──► Failed, writable ── returned ──► Idle
//! ```
//!
//! - A read is started as soon as a registered pipe has another end. `read` copies out of
//!   its buffer, and starts the next one when all was copied. A part of a message that did
//!   not fit (`ERROR_MORE_DATA`) is followed by the rest. `Ended` is a read of zero bytes.
//! - `write` copies the bytes, starts a write, and succeeds. Another `write` would block
//!   until it has ended. `Failed` is the result of the next `read` or `write`.
//! - A write or read that was started before the client was disconnected is *stale*: its
//!   result is dropped.
//! - Closing the handle cancels a write that is pending, so the handle of a dropped pipe
//!   stays open until its write has ended: what was written arrives.
//!
//! What happens inside of a call has no packet of its own: that a pipe is ready when it is
//! registered, for example. Then a packet is posted (`PipeState::announce`). So all
//! events come out of the port, and are made when the packet is taken
//! out, from the registration as it is then. A pipe without registration has no
//! event, whatever is still in the queue.
//!
//! Interests don't matter: both directions are always reported. Closed flags are not
//! reported, since a server's pipe is reused for the next client.
//!
//! A pipe is bound to the port of the first selector it is registered with, for
//! as long as it exists: the system can't undo it. Operations are only started
//! on bound pipes, so that each of them has a packet.
//!
//! # Memory
//!
//! [`Pipe`] lives in an `Arc` and holds the `OVERLAPPED`s and, in its [`PipeState`],
//! the buffers. Each pending operation and each posted packet owns one reference, so the
//! kernel never writes to memory that was freed. A pipe that is dropped cancels its connect
//! and its read.

mod buffers;
mod connecting;
mod overlapped;
mod reading;
mod state;
mod writing;

pub(super) use self::buffers::Pipes;

use std::ffi::OsStr;
use std::io::{self, IoSlice, IoSliceMut};
use std::os::windows::io::{AsRawHandle, OwnedHandle, RawHandle};
use std::sync::{Arc, MutexGuard};

use self::overlapped::{Kind, Operation};
use self::state::{Context, Pipe, PipeState};
use super::check::lock;
use super::completion_port::{Packet, PacketKind};
use super::shared::{Iocp, Shared};
use crate::sys::event::{Event, Events, Readiness};
use crate::sys::{already_registered, not_registered};
use crate::Token;

/// One end of a named pipe, with its registration.
pub(crate) struct PipeEnd {
    /// Shared with its operations.
    pipe: Arc<Pipe>,
    /// The selector that the pipe is bound to. `Pipe` doesn't hold it, so this is
    /// no reference cycle.
    selector: Option<Arc<Shared>>,
}

impl PipeEnd {
    /// Makes the first instance of a pipe, for a server.
    pub(crate) fn create(name: &OsStr) -> io::Result<Self> {
        overlapped::create(name).map(Self::from)
    }

    /// Registers the pipe, and binds it if it isn't bound.
    pub(crate) fn register(&mut self, selector: &Iocp, token: Token) -> io::Result<()> {
        let mut state = lock(&self.pipe.state);
        match &self.selector {
            Some(bound) if !Arc::ptr_eq(bound, selector.shared()) => {
                return Err(already_registered())
            }
            Some(_) if state.token().is_some() => return Err(already_registered()),
            Some(_) => {}
            None => {
                let port = selector.shared().port();
                port.associate(state.raw_handle(), PacketKind::PipeOperation)?;
                self.selector = Some(Arc::clone(selector.shared()));
            }
        }
        let context = Context {
            pipe: &self.pipe,
            selector: selector.shared(),
        };
        state.set_token(token);
        state.begin(context);
        state.announce(context);
        Ok(())
    }

    /// Changes the token, and reports readiness that was reported.
    pub(crate) fn reregister(&mut self, selector: &Iocp, token: Token) -> io::Result<()> {
        let mut state = self.registered_with(selector)?;
        state.set_token(token);
        state.announce(Context {
            pipe: &self.pipe,
            selector: selector.shared(),
        });
        Ok(())
    }

    /// Ends the registration. Pending operations go on.
    pub(crate) fn deregister(&mut self, selector: &Iocp) -> io::Result<()> {
        self.registered_with(selector)?.clear_token();
        Ok(())
    }

    /// The state, if the pipe is registered with this selector.
    fn registered_with(&self, selector: &Iocp) -> io::Result<MutexGuard<'_, PipeState>> {
        let state = lock(&self.pipe.state);
        match &self.selector {
            Some(bound) if state.token().is_some() => match Arc::ptr_eq(bound, selector.shared()) {
                true => Ok(state),
                false => Err(already_registered()),
            },
            _ => Err(not_registered()),
        }
    }

    /// Waits for a client in the background; would block until there is one.
    pub(crate) fn connect(&self) -> io::Result<()> {
        let mut state = lock(&self.pipe.state);
        match self.context() {
            Some(context) => state.connect(context),
            None => state.connect_when_registered(),
        }
    }

    /// Ends the connection of the client.
    pub(crate) fn disconnect(&self) -> io::Result<()> {
        lock(&self.pipe.state).disconnect(&self.pipe)
    }

    /// Takes the error of the last wait for a client.
    pub(crate) fn take_error(&self) -> Option<io::Error> {
        lock(&self.pipe.state).connect_error.take()
    }

    /// Copies bytes that were read ahead.
    pub(crate) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_vectored(&mut [IoSliceMut::new(buffer)])
    }

    /// Copies bytes that were read ahead into one buffer after the other.
    pub(crate) fn read_vectored(&self, buffers: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let context = self.context().ok_or(io::ErrorKind::WouldBlock)?;
        if buffers.iter().all(|buffer| buffer.is_empty()) {
            return Ok(0);
        }
        lock(&self.pipe.state).read(context, |bytes| scatter(bytes, buffers))
    }

    /// Writes a copy of the bytes in the background.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    /// Writes a copy of all the bytes in the background, as one piece.
    pub(crate) fn write_vectored(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let context = self.context().ok_or(io::ErrorKind::WouldBlock)?;
        lock(&self.pipe.state).write(context, pieces.iter().map(|piece| &**piece))
    }

    /// The context of state changes, if the pipe is bound.
    fn context(&self) -> Option<Context<'_>> {
        self.selector.as_ref().map(|selector| Context {
            pipe: &self.pipe,
            selector,
        })
    }
}

impl From<OwnedHandle> for PipeEnd {
    fn from(handle: OwnedHandle) -> Self {
        Self {
            pipe: Arc::new(Pipe::new(handle)),
            selector: None,
        }
    }
}

impl AsRawHandle for PipeEnd {
    fn as_raw_handle(&self) -> RawHandle {
        lock(&self.pipe.state).raw_handle()
    }
}

impl Drop for PipeEnd {
    fn drop(&mut self) {
        lock(&self.pipe.state).close(&self.pipe);
    }
}

/// Handles the end of an operation.
///
/// # Safety
///
/// The packet is of the kind `PipeOperation`, and was just taken out of the queue.
pub(super) unsafe fn operation_ended(selector: &Shared, packet: &Packet, filled: &mut Events) {
    // SAFETY: this function's contract is the same.
    let (pipe, kind, result) = unsafe { Operation::<Pipe>::ended(packet) };
    let context = Context {
        pipe: &pipe,
        selector,
    };
    let mut state = lock(&pipe.state);
    let readiness = match kind {
        Kind::Connect => {
            selector.operations().ended();
            state.connect_ended(result, context)
        }
        Kind::Read => {
            selector.operations().ended();
            state.read_ended(result, context)
        }
        Kind::Write => state.write_ended(result, context),
    };
    report(&mut state, readiness, selector, filled);
}

/// Handles a packet that was posted to report readiness.
///
/// # Safety
///
/// The packet is of the kind `PipeNotice`, and was just taken out of the queue.
pub(super) unsafe fn announced(selector: &Shared, packet: &Packet, filled: &mut Events) {
    // SAFETY: `PipeState::announce` has given up an `Arc` of this type for this
    // packet, and a packet leaves the queue only once.
    let pipe: Arc<Pipe> = unsafe { Arc::from_raw(packet.pointer().cast_const().cast()) };
    let mut state = lock(&pipe.state);
    state.is_announced = false;
    let readiness = state.readiness();
    report(&mut state, readiness, selector, filled);
}

/// Makes an event for a registered pipe, or adds flags to the one it has in this select.
fn report(state: &mut PipeState, readiness: Readiness, selector: &Shared, filled: &mut Events) {
    let Some(token) = state.token() else { return };
    if readiness == Readiness::default() {
        return;
    }
    let select = selector.pipes().select();
    let present = state
        .last_event
        .filter(|(earlier, _)| *earlier == select)
        .and_then(|(_, index)| filled.get_mut(index));
    match present {
        Some(event) => event.add(readiness),
        None => {
            let index = filled.push(Event::new(token, readiness));
            state.last_event = index.map(|index| (select, index));
        }
    }
}

/// Copies bytes into one buffer after the other, and returns how many.
fn scatter(mut bytes: &[u8], buffers: &mut [IoSliceMut<'_>]) -> usize {
    let mut copied = 0;
    for buffer in buffers {
        let count = bytes.len().min(buffer.len());
        buffer[..count].copy_from_slice(&bytes[..count]);
        bytes = &bytes[count..];
        copied += count;
    }
    copied
}
