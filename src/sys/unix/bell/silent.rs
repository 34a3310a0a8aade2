//! A bell that nobody hears, for WASI preview 2: without threads it can only be rung
//! between two calls, and the selector looks at what is pending before each.

use std::io;
use std::os::fd::RawFd;

/// Nothing.
#[derive(Debug)]
pub(crate) struct Bell;

impl Bell {
    /// A bell.
    #[allow(clippy::unnecessary_wraps)] // others need a descriptor
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    /// What becomes readable when it rings: a number that calls leave out.
    #[allow(clippy::unused_self)] // as above
    pub(crate) fn raw_fd(&self) -> RawFd {
        -1
    }

    /// Nothing to do.
    pub(crate) fn ring(&self) -> io::Result<()> {
        Ok(())
    }

    /// Nothing to do.
    pub(crate) fn silence(&self) -> io::Result<()> {
        Ok(())
    }
}
