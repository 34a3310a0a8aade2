//! Named pipes, made to look ready or not ready; for Windows.
//!
//! The system can't tell whether a named pipe is ready. It can carry out
//! operations in the background, which end with a packet in the completion port.
//! So readiness is played:
//!
//! - **Reading** is done ahead. As soon as a registered pipe has another end, one
//!   read is started into a buffer of ours. When its packet comes the pipe is
//!   readable, and `read` copies out of the buffer; when the buffer is empty the
//!   next read is started. No bytes are lost: a part of a message that did not
//!   fit (`ERROR_MORE_DATA`) is followed by the rest. The end
//!   (`ERROR_BROKEN_PIPE`) is a read of zero bytes.
//! - **Writing** is done behind. `write` copies the bytes, starts a write, and
//!   tells success; until its packet comes, which makes the pipe writable, another
//!   `write` would block. A failure is told by the next `write`.
//! - **Connecting** (waiting for a client) is started by `connect`, and makes the
//!   pipe writable when a client is there.
//!
//! What is done inside of a call, without a packet of its own, is announced by a
//! posted packet: that a pipe is ready when it is registered, for one. So all
//! events come out of the port, and are made at the time when the packet is taken
//! out, from the registration as it is then. A pipe without registration has no
//! event, whatever is still in the queue.
//!
//! Interests don't matter: reading ahead and writing behind are done anyway. Nor
//! are closed flags reported, since a server's pipe is used again for the next
//! client.
//!
//! A pipe is bound to the port of the first selector it is registered with, for
//! as long as it lives; the system has no way back. Operations are only started
//! on bound pipes, so that each of them has a packet.
//!
//! # Memory
//!
//! [`Pipe`] lives in an `Arc` and holds the `OVERLAPPED`s and, in its [`State`],
//! the buffers. Each operation that runs and each notice owns one reference. A
//! pipe that is dropped cancels its connect and its read and closes the handle at
//! once; a write that still runs keeps the handle open until it has ended, so
//! that what was written arrives.

mod buffers;
mod connecting;
mod overlapped;
mod reading;
mod state;
mod writing;

use std::ffi::OsStr;
use std::io::{self, IoSlice, IoSliceMut};
use std::os::windows::io::{AsRawHandle, OwnedHandle, RawHandle};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use self::buffers::BufferPool;
use self::overlapped::{Kind, Operation};
use self::state::{Context, State};
use super::check::lock;
use super::completion_port::{Packet, PacketKind};
use super::selector::{Iocp, Shared};
use crate::sys::event::{Event, Events, Readiness};
use crate::sys::{already_registered, not_registered};
use crate::Token;

/// What a selector has for its named pipes.
#[derive(Debug)]
pub(super) struct Pipes {
    /// Buffers for all of them.
    buffers: BufferPool,
    /// The number of the current select: packets of one pipe that come in the
    /// same select are merged into one event.
    select: AtomicUsize,
}

impl Pipes {
    /// No buffers yet.
    pub(super) fn new() -> Self {
        Self {
            buffers: BufferPool::default(),
            select: AtomicUsize::new(0),
        }
    }

    /// From now on events go into a buffer that was emptied.
    pub(super) fn begin_select(&self) {
        self.select.fetch_add(1, Ordering::Relaxed);
    }
}

/// A pipe: what its owner, its operations and its notices share.
pub(super) struct Pipe {
    /// What changes.
    state: Mutex<State>,
    /// Waiting for a client.
    connect: Operation,
    /// Reading ahead.
    read: Operation,
    /// Writing behind.
    write: Operation,
}

/// One end of a named pipe, with its registration.
pub(crate) struct PipeEnd {
    /// Shared with what runs in the background.
    pipe: Arc<Pipe>,
    /// The selector that the pipe is bound to. `Pipe` doesn't hold it, so this is
    /// no cycle.
    selector: Option<Arc<Shared>>,
}

impl PipeEnd {
    /// Makes the first instance of a pipe, for a server.
    pub(crate) fn create(name: &OsStr) -> io::Result<Self> {
        overlapped::create(name).map(Self::from)
    }

