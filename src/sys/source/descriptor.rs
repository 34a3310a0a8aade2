//! Registering descriptors by their number, with nothing kept beside them; for
//! Unix and WASI.

use std::io;
use std::os::fd::RawFd;

use crate::sys::contract::Selector;
use crate::{Interest, Token};

/// A selector that identifies a registration by the descriptor alone.
pub(crate) trait DescriptorSelector: Selector {
    /// Starts to watch a descriptor.
    fn register(&self, fd: RawFd, token: Token, interests: Interest) -> io::Result<()>;
    /// Replaces token and interests of a descriptor.
    fn reregister(&self, fd: RawFd, token: Token, interests: Interest) -> io::Result<()>;
    /// Stops watching a descriptor.
    fn deregister(&self, fd: RawFd) -> io::Result<()>;
}
