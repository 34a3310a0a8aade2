//! How a named pipe waits for a client; for Windows. `mod.rs` has the state machine.
//!
//! `ConnectNamedPipe` fails when there is nothing to wait for, and then posts no packet
//! (<https://learn.microsoft.com/en-us/windows/win32/api/namedpipeapi/nf-namedpipeapi-connectnamedpipe>):
//!
//! - `ERROR_PIPE_CONNECTED`: a client is connected.
//! - `ERROR_NO_DATA`: a client has connected and closed its end. What it wrote can still be
//!   read, and then the end of the pipe. So this is a connection too: consumers call
//!   `connect` again after the event of the first call, and a client that is quick
//!   must not turn that into an error.

use std::io;
use std::mem;

use windows_sys::Win32::Foundation::{ERROR_BROKEN_PIPE, ERROR_NO_DATA, ERROR_PIPE_CONNECTED};

use super::overlapped;
use super::state::{is, Connect, Context, PipeState};
use crate::sys::event::Readiness;

impl PipeState {
    /// Begins the operations of a pipe that was registered: a connect that was called
    /// before, or else reading ahead.
    pub(super) fn begin(&mut self, context: Context<'_>) {
        match self.connect {
            Connect::Wanted => self.connect_for_earlier_call(context),
            _ => self.read_ahead(context),
        }
    }

    /// Waits for a client.
    pub(super) fn connect(&mut self, context: Context<'_>) -> io::Result<()> {
        match &mut self.connect {
            Connect::Pending => Err(io::ErrorKind::WouldBlock.into()),
            Connect::Cancelled { restart } => {
                *restart = true;
                Err(io::ErrorKind::WouldBlock.into())
            }
            Connect::Idle | Connect::Wanted => self.start_connect(context),
        }
    }

    /// Waits for a client as soon as the pipe is registered: before that, there is no port
    /// for the packet of an operation.
    pub(super) fn connect_when_registered(&mut self) -> io::Result<()> {
        match overlapped::peek(self.raw_handle()) {
            Ok(()) => Ok(()),
            // A client has connected and closed its end, as ERROR_NO_DATA of connect.
            Err(error) if is(&error, ERROR_BROKEN_PIPE) => Ok(()),
            Err(_) => {
                self.connect = Connect::Wanted;
                Err(io::ErrorKind::WouldBlock.into())
            }
        }
    }

    /// Starts to wait for a client, unless there is one.
    fn start_connect(&mut self, context: Context<'_>) -> io::Result<()> {
        self.connect = Connect::Idle;
        self.connect_error = None;
        context.selector.operations().started();
        // SAFETY: the operation is not pending, since `connect` was idle, and the
        // handle is this pipe's.
        match unsafe {
            context
                .pipe
                .connect
                .connect(context.pipe, self.raw_handle())
        } {
            Ok(()) => {
                self.connect = Connect::Pending;
                Err(io::ErrorKind::WouldBlock.into())
            }
            Err(error) => {
                context.selector.operations().ended();
                if !is(&error, ERROR_PIPE_CONNECTED) && !is(&error, ERROR_NO_DATA) {
                    return Err(error);
                }
                self.is_connected = true;
                self.read_ahead(context);
                self.announce(context);
                Ok(())
            }
        }
    }

    /// Starts to wait for a client on behalf of an earlier call, to which the result can't
    /// be returned: an error is kept for `take_error`.
    fn connect_for_earlier_call(&mut self, context: Context<'_>) {
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
            Connect::Cancelled { restart: true } => {
                self.connect_for_earlier_call(context);
                return Readiness::default();
            }
            Connect::Cancelled { restart: false } => return Readiness::default(),
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
}
