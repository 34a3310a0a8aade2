//! From mio_wasi 0.8.9: `cargo update -p mio_wasi`.
//!
//! `mio_wasi = "0.8"` in `Cargo.toml` stays, also below tokio_wasi and hyper_wasi. Programs that were written
//! around what did not work can drop these parts:
//!
//! | before | after |
//! |---|---|
//! | a timeout in each `poll`, since `Waker` does nothing | `None`: [`Waker::wake`](crate::Waker::wake) ends the poll |
//! | a loop over the buffers of `write_vectored`, which sends the first | one call sends all buffers |
//! | one bad socket is an error of `poll` | one event, and the socket's next call returns the error |
//! | `wasmedge_wasi_socket` for datagrams | `UdpSocket` |
//! | `ttl` returns `Ok(0)` | `ErrorKind::Unsupported`: the host has none |
//!
//! After, for one, a wait that needs no timeout:
//!
//! ```
//! use mio::{Events, Poll, Token, Waker};
//!
//! let mut poll = Poll::new()?;
//! let waker = Waker::new(poll.registry(), Token(7))?;
//! waker.wake()?;
//! let mut events = Events::with_capacity(8);
//! poll.poll(&mut events, None)?;
//! assert_eq!(events.iter().next().map(|event| event.token()), Some(Token(7)));
//! # std::io::Result::Ok(())
//! ```
