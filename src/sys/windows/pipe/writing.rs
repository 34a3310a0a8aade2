//! How a named pipe writes behind; for Windows. `mod.rs` has the state machine.

use std::io;
use std::mem;

use windows_sys::Win32::Foundation::ERROR_PIPE_LISTENING;

use super::state::{is, Context, PipeState, Write};
use crate::sys::event::Readiness;

impl PipeState {
    /// Starts to write a copy of `pieces`, and returns its length.
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
        // SAFETY: the operation is not pending, since `write` was idle, and the
        // handle is this pipe's. The buffer's bytes are on the heap, and nothing
        // touches them as long as `write` is pending, which only the packet ends.
        match unsafe {
            context
                .pipe
                .write
                .write(context.pipe, self.raw_handle(), &buffer[done..])
        } {
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
        if self.is_closing {
            // The handle was kept open for this write.
            self.handle = None;
        }
        Readiness::WRITABLE
    }
}
