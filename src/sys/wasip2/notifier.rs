//! A notifier that does nothing, for WASI preview 2: there is no thread that could notify while
//! a call waits. The selector checks what is pending before each call.

use std::io;
use std::os::fd::RawFd;

/// Nothing.
#[derive(Debug)]
pub(crate) struct Notifier;

impl Notifier {
    /// A notifier.
    #[allow(clippy::unnecessary_wraps)] // others need a descriptor
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    /// A number that poll(2) leaves out.
    #[allow(clippy::unused_self)] // as above
    pub(crate) fn raw_fd(&self) -> RawFd {
        -1
    }

    /// Does nothing.
    pub(crate) fn notify(&self) -> io::Result<()> {
        Ok(())
    }

    /// Does nothing.
    pub(crate) fn drain(&self) -> io::Result<()> {
        Ok(())
    }
}
