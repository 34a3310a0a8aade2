//! The sockets of WASI preview 1, by WasmEdge's extension.

mod address;
mod host;
mod numbers;
#[cfg(target_os = "wasi")]
mod option;
#[cfg(target_os = "wasi")]
mod socket;
mod types;

#[cfg(target_os = "wasi")]
pub use self::numbers::*;
#[cfg(target_os = "wasi")]
pub use self::option::{getsockopt, setsockopt};
#[cfg(target_os = "wasi")]
pub use self::socket::*;
#[cfg(target_os = "wasi")]
pub use self::types::*;
