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
//! may be interrupted by a signal; then it is called once more:
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
//! Readiness is *edge-triggered*: an event reports that a state has changed, and is not
//! repeated while the state stays the same. So go on until the operation answers
//! [`WouldBlock`](std::io::ErrorKind::WouldBlock); only then is the next event certain
//! to come:
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
//! # A server
//!
//! Put together: a server that greets, sends everything back, and ends when a client
//! sends `quit`. What a client doesn't receive waits in `pending`, and nothing is read
//! from it until that is sent, so that it can't fill the memory. A client that fails, at whatever
//! step, ends alone: the server goes on with the others.
//!
//! ```
//! use std::collections::HashMap;
//! use std::io::{self, ErrorKind, Read, Write};
//!
//! use mio::net::{TcpListener, TcpStream};
//! use mio::{Events, Interest, Poll, Registry, Token};
//!
//! const LISTENER: Token = Token(0);
//!
//! struct Client {
//!     stream: TcpStream,
//!     pending: Vec<u8>,
//! }
//!
//! impl Client {
//!     /// Does all that can be done now. An error or an end means that it has left.
//!     fn serve(&mut self, quit: &mut bool) -> io::Result<()> {
//!         let mut buffer = [0; 4096];
//!         loop {
//!             while !self.pending.is_empty() {
//!                 let sent = self.stream.write(&self.pending)?;
//!                 self.pending.drain(..sent);
//!             }
//!             match self.stream.read(&mut buffer)? {
//!                 0 => return Err(ErrorKind::UnexpectedEof.into()),
//!                 count => self.pending.extend_from_slice(&buffer[..count]),
//!             }
//!             *quit |= self.pending.starts_with(b"quit");
//!         }
//!     }
//! }
//!
//! /// Takes all connections that wait, each under the next token.
//! fn accept(
//!     listener: &TcpListener,
//!     registry: &Registry,
//!     clients: &mut HashMap<Token, Client>,
//!     last: &mut usize,
//! ) {
//!     loop {
//!         let mut stream = match listener.accept() {
//!             Ok((stream, _)) => stream,
//!             Err(error) if error.kind() == ErrorKind::WouldBlock => return,
//!             // This one has given up; others may wait.
//!             Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
//!             // No descriptor is left, say: retried when a client has left.
//!             Err(error) => return eprintln!("not accepted: {error}"),
//!         };
//!         *last += 1;
//!         let interests = Interest::READABLE | Interest::WRITABLE;
//!         match registry.register(&mut stream, Token(*last), interests) {
//!             Ok(()) => {
//!                 let pending = b"hello\n".to_vec();
//!                 clients.insert(Token(*last), Client { stream, pending });
//!             }
//!             // The stream is dropped, and nothing else.
//!             Err(error) => eprintln!("not registered: {error}"),
//!         }
//!     }
//! }
//!
//! fn run(mut listener: TcpListener) -> io::Result<()> {
//!     let mut poll = Poll::new()?;
//!     let mut events = Events::with_capacity(256);
//!     let readable = Interest::READABLE;
//!     poll.registry().register(&mut listener, LISTENER, readable)?;
//!     let mut clients: HashMap<Token, Client> = HashMap::new();
//!     let (mut last, mut quit) = (0, false);
//!     while !quit {
//!         match poll.poll(&mut events, None) {
//!             Err(error) if error.kind() == ErrorKind::Interrupted => continue,
//!             result => result?,
//!         }
//!         for event in &events {
//!             let token = event.token();
//!             if let Some(client) = clients.get_mut(&token) {
//!                 match client.serve(&mut quit) {
//!                     Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
//!                     // It has left: dropped, it is closed and no longer watched.
//!                     _ => drop(clients.remove(&token)),
//!                 }
//!             }
//!             // A client has come, or can have the descriptor of one that has left.
//!             accept(&listener, poll.registry(), &mut clients, &mut last);
//!         }
//!     }
//!     Ok(())
//! }
//!
//! fn main() -> io::Result<()> {
//!     # let port_of_a_test = "127.0.0.1:0";
//!     let address = "127.0.0.1:7878";
//!     # let address = port_of_a_test;
//!     let listener = TcpListener::bind(address.parse().unwrap())?;
//!     println!("listening on {}", listener.local_addr()?);
//!     # let address = listener.local_addr()?;
//!     # let client = std::thread::spawn(move || -> io::Result<String> {
//!     #     let mut stream = std::net::TcpStream::connect(address)?;
//!     #     let mut said = [0; 11];
//!     #     stream.write_all(b"marco")?;
//!     #     stream.read_exact(&mut said)?;
//!     #     stream.write_all(b"quit")?;
//!     #     Ok(String::from_utf8_lossy(&said).into_owned())
//!     # });
//!     # run(listener)?;
//!     # assert_eq!(client.join().unwrap()?, "hello\nmarco");
//!     # return Ok(());
//!     # #[allow(unreachable_code)]
//!     run(listener)
//! }
//! ```
//!
//! The example `tcp_echo` is such a server with messages for each thing that can go
//! wrong; `http_on_wasi` is one for HTTP.
//!
//! # Waking it from another thread
//!
//! A [`Waker`] makes the current or the next poll return. Natively any thread may use it,
//! through an [`Arc`](std::sync::Arc). It brings nothing but its token, so what there is
//! to do goes through a channel, and before the wake:
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! use mio::{Events, Poll, Token, Waker};
//! use std::sync::{mpsc, Arc};
//! use std::thread;
//!
//! const WAKE: Token = Token(usize::MAX);
//!
//! let mut poll = Poll::new()?;
//! let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
//! let (sender, jobs) = mpsc::channel();
//! let workers = ["first", "second"].map(|job| {
//!     let (sender, waker) = (sender.clone(), Arc::clone(&waker));
//!     thread::spawn(move || {
//!         sender.send(job).expect("the receiver exists");
//!         waker.wake()
//!     })
//! });
//!
//! let mut events = Events::with_capacity(16);
//! let mut done = Vec::new();
//! while done.len() < workers.len() {
//!     poll.poll(&mut events, None)?;
//!     if events.iter().any(|event| event.token() == WAKE) {
//!         // One event may stand for many wakes: take all that there is.
//!         done.extend(jobs.try_iter());
//!     }
//! }
//! done.sort();
//! assert_eq!(done, ["first", "second"]);
//! for worker in workers {
//!     worker.join().expect("no panic")?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! `wasm32-wasip1` and `wasm32-wasip2` have no threads. There a waker serves code that runs
//! between two polls.
//!
//! # Timeouts
//!
//! There are no timers. A program keeps its deadlines itself, and waits no longer than
//! until the earliest of them:
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! use mio::{Events, Poll, Token};
//! use std::collections::BTreeSet;
//! use std::time::{Duration, Instant};
//!
//! let now = Instant::now();
//! let mut deadlines = BTreeSet::from([
//!     (now + Duration::from_millis(20), Token(1)),
//!     (now + Duration::from_millis(10), Token(2)),
//! ]);
//!
//! let mut poll = Poll::new()?;
//! let mut events = Events::with_capacity(16);
//! let mut late = Vec::new();
//! while let Some(&(deadline, token)) = deadlines.first() {
//!     let left = deadline.saturating_duration_since(Instant::now());
//!     poll.poll(&mut events, Some(left))?;
//!     // Here the events are handled: a client that sends something gets another deadline.
//!     if Instant::now() >= deadline && deadlines.remove(&(deadline, token)) {
//!         late.push(token);
//!     }
//! }
//! assert_eq!(late, [Token(2), Token(1)]);
//! # Ok(())
//! # }
//! ```
//!
//! A server without any deadline waits with `None`.
//!
//! # In WebAssembly
//!
//! The very same server compiles for `wasm32-wasip1` and runs in WasmEdge, with real
//! sockets. As `src/main.rs` of a package named `server`, with
//! `mio_wasi = "0.8.12"` among its dependencies:
//!
//! ```text
//! rustup target add wasm32-wasip1
//! cargo build --release --target wasm32-wasip1
//! wasmedge target/wasm32-wasip1/release/server.wasm
//! nc 127.0.0.1 7878    # in another window
//! ```
//!
//! And for `wasm32-wasip2`, in wasmtime:
//!
//! ```text
//! cargo build --release --target wasm32-wasip2
//! wasmtime run -S inherit-network target/wasm32-wasip2/release/server.wasm
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
//! inside of tokio it is a socket of this library, and so are the streams that
//! tokio's listener accepts. Between the two it should do no I/O: when std writes to
//! a peer that has closed, WasmEdge is ended by a signal.
//!
//! tokio has no UDP and no Unix sockets on WASI preview 1; those of this library need
//! a [`Poll`] of their own there. For that target it has to be compiled with
//! `--cfg tokio_unstable`, and it has its runtime of one thread only.
//!
//! With the edits of the tool in `ports/` tokio has `connect`, `bind`, `UdpSocket` and the lookup of
//! names there, without that flag; see [`coming_from::forks`](crate::coming_from::forks).
//!
//! Take tokio 1.50 or newer. Earlier versions never return when a task wakes the main
//! future and no I/O follows: they rely on a [`Waker`] that they don't make there.
//!
//! [`Events`]: crate::Events
//! [`Interest`]: crate::Interest
//! [`Poll`]: crate::Poll
//! [`Poll::poll`]: crate::Poll::poll
//! [`Token`]: crate::Token
//! [`Waker`]: crate::Waker
