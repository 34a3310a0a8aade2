//! Sockets of the host: the types that stand in for std's, and the lookup of names. WASI
//! preview 1.

mod addr;
#[cfg(feature = "lookup")]
pub(crate) mod names;
mod socket;
pub(crate) mod tcp;
pub(crate) mod udp;
pub(crate) mod uds;
