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
mod unsupported;
#[cfg(feature = "net")]
mod values;
#[cfg(all(feature = "net", feature = "wasmedge"))]
mod wasmedge;
#[cfg(all(feature = "net", feature = "wasmedge", feature = "lookup"))]
mod wasmedge_names;
#[cfg(all(feature = "net", feature = "wasmedge"))]
mod wasmedge_unix;

pub(super) use self::calls::{Host, Wasi};
pub(super) use self::errno::error;
pub(super) use self::preview1::*;

/// The extension, or its substitute.
#[cfg(feature = "net")]
pub(super) mod extension {
    #[cfg(not(feature = "wasmedge"))]
    pub(crate) use super::unsupported::*;
    pub(crate) use super::values::*;
    #[cfg(feature = "wasmedge")]
    pub(crate) use super::wasmedge::*;
    #[cfg(all(feature = "wasmedge", feature = "lookup"))]
    pub(crate) use super::wasmedge_names::lookup;
    #[cfg(feature = "wasmedge")]
    pub(crate) use super::wasmedge_unix::*;
}
