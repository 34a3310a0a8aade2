//! What Unix and WASI preview 2 share: sockets by libc, and poll(2).
//!
//! | file | what |
//! |---|---|
//! | `new_fd.rs` | new descriptors, non-blocking and closed on exec |
//! | `system.rs` | calls, flags and options that only some systems have |
//! | `addr.rs`, `option.rs`, `blocking.rs`, `check.rs` | addresses, options, O_NONBLOCK, results |
//! | `tcp.rs`, `udp.rs` | sockets |
//! | `raw_poll.rs` | the system call poll(2) |
//! | `poll/` | the selector that is made of it |
//! | `platform.rs` | what Unix and WASI preview 2 bring to these files |

pub(super) mod addr;
pub(super) mod blocking;
pub(super) mod check;
pub(super) mod new_fd;
pub(super) mod option;
mod platform;
#[cfg_attr(unix, allow(dead_code, unused_imports, unused_macros))] // by systems with a better one
pub(super) mod poll;
pub(super) mod raw_poll;
pub(super) mod system;
#[cfg(feature = "net")]
pub(crate) mod tcp;
#[cfg(feature = "net")]
pub(crate) mod udp;

pub(crate) use std::os::fd::{AsRawFd as AsRawSource, RawFd as RawSource};

/// The descriptor of an object.
pub(crate) fn raw(source: &impl AsRawSource) -> RawSource {
    source.as_raw_fd()
}
