//! The platform-bound half of the library: one backend for each kind of system,
//! all with the same names. Nothing here is public, and nothing here uses more of
//! the portable half than `Token`, `Interest` and the logging macros.
//!
//! | folder or file | what |
//! |---|---|
//! | `contract.rs` | what a backend owes, as traits |
//! | `source/` | the two ways to keep a source's state: kernel edges, or re-arming |
//! | `buffer.rs` | the buffer of events |
//! | `event.rs` | event for backends without a system type of their own |
//! | `deadline.rs` | timeouts and deadlines: rounding, clamping, waiting in parts |
//! | `names.rs` | the lookup of names by std |
//! | `retry.rs` | backoff, and the queue of what is to be re-armed later |
//! | `unix/` | epoll, kqueue and poll(2), sockets by libc; WASI preview 2 too, with poll(2) |
//! | `windows/` | a completion port with AFD, and sockets by Winsock; named pipes |
//! | `wasip1/` | WASI preview 1: poll_oneoff, and sockets by WasmEdge's extension |
//!
//! To add a backend: write the selector, implement the traits of the contract, and
//! name it where its platform is picked (the table of `unix/mod.rs`, or the
//! `cfg` lines below). A new kind of handle is added to `net/platform/mod.rs` too. The
//! target gets a line in `ci/targets.txt`. The test suite needs no change.

#[allow(dead_code)] // each system fills it in its own way
mod buffer;
pub(crate) mod contract;
#[allow(dead_code)] // a kernel's unit of time is one of several
mod deadline;
#[allow(dead_code)] // not for kernels with edges, and poll(2) doesn't need all of it
mod event;
#[cfg(all(
    feature = "net",
    feature = "lookup",
    not(all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3"))))
))]
pub(crate) mod names;
#[allow(dead_code)] // not for kernels with edges
mod retry;
pub(crate) mod source;

#[cfg(any(unix, target_env = "p2", target_env = "p3"))]
mod unix;
#[cfg(any(unix, target_env = "p2", target_env = "p3"))]
pub(crate) use self::unix::*;

#[cfg(all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3"))))]
mod wasip1;
#[cfg(all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3"))))]
pub(crate) use self::wasip1::*;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use self::windows::*;

#[cfg(not(any(unix, windows, target_os = "wasi")))]
compile_error!("mio_wasi has no backend for this system: it runs on Unix, Windows and WASI");
/// Gives a type nothing. Without it the error above would not be the only one.
#[cfg(not(any(unix, windows, target_os = "wasi")))]
macro_rules! impl_selector_handles {
    ($($any:tt)*) => {};
}
#[cfg(not(any(unix, windows, target_os = "wasi")))]
pub(crate) use impl_selector_handles;

#[allow(unused_imports)] // release builds of kernels with edges leave it to the kernel
pub(crate) use self::source::{already_registered, not_registered};
