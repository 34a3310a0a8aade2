//! WASI preview 1: waits with `poll_oneoff`; sockets by the standard calls and,
//! with the feature `wasmedge`, by the socket extension of WasmEdge.
//!
//! How the host behaves was observed on WasmEdge 0.14.1 and 0.17.1 (Linux); where a line
//! handles a quirk it says so in a comment. `QUIRKS.md` lists them all, with the tests
//! that provoke them.
//!
//! | file | what |
//! |---|---|
//! | `host/` | every call of the host, in safe functions |
//! | `selector/` | the selector and its table of registrations |
//! | `waker.rs` | a mark that the next select sees |
//! | `socket.rs` | a socket of the host: what all kinds have in common |
//! | `addr.rs` | addresses as the host has them |
//! | `tcp.rs`, `udp.rs` | the types that stand in for std's |
//! | `uds/` | the same for Unix sockets, and their addresses |
//!
//! `wasm32-wasip1` has no threads; `wasm32-wasip1-threads` is not supported: a wake
//! from another thread would not end a wait. The locks in here are for the `Send` and
//! `Sync` that the API promises, and cost next to nothing.

mod host;
mod selector;
mod source;
mod waker;

#[cfg(feature = "net")]
mod addr;
#[cfg(all(feature = "net", feature = "lookup"))]
pub(crate) mod names;
#[cfg(feature = "net")]
mod socket;
#[cfg(feature = "net")]
pub(crate) mod tcp;
#[cfg(feature = "net")]
pub(crate) mod udp;
#[cfg(feature = "net")]
pub(crate) mod uds;

pub(crate) use self::selector::{PollOneoff as Selector, SourceState};
pub(crate) use self::source::{raw, AsRawSource, RawSource};
pub(crate) use self::waker::Waker;
pub(crate) use super::event::{Event, Events};

/// Nothing: this selector has no descriptor.
macro_rules! impl_selector_handles {
    ($type:ident, |$value:ident| $selector:expr) => {};
}
pub(crate) use impl_selector_handles;
