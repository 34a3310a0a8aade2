//! **mio_wasi**: fast, non-blocking, event-driven I/O, natively and inside
//! WebAssembly.
//!
//! The library has the API of mio 0.8 and 1. The package is `mio_wasi`, the library
//! `mio`: write `use mio::Poll`. It waits with epoll on Linux, Android, illumos and
//! Redox, with kqueue on Apple systems and the BSDs, with poll(2) on any other Unix,
//! with a completion port on Windows. Compiled to `wasm32-wasip1` it waits with
//! `poll_oneoff`, and opens, binds and connects sockets through the socket extension of
//! WasmEdge, so that the same server runs in a sandbox. Compiled to `wasm32-wasip2` it
//! uses the sockets of WASI preview 2.
//!
//! # What it is made of
//!
//! - [`Poll`] waits; its [`Registry`] takes [sources](event::Source) under a
//!   [`Token`], for some [`Interest`];
//! - [`Events`] holds what has become ready, each an [`Event`](event::Event);
//! - `net` has the sockets; [`Waker`] ends a wait from elsewhere.
//!
//! There are no timers, no threads and no file I/O: runtimes such as tokio bring these
//! and use this library underneath. The feature `lookup` looks up the addresses of names.
//!
//! The [`guide`] shows how to put it together, [`features`] what can be left out,
//! [`coming_from`] what changes for users of another package; [`for_forks`] is for
//! maintainers of tokio's forks.
//!
//! # Example
//!
//! An echo of one message, both ends in one thread; it runs natively and in
//! WasmEdge alike:
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! use mio::net::{TcpListener, TcpStream};
//! use mio::{Events, Interest, Poll, Token};
//! use std::io::{self, ErrorKind, Read, Write};
//!
//! const LISTENER: Token = Token(0);
//! const SERVER: Token = Token(1);
//! const CLIENT: Token = Token(2);
//!
//! /// An event is a hint: the operation may still answer `WouldBlock`, here `None`.
//! fn ready<T>(result: io::Result<T>) -> io::Result<Option<T>> {
//!     match result {
//!         Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
//!         result => result.map(Some),
//!     }
//! }
//!
//! let mut poll = Poll::new()?;
//! let mut events = Events::with_capacity(16);
//! let mut listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
//! let mut client = TcpStream::connect(listener.local_addr()?)?;
//! let mut server = None;
//! poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
//! poll.registry().register(&mut client, CLIENT, Interest::READABLE | Interest::WRITABLE)?;
//!
//! let mut answer = [0; 16];
//! let mut sent = false;
//! let length = 'done: loop {
//!     poll.poll(&mut events, None)?;
//!     for event in &events {
//!         match event.token() {
//!             LISTENER => {
//!                 if let Some((mut stream, _)) = ready(listener.accept())? {
//!                     poll.registry().register(&mut stream, SERVER, Interest::READABLE)?;
//!                     server = Some(stream);
//!                 }
//!             }
//!             SERVER => {
//!                 let mut stream = server.as_ref().expect("accepted before");
//!                 let mut message = [0; 16];
//!                 if let Some(length) = ready(stream.read(&mut message))? {
//!                     // The send buffer has space: nothing was sent before.
//!                     stream.write_all(&message[..length])?;
//!                 }
//!             }
//!             _ if !sent => sent = ready(client.write(b"marco"))?.is_some(),
//!             _ => {
//!                 if let Some(length) = ready(client.read(&mut answer))? {
//!                     break 'done length;
//!                 }
//!             }
//!         }
//!     }
//! };
//! assert_eq!(&answer[..length], b"marco");
//! # Ok(())
//! # }
//! ```

// docs.rs labels what a feature or a system is needed for.
#![cfg_attr(docsrs, feature(doc_cfg))]
// Partial feature sets leave helpers unused that the full set uses, and so does a system
// without a backend.
#![cfg_attr(
    not(all(
        feature = "net",
        feature = "os-ext",
        any(unix, windows, target_os = "wasi")
    )),
    allow(dead_code, unused_imports, unused_macros)
)]

mod debug_checks;
mod forward;
#[cfg(not(windows))]
mod handles;
mod interest;
mod io_source;
mod log;
mod poll;
mod registry;
mod sys;
mod token;
mod waker;

pub mod coming_from;
pub mod event;
pub mod features;
pub mod for_forks;
pub mod guide;
#[cfg(feature = "net")]
pub mod net;
#[cfg(all(unix, feature = "os-ext"))]
pub mod unix;
#[cfg(all(target_os = "wasi", feature = "os-ext"))]
pub mod wasi;
#[cfg(all(windows, feature = "os-ext"))]
pub mod windows;

#[doc(no_inline)]
pub use event::Events;
pub use interest::Interest;
pub use poll::Poll;
pub use registry::Registry;
pub use token::Token;
pub use waker::Waker;

/// Runs the README's program as a test.
#[cfg(all(doctest, feature = "net"))]
#[doc = include_str!("../README.md")]
#[allow(missing_debug_implementations)] // exists for its documentation only
pub struct Readme;
