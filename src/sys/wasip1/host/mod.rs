//! Every call of the host, in safe functions: the standard ones of preview 1, and
//! WasmEdge's socket extension or its substitute. WASI preview 1.
//!
//! Sockets use the functions. The selector makes its calls through the trait [`Host`], which
//! [`Wasi`] implements with them; its tests implement it with a script.

mod bounds;
mod calls;
mod errno;
mod preview1;
#[cfg(test)]
pub(super) mod scripted;
#[cfg(all(feature = "net", not(feature = "wasmedge")))]
pub(super) mod unsupported;
#[cfg(all(feature = "net", feature = "wasmedge"))]
pub(super) mod wasmedge;
#[cfg(all(feature = "net", feature = "wasmedge", feature = "lookup"))]
mod wasmedge_names;
#[cfg(all(feature = "net", feature = "wasmedge"))]
mod wasmedge_unix;

pub(super) use self::calls::{Host, Wasi};
pub(super) use self::errno::error;
pub(super) use self::preview1::*;
#[cfg(all(feature = "net", not(feature = "wasmedge")))]
pub(super) use self::unsupported as extension;
#[cfg(all(feature = "net", feature = "wasmedge"))]
pub(super) use self::wasmedge as extension;
