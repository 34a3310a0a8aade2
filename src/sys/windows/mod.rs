//! Windows: readiness from a completion port and AFD, sockets by Winsock and
//! std, named pipes by overlapped operations.
//!
//! | file | what |
//! |---|---|
//! | `completion_port.rs` | the queue of packets that a select waits for |
//! | `afd.rs` | readiness requests to the socket driver |
//! | `conditions.rs` | which conditions of a socket are armed, and how they are reported |
//! | `socket_state.rs` | one socket's registration and its request to AFD |
//! | `selector.rs` | the loop of a select |
//! | `updates.rs` | sockets whose request has to follow a change, now or later |
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
pub(crate) mod pipe;
mod selector;
mod socket_state;
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
pub(crate) use self::selector::Iocp as Selector;
pub(crate) use self::socket_state::SocketState as SourceState;
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
