//! From mio 0.8: the code stays.
//!
//! A program with mio as its own dependency, before and after, in `Cargo.toml`:
//!
//! ```toml
//! mio = { version = "0.8", features = ["net", "os-poll"] }
//! ```
//!
//! ```toml
//! mio_wasi = "0.8.12"   # the library's name is still `mio`
//! ```
//!
//! A program with mio below another library (tokio up to 1.38) keeps its dependencies, adds
//!
//! ```toml
//! [patch.crates-io]
//! mio = { path = "../mio_wasi/patch/mio" }
//! ```
//!
//! and needs `cargo update -p mio` once if it has a `Cargo.lock`.
//!
//! One type differs: `net::SocketAddr` is std's `std::os::unix::net::SocketAddr`. It has no
//! `as_abstract_namespace`; std's `SocketAddrExt::as_abstract_name` takes its place:
//!
//! ```
//! # #[cfg(target_os = "linux")]
//! fn name(address: &std::os::unix::net::SocketAddr) -> Option<&[u8]> {
//!     std::os::linux::net::SocketAddrExt::as_abstract_name(address)
//! }
//! ```