    /// Binds the pipe if it isn't, and reports it from now on.
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
        state.name(token);
        state.begin(context);
        state.announce(context);
        Ok(())
    }

    /// Changes the token, and reports what is ready once more.
    pub(crate) fn reregister(&mut self, selector: &Iocp, token: Token) -> io::Result<()> {
        let mut state = self.registered_with(selector)?;
        state.name(token);
        state.announce(Context {
            pipe: &self.pipe,
            selector: selector.shared(),
        });
        Ok(())
    }

    /// Reports nothing from now on. What runs in the background goes on.
    pub(crate) fn deregister(&mut self, selector: &Iocp) -> io::Result<()> {
        self.registered_with(selector)?.forget();
        Ok(())
    }

    /// The state, if the pipe is registered with this selector.
    fn registered_with(&self, selector: &Iocp) -> io::Result<MutexGuard<'_, State>> {
        let state = lock(&self.pipe.state);
        match &self.selector {
            Some(bound) if state.token().is_some() => match Arc::ptr_eq(bound, selector.shared()) {
                true => Ok(state),
                false => Err(already_registered()),
            },
            _ => Err(not_registered()),
        }
    }

    /// Waits for a client; would block until one is there.
    pub(crate) fn connect(&self) -> io::Result<()> {
        let mut state = lock(&self.pipe.state);
        match self.context() {
            Some(context) => state.connect(context),
            None => state.connect_when_registered(),
        }
    }

    /// Sends the client away.
    pub(crate) fn disconnect(&self) -> io::Result<()> {
        lock(&self.pipe.state).disconnect(&self.pipe)
    }

    /// Takes the error of the last wait for a client.
    pub(crate) fn take_error(&self) -> Option<io::Error> {
        lock(&self.pipe.state).connect_error.take()
    }

    /// Fetches bytes that were read ahead.
    pub(crate) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_vectored(&mut [IoSliceMut::new(buffer)])
    }

    /// Fetches bytes that were read ahead, into one buffer after the other.
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

    /// What the state works with, if the pipe is bound.
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
            pipe: Arc::new(Pipe {
                state: Mutex::new(State::new(handle)),
                connect: Operation::new(Kind::Connect),
                read: Operation::new(Kind::Read),
                write: Operation::new(Kind::Write),
            }),
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
        lock(&self.pipe.state).retire(&self.pipe);
    }
}

/// Handles the end of an operation.
///
/// # Safety
///
/// The packet is of the kind `PipeOperation`, and was just taken out of the queue.
pub(super) unsafe fn operation_ended(selector: &Shared, packet: &Packet, filled: &mut Events) {
    // SAFETY: this function's contract is the same.
    let (pipe, kind, result) = unsafe { Operation::ended(packet) };
    let context = Context {
        pipe: &pipe,
        selector,
    };
    let mut state = lock(&pipe.state);
    let readiness = match kind {
        Kind::Connect => {
            selector.operation_ended();
            state.connect_ended(result, context)
        }
        Kind::Read => {
            selector.operation_ended();
            state.read_ended(result, context)
        }
        Kind::Write => state.write_ended(result, context),
    };
    report(&mut state, readiness, selector, filled);
}

/// Handles a notice.
///
/// # Safety
///
/// The packet is of the kind `PipeNotice`, and was just taken out of the queue.
pub(super) unsafe fn noticed(selector: &Shared, packet: &Packet, filled: &mut Events) {
    // SAFETY: `State::announce` has given up an `Arc` of this type for this
    // packet, and a packet leaves the queue only once.
    let pipe: Arc<Pipe> = unsafe { Arc::from_raw(packet.pointer().cast_const().cast()) };
    let mut state = lock(&pipe.state);
    state.is_noticed = false;
    let readiness = state.readiness();
    report(&mut state, readiness, selector, filled);
}

/// Makes an event for a registered pipe, or adds to the one it has.
fn report(state: &mut State, readiness: Readiness, selector: &Shared, filled: &mut Events) {
    let Some(token) = state.token() else { return };
    if readiness == Readiness::default() {
        return;
    }
    let select = selector.pipes().select.load(Ordering::Relaxed);
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

/// Copies bytes into one buffer after the other; gives how many.
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
