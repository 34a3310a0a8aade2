//! For those who maintain a fork of tokio, or of a client, for WASI preview 1. This module is documentation
//! only.
//!
//! tokio compiles on this library's package `mio` (`patch/mio-1`) without a change. What opens sockets is gated
//! there, since std has no sockets to open on preview 1. A fork removes the gates; then nothing else in it has
//! to know WasmEdge.
//!
//! # Gates
//!
//! | where in tokio 1.51 to 1.54 | gate | holds back |
//! |---|---|---|
//! | `src/macros/cfg.rs`, the macro `cfg_not_wasip1` | `not(all(target_os = "wasi", target_env = "p1"))` | `connect`, `bind`, `UdpSocket`, `TcpSocket`, names |
//! | `src/runtime/io/registration.rs` | the same | what UDP needs of the driver |
//! | `Cargo.toml` | the same | the dependency on socket2, for `TcpSocket` and `UdpSocket` |
//! | `src/lib.rs`, `src/net/tcp/stream.rs`, `src/net/tcp/listener.rs` | `tokio_unstable` | `net` on WASI at all |
//!
//! socket2 has the first gate in its own sources, and takes types and functions of C that libc lacks on preview 1: the
//! package `mio_wasi_libc` in `ports/libc` has them.
//!
//! # Hooks
//!
//! | where | what | with |
//! |---|---|---|
//! | `Cargo.toml` | the dependency on mio | `patch/mio-1`, or `mio_wasi` renamed to `mio` with the feature `lookup` |
//! | `src/net/addr.rs` | two calls of `to_socket_addrs` | `mio::net::lookup`, `mio::net::lookup_host` |
//! | `src/runtime/blocking/pool.rs` | spawning a blocking task | running it at once: there are no threads |
//! | `src/runtime/builder.rs` | a runtime with threads | an error of kind `Unsupported`: its workers never end |
//!
//! The driver of I/O stays as it is: readiness, wake-ups and errors are reported as on Linux, but for what
//! the table at [`Event`](crate::event::Event) shows. A stream connects by the same steps:
//!
//! ```
//! # #[cfg(feature = "net")]
//! # fn main() -> std::io::Result<()> {
//! use mio::net::TcpStream;
//! use mio::{Events, Interest, Poll, Token};
//! # let listener = mio::net::TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
//! # let address = listener.local_addr()?;
//!
//! let mut poll = Poll::new()?;
//! let mut stream = TcpStream::connect(address)?;
//! poll.registry().register(&mut stream, Token(0), Interest::READABLE | Interest::WRITABLE)?;
//! let mut events = Events::with_capacity(8);
//! while !events.iter().any(|event| event.is_writable()) {
//!     poll.poll(&mut events, None)?;
//! }
//! if let Some(error) = stream.take_error()? {
//!     return Err(error);
//! }
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "net"))]
//! # fn main() {}
//! ```
//!
//! # Tests
//!
//! | script | what it proves |
//! |---|---|
//! | `ci/ports.sh` | the edits apply to tokio 1.51 to 1.54, and a program with connections, datagrams, names and blocking tasks runs in each WasmEdge |
//! | `ci/tokio_wasi_tests.sh` | tokio's own tests; begin with `tcp_connect`, `tcp_socket`, `tcp_stream`, `udp`, `net_lookup_host`, `io_copy_bidirectional` and `time_rt` |
//! | `ci/clients.sh all` | nine clients against real servers |
//! | `ci/axum.sh`, `ci/drop_in.sh` | tokio without edits, and the published tokio_wasi and hyper_wasi |
//!
//! `ports/src/recipes.rs` has the edits as data, each with the text that it replaces, for tokio, socket2 and
//! five packages below clients; `ports/README.md` explains them.
