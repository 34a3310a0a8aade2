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
//! # Sockets into tokio
//!
//! With the package `mio` of `patch/mio-1` in place of mio 1, tokio waits by this
//! library in WebAssembly too. But on WASI preview 1 tokio has no `bind` and no
//! `connect`. So a socket is made here, and becomes one of tokio's by way of std's
//! type (`address` is a [`SocketAddr`](std::net::SocketAddr)):
//!
//! ```text
//! let listener = mio::net::TcpListener::bind(address)?;
//! let listener = tokio::net::TcpListener::from_std(listener.into())?;
//!
//! let stream = mio::net::TcpStream::connect(address)?;
//! let stream = tokio::net::TcpStream::from_std(stream.into())?;
//! stream.writable().await?; // It is connected now, or has failed.
//! if let Some(error) = stream.take_error()? {
//!     return Err(error);
//! }
//! ```
//!
//! The same lines work on all other systems. std's type only carries the descriptor:
//! inside of tokio it is a socket of this library again, and so are the streams that
//! tokio's listener accepts. Between the two it should do no I/O: when std writes to
//! a peer that is gone, WasmEdge is ended by a signal.
//!
//! tokio has no UDP and no Unix sockets on WASI preview 1; those of this library need
//! a [`Poll`] of their own there. For that target it has to be compiled with
//! `--cfg tokio_unstable`, and it has its runtime of one thread only.
//!
//! Take tokio 1.50 or later. Earlier ones wait for ever when a task wakes the main
//! future and no I/O follows: they rely on a [`Waker`](crate::Waker) that they don't
//! make there. With `--cfg mio_wakerless` besides, polls without a waker end early
//! now and then, and those versions go on. A program that is compiled ahead of time
//! may be half as fast then.
//!
//! [`Events`]: crate::Events
//! [`Interest`]: crate::Interest
//! [`Poll`]: crate::Poll
//! [`Poll::poll`]: crate::Poll::poll
//! [`Token`]: crate::Token
