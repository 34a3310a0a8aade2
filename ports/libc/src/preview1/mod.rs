//! The sockets of WASI preview 1, by WasmEdge's extension.

mod address;
mod host;
mod numbers;
mod option;
mod socket;
mod types;

pub use self::numbers::*;
pub use self::option::{getsockopt, setsockopt};
pub use self::socket::*;
pub use self::types::*;
