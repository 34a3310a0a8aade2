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
//! | `net/` | sockets: the types that stand in for std's |
//!
//! `wasm32-wasip1` has no threads; `wasm32-wasip1-threads` is not supported: a wake
//! from another thread would not end a wait. The locks in here are for the `Send` and
//! `Sync` that the API promises, and cost next to nothing.

mod host;
#[cfg(feature = "net")]
mod net;
mod selector;
mod source;
mod waker;

#[cfg(all(feature = "net", feature = "lookup"))]
pub(crate) use self::net::names;
#[cfg(feature = "net")]
pub(crate) use self::net::{tcp, udp, uds};
pub(crate) use self::selector::{PollOneoff as Selector, SourceState};
pub(crate) use self::source::{raw, AsRawSource, RawSource};
pub(crate) use self::waker::Waker;
pub(crate) use super::event::{Event, Events};

/// Nothing: this selector has no descriptor.
macro_rules! impl_selector_handles {
    ($type:ident, |$value:ident| $selector:expr) => {};
}
pub(crate) use impl_selector_handles;
