//! From mio 1: the code stays, types and conversions included.
//!
//! After, in `Cargo.toml`, beside the dependency that is there, and then `cargo update -p mio`:
//!
//! ```toml
//! [patch.crates-io]
//! mio = { path = "../mio_wasi/patch/mio-1" }
//! ```
//!
//! On `wasm32-wasip1` `bind` and `connect` exist, which mio lacks there. A server for that target and
//! others had two ways to its listener before:
//!
//! ```text
//! #[cfg(target_os = "wasi")]
//! // SAFETY: the host has passed it in, and nothing else owns it.
//! let listener = unsafe { std::net::TcpListener::from_raw_fd(3) };
//! #[cfg(not(target_os = "wasi"))]
//! let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
//! ```
//!
//! and has one after:
//!
//! ```
//! # #[cfg(feature = "net")]
//! let listener = mio::net::TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
//! # std::io::Result::Ok(())
//! ```
