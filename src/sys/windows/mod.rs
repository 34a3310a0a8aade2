//! Windows: readiness from a completion port and AFD, sockets by Winsock and
//! std, named pipes by overlapped operations.
//!
//! | file | what |
//! |---|---|
//! | `completion_port.rs` | the queue of packets that a select waits for |
//! | `afd.rs` | readiness requests to the socket driver |
//! | `conditions.rs` | which conditions of a socket are armed, and how they are reported |
//! | `socket.rs`, `registration.rs` | one socket's request to AFD, and its registration |
//! | `selector.rs` | the loop of a select |
//! | `shared.rs`, `operations.rs` | the state that handles and registrations share, and the part of it that operations need |
//! | `updates.rs` | sockets whose request has to follow a change, at once or after a delay |
//! | `event.rs` | the caller's buffer |
//! | `waker.rs` | wakes by a posted packet |
//! | `base_socket.rs` | the socket below layered providers |
//! | `check.rs` | results of system calls, and locks |
//! | `tcp.rs`, `udp.rs`, `addr.rs`, `winsock.rs` | making sockets |
//! | `pipe/` | named pipes |

mod afd;
mod base_socket;
mod check;
mod completion_port;
mod conditions;
mod event;
mod operations;
pub(crate) mod pipe;
mod registration;
mod selector;
mod shared;
mod socket;
mod updates;
mod waker;

#[cfg(feature = "net")]
mod addr;
#[cfg(feature = "net")]
pub(crate) mod tcp;
#[cfg(feature = "net")]
pub(crate) mod udp;
#[cfg(feature = "net")]
mod winsock;

pub(crate) use self::event::Events;
pub(crate) use self::registration::SourceState;
pub(crate) use self::shared::Iocp as Selector;
pub(crate) use self::waker::Waker;
pub(crate) use super::event::Event;
pub(crate) use std::os::windows::io::{AsRawSocket as AsRawSource, RawSocket as RawSource};

/// The socket of an object.
pub(crate) fn raw(source: &impl AsRawSource) -> RawSource {
    source.as_raw_socket()
}

/// Implements nothing for a type: a completion port is no handle that other code could
/// wait for.
macro_rules! impl_selector_handles {
    ($type:ident, |$value:ident| $selector:expr) => {};
}

pub(crate) use impl_selector_handles;
