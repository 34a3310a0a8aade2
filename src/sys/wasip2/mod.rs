//! WASI preview 2: poll(2) and the sockets of wasi-libc. There are no pipes, Unix sockets,
//! threads and processes. Preview 3 has the same libc, and takes the same way.
//!
//! | file | what |
//! |---|---|
//! | `poll_call.rs` | the call of poll(2), which differs from a kernel's |
//! | `active_set.rs` | which descriptors are polled between polls of all |
//! | `turns.rs` | turns of descriptors where more are ready than a call reports |
//! | `parts.rs` | which descriptors are polled before all are |
//! | `listed.rs` | the list of one call |
//! | `closing.rs` | streams that are closed when everything is sent |
//! | `notifier.rs` | a notifier that does nothing: there are no threads |
//! | `socket.rs` | what both types of sockets need |
//! | `stream.rs`, `datagram.rs` | the types that stand in for std's |

mod active_set;
mod closing;
mod listed;
pub(super) mod notifier;
mod parts;
pub(super) mod poll_call;
mod turns;

#[cfg(feature = "net")]
mod datagram;
#[cfg(feature = "net")]
mod socket;
#[cfg(feature = "net")]
mod stream;

/// The types of sockets.
#[cfg(feature = "net")]
pub(super) mod types {
    pub(crate) use super::datagram::{bound, only_v6, Socket};
    pub(crate) use super::stream::{accepted, connecting, Stream};
}

pub(super) use self::notifier::Notifier;

pub(crate) use super::posix::poll::{
    impl_selector_handles, Event, Events, Selector, SourceState, Waker,
};
pub(crate) use super::posix::{raw, AsRawSource, RawSource};
#[cfg(feature = "net")]
pub(crate) use super::posix::{tcp, udp};
