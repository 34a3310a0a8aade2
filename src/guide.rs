//! How to write a server. This module is documentation only.
//!
//! An event loop has three parts: registering what to wait for, waiting, and doing
//! the I/O that has become possible.
//!
//! # Registering
//!
//! A [`Poll`] waits for sources, which are registered under a [`Token`] for some
//! [`Interest`]:
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! use mio::net::TcpListener;
//! use mio::{Interest, Poll, Token};
//!
//! const LISTENER: Token = Token(0);
//!
//! let poll = Poll::new()?;
//! let mut listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
//! poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
//! # Ok(())
//! # }
//! ```
//!
//! # Waiting
//!
//! [`Poll::poll`] sleeps until something is ready and fills an [`Events`] buffer. It
//! may be interrupted by a signal; then it is called again:
//!
//! ```
//! use mio::{Events, Poll};
//! use std::io::{self, ErrorKind};
//! use std::time::Duration;
//!
//! fn wait(poll: &mut Poll, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
//!     match poll.poll(events, timeout) {
//!         Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
//!         result => result,
//!     }
//! }
//! # let mut poll = Poll::new().unwrap();
//! # wait(&mut poll, &mut Events::with_capacity(1), Some(Duration::ZERO)).unwrap();
//! ```
//!
//! # Doing the I/O
//!
//! An event says that a state has changed. It is not repeated, so all that can be
//! done has to be done now, until the operation answers
//! [`WouldBlock`](std::io::ErrorKind::WouldBlock):
//!
//! ```
//! use std::io::{self, ErrorKind, Read};
//!
//! /// Reads what there is. `false` at the end of the stream.
//! fn read_all(mut stream: impl Read, received: &mut Vec<u8>) -> io::Result<bool> {
//!     let mut buffer = [0; 4096];
//!     loop {
//!         match stream.read(&mut buffer) {
//!             Ok(0) => return Ok(false),
//!             Ok(count) => received.extend_from_slice(&buffer[..count]),
//!             Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
//!             Err(error) => return Err(error),
//!         }
//!     }
//! }
//! # let mut received = Vec::new();
//! # assert!(!read_all(&b"abc"[..], &mut received).unwrap());
//! # assert_eq!(received, b"abc");
//! ```
//!
//! A whole server of this kind is the example `tcp_echo`; one for HTTP is
//! `http_on_wasi`.
//!
//! # In WebAssembly
//!
//! The same program compiles for `wasm32-wasip1` and runs in WasmEdge, with real
//! sockets:
//!
//! ```text
//! cargo build --release --target wasm32-wasip1 --example tcp_echo
//! wasmedge target/wasm32-wasip1/release/examples/tcp_echo.wasm 127.0.0.1:7878
//! ```
//!
//! And for `wasm32-wasip2`, in wasmtime:
//!
//! ```text
//! cargo build --release --target wasm32-wasip2 --example tcp_echo
//! wasmtime run -S inherit-network target/wasm32-wasip2/release/examples/tcp_echo.wasm 127.0.0.1:7878
//! ```
//!
//! [`Events`]: crate::Events
//! [`Interest`]: crate::Interest
//! [`Poll`]: crate::Poll
//! [`Poll::poll`]: crate::Poll::poll
//! [`Token`]: crate::Token
