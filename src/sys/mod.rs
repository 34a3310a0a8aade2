//! The platform-bound half of the library: one backend for each kind of system,
//! all with the same names. Nothing here is public, and nothing here uses more of
//! the portable half than `Token`, `Interest` and the logging macros.
//!
//! | folder or file | what |
//! |---|---|
//! | `contract.rs` | what a backend owes, as traits |
//! | `source/` | the registration of a source that I/O re-arms, and registration by a number |
//! | `event.rs` | the buffer of events, and the event of backends without a system type of their own |
//! | `deadline.rs` | timeouts and deadlines: rounding, clamping, waiting in parts |
//! | `retry.rs` | backoff, and the queue of what is to be re-armed after a delay |
//! | `posix/` | what Unix and WASI preview 2 share: sockets by libc, poll(2) |
//! | `unix/` | epoll, kqueue, wakers, Unix sockets, pipes |
//! | `wasip2/` | WASI preview 2: the poll(2) of its libc, and types in place of std's |
//! | `windows/` | a completion port with AFD, and sockets by Winsock; named pipes |
//! | `wasip1/` | WASI preview 1: poll_oneoff, and sockets by WasmEdge's extension |
//! | `picked.rs` | fails to compile when the backend lacks something |
//!
//! To add a backend: write the selector, implement the traits of the contract, and
//! name it where its platform is picked (the table of `unix/mod.rs`, or the
//! `cfg` lines below). A new kind of handle is added to `net/platform/mod.rs` too. The
//! target gets a line in `ci/targets.txt`. The test suite needs no change.
//!
//! The target of WASI preview 1 has no `target_env` of its own, or an empty one: it is WASI
//! without that of a later preview. All other systems get a compile error.

pub(crate) mod contract;
#[allow(dead_code)] // a kernel's unit of time is one of several
mod deadline;
#[allow(dead_code)] // each backend fills the buffer in its own way
mod event;
mod picked;
#[allow(dead_code)] // Windows has no delays that double
mod retry;
pub(crate) mod source;

#[cfg(any(unix, target_env = "p2", target_env = "p3"))]
mod posix;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use self::unix::*;

#[cfg(any(target_env = "p2", target_env = "p3"))]
mod wasip2;
#[cfg(any(target_env = "p2", target_env = "p3"))]
pub(crate) use self::wasip2::*;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use self::windows::*;

#[cfg(all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3"))))]
mod wasip1;
#[cfg(not(any(unix, windows, target_env = "p2", target_env = "p3")))]
pub(crate) use self::wasip1::*;

// In this module, so that names that are missing in it are no further errors.
#[cfg(not(any(unix, windows, target_os = "wasi")))]
compile_error!("mio_wasi has no backend for this system: it runs on Unix, Windows and WASI");
#[cfg(not(any(unix, windows, target_os = "wasi")))]
mod none {
    /// Implements nothing. Without it the error above would not be the only one.
    macro_rules! impl_selector_handles {
        ($($any:tt)*) => {};
    }
    pub(crate) use impl_selector_handles;
}
#[cfg(not(any(unix, windows, target_os = "wasi")))]
pub(crate) use self::none::*;

pub(crate) use self::source::{already_registered, not_registered};
