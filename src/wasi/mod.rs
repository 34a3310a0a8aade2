//! What only WASI has: descriptors of any kind.

mod source_fd;

pub use self::source_fd::SourceFd;
