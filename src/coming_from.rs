//! What changes for programs that come from another package.
//!
//! # From mio 0.8
//!
//! The code stays. Before, in `Cargo.toml`:
//!
//! ```toml
//! mio = { version = "0.8", features = ["net", "os-poll"] }
//! ```
//!
//! After, for a program with mio as a direct dependency:
//!
//! ```toml
//! mio_wasi = "0.8.12"   # the library's name is still `mio`
//! ```
//!
//! or, with mio below another library, as well:
//!
//! ```toml
//! [patch.crates-io]
//! mio = { path = "../mio_wasi/patch/mio" }
//! ```
//!
//! One type differs: `net::SocketAddr` is std's `std::os::unix::net::SocketAddr`. It has no `as_abstract_namespace`;
//! `std::os::linux::net::SocketAddrExt::as_abstract_name` takes its place.
//!
//! # From mio 1
//!
//! The code stays, types and conversions included. After, in `Cargo.toml`:
//!
//! ```toml
//! [patch.crates-io]
//! mio = { path = "../mio_wasi/patch/mio-1" }
//! ```
//!
//! and `cargo update -p mio`. On `wasm32-wasip1`, where mio has neither, `bind` and `connect` exist. A server for both
//! hosts had two ways to its listener before:
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
//!
//! # From mio_wasi 0.8.9
//!
//! In `Cargo.toml`, `mio_wasi = "0.8"` stays, and `cargo update -p mio_wasi` takes this version. Programs that were
//! written around what did not work can drop these parts:
//!
//! | before | after |
//! |---|---|
//! | a timeout in each `poll`, since `Waker` does nothing | `None`: [`Waker::wake`](crate::Waker::wake) ends the poll |
//! | a loop over the buffers of `write_vectored`, which sends the first | one call sends all buffers |
//! | one bad socket is an error of `poll` | one event, and the socket's next call returns the error |
//! | `wasmedge_wasi_socket` for datagrams | `UdpSocket` |
//! | `ttl` returns `Ok(0)` | `ErrorKind::Unsupported`: the host has none |
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! use mio::{Events, Poll, Token, Waker};
//!
//! let mut poll = Poll::new()?;
//! let waker = Waker::new(poll.registry(), Token(7))?;
//! waker.wake()?;
//! let mut events = Events::with_capacity(8);
//! poll.poll(&mut events, None)?;
//! assert_eq!(events.iter().next().map(|event| event.token()), Some(Token(7)));
//! # Ok(())
//! # }
//! ```
