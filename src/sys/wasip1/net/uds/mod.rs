//! Unix sockets of the host, with the methods that std's have elsewhere. WASI
//! preview 1, in hosts that allow them (`wasmedge run --allow-af-unix`).
//!
//! | file | what |
//! |---|---|
//! | `addr.rs` | addresses |
//! | `named.rs` | opening, binding and connecting sockets of both kinds |
//! | `stream.rs`, `datagram.rs` | the types that stand in for std's |
//! | `pair.rs` | pairs of connected sockets |

mod addr;
mod datagram;
mod named;
mod pair;
mod stream;

pub(crate) use self::addr::path_address;
pub use self::addr::SocketAddr;
pub(crate) use self::datagram::{bind, unbound, Datagram};
pub(crate) use self::pair::{datagram_pair, stream_pair};
pub(crate) use self::stream::{accept, connect, listen, Listener, Stream};
