//! What only Unix systems have: pipes, and descriptors of any kind.

pub mod pipe;
mod source_fd;

pub use self::source_fd::SourceFd;
