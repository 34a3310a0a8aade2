//! How a named pipe reads ahead; for Windows. `mod.rs` has the state machine.

use std::io;
use std::mem;

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_BROKEN_PIPE, ERROR_OPERATION_ABORTED, ERROR_PIPE_LISTENING,
    ERROR_PIPE_NOT_CONNECTED,
};

use super::state::{is, Connect, Context, PipeState, Read};
use crate::sys::event::Readiness;

impl PipeState {
    /// Passes the bytes that were read to `copy`, which returns how many it has copied.
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

    /// Starts to read if all was copied and there can be something to read. An error is
    /// kept for the next call.
    pub(super) fn read_ahead(&mut self, context: Context<'_>) {
        let is_connecting = matches!(self.connect, Connect::Pending | Connect::Cancelled { .. });
        if self.is_closing || is_connecting || !matches!(self.read, Read::Idle) {
            return;
        }
        let Err(error) = self.start_read(context) else {
            return;
        };
        if is(&error, ERROR_BROKEN_PIPE) {
            self.read = Read::Ended;
        } else if is(&error, ERROR_ACCESS_DENIED) {
            // ERROR_ACCESS_DENIED: this end was opened for writing only; there is another end.
            self.is_connected = true;
        } else if self.is_connected
            || !(is(&error, ERROR_PIPE_LISTENING) || is(&error, ERROR_PIPE_NOT_CONNECTED))
        {
            self.read = Read::Failed(error);
        }
    }

    /// Reports an end or an error of reading ahead.
    fn announce_end(&mut self, context: Context<'_>) {
        if matches!(self.read, Read::Ended | Read::Failed(_)) {
            self.announce(context);
        }
    }

    /// Starts to read.
    fn start_read(&mut self, context: Context<'_>) -> io::Result<()> {
        let mut buffer = context.pipes().buffers.for_reading();
        context.selector.operations().started();
        // SAFETY: the operation is not pending, since `read` was idle, and the handle
        // is this pipe's. The buffer's bytes are on the heap, and nothing touches
        // them as long as `read` is pending, which only the packet ends.
        let result = unsafe {
            context
                .pipe
                .read
                .read(context.pipe, self.raw_handle(), &mut buffer)
        };
        match result {
            Ok(()) => {
                self.is_connected = true;
                self.read = Read::Pending {
                    buffer,
                    is_stale: false,
                };
            }
            Err(_) => {
                context.selector.operations().ended();
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
                // Never beyond the buffer, which is sliced by this.
                let end = end.min(buffer.len());
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
            // An empty message, a client that was disconnected, or a read that was cancelled
            // by other code (ERROR_OPERATION_ABORTED): read on.
            _ => self.read_ahead(context),
        }
        context.pipes().buffers.give(buffer);
        let has_ended = matches!(self.read, Read::Ended | Read::Failed(_));
        Readiness::default().and_if(has_ended, Readiness::READABLE)
    }
}
