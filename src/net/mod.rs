//! Sockets that never block: TCP, UDP and Unix sockets.
//!
//! All of them are [sources](crate::event::Source): register them with a
//! [`Registry`](crate::Registry), wait with a [`Poll`](crate::Poll), and do I/O
//! until it answers [`WouldBlock`](std::io::ErrorKind::WouldBlock).
//!
//! # Portability
//!
//! Sockets made here are non-blocking and not inherited by child processes, on
//! every system. Objects that are taken over (`from_std`, `from_raw_fd` and the
//! like) keep the mode they have.
//!
//! ## Natively
//!
//! | what | Windows | Unix |
//! |---|---|---|
//! | reusing an address (SO_REUSEADDR) | never set: others could take the address over | set for each `TcpListener` |
//! | a datagram longer than the buffer | an error of `recv` and `recv_from` | is cut |
//! | `set_nodelay` before the stream is connected | may be refused | works |
//! | a stream from a `TcpListener` that was taken over in blocking mode | blocks too | never blocks |
//! | Unix sockets | not there | work |
//!
//! `send_to` on a connected socket is refused by some Unix systems: use `send` there.
//!
//! ## WebAssembly with WASI preview 1
//!
//! On `wasm32-wasip1` the feature `wasmedge` (on by default) opens sockets through
//! the socket extension of WasmEdge. Some options can't be reached there:
//!
//! | function | in WasmEdge |
//! |---|---|
//! | `bind`, `connect`, `accept`, I/O, `peek`, `shutdown`, `take_error`, addresses, `broadcast` | work |
//! | `set_nodelay`, `nodelay` | succeed without effect, and return `false`, where the host lacks the option |
//! | `ttl`, `set_ttl`, `only_v6`, all of multicast | [`Unsupported`](std::io::ErrorKind::Unsupported) |
//! | reusing an address | set for each `TcpListener`, as on Unix |
//!
//! Other options have no function here, as they have none in mio. What a program
//! can do about them elsewhere with the socket's descriptor, it can do there with
//! `sock_setsockopt` of the host:
//!
//! | option | in WasmEdge (level 0) |
//! |---|---|
//! | lingering (SO_LINGER) | name 9, eight bytes; an accepted stream inherits it |
//! | buffer sizes (SO_SNDBUF, SO_RCVBUF) | names 5 and 6; inherited |
//! | keepalive (SO_KEEPALIVE) | name 7; inherited; its times can't be set |
//! | TCP_NODELAY, IP_TTL, IPV6_V6ONLY, SO_REUSEPORT, multicast | can't be reached: write what belongs together in one vectored write |
//!
//! Unix sockets need a host that allows them: `wasmedge --allow-af-unix`. Without
//! its permission, and in hosts that have none, they are `Unsupported`. Their address
//! type is one of this library there, since std has none; abstract names are
//! methods of it (`from_abstract_name`, `as_abstract_name`). Both ends of a `pair`
//! have a random abstract name, for which the host has to be on Linux. Relative
//! paths begin where the host was started, whatever directories it passes on.
//!
//! The host is level-triggered, and reports for reading one state only: there is something to
//! read, data or the end. So the end of a stream is a readable event without `is_read_closed`. Neither
//! the end nor a reset is reported while data that were reported are left unread: a
//! program that pauses reading finds them when it reads on.
//!
//! Without the feature only a listener that the host passes in can be used
//! (`TcpListener::from_raw_fd`), with the streams that it accepts; all else is
//! [`Unsupported`](std::io::ErrorKind::Unsupported).
//!
//! ## WebAssembly with WASI preview 2
//!
//! On `wasm32-wasip2` the sockets are those of the target's libc; the feature
//! `wasmedge` has no effect. The host has to permit it (`wasmtime run -S
//! inherit-network`), otherwise everything is
//! [`PermissionDenied`](std::io::ErrorKind::PermissionDenied).
//!
//! | function | in wasmtime 36 and 49 |
//! |---|---|
//! | `bind`, `connect`, `accept`, I/O, `shutdown`, addresses, `ttl`, `set_ttl`, `take_error` of a connection that was refused | work |
//! | `set_nodelay`, `nodelay` | remembered, without effect: write what belongs together in one (vectored) write |
//! | `peek`, broadcast, all of multicast, Unix sockets, `Interest::PRIORITY` | [`Unsupported`](std::io::ErrorKind::Unsupported), or not available |
//! | `only_v6` | always `true` for IPv6 |
//! | reusing an address | by the host, for ports that the program has chosen itself |
//! | a reset | an error of the next read or write, of no kind in particular; no flag of an event |
//! | dropping a stream with unread data | resets the connection; wasmtime 49 ends it first, so that the peer reads the end and fails to write |
//! | a datagram that was refused | never reported |
//!
//! jco 1.35, which runs components in Node, differs from wasmtime: `shutdown` of one direction
//! closes both, a UDP socket loses datagrams that come before its first send or receive, and it
//! stays readable after the first one, so that a program that waits for the next one spins.
//!
//! A write may take more than was sent. A dropped stream goes on sending what is left, as
//! on other systems, and a later poll closes it. At its end a program waits for that, for
//! at most 1 s. (Streams of std, and descriptors taken out of a stream, are closed by the
//! host: wasmtime 36 discards what is left; wasmtime 49 blocks the program until the peer
//! has read it.)
//!
//! Some calls wait for the host, since its answers are known only after a wait. They take
//! microseconds unless the machine is busy, and return at the latest after these times:
//!
//! | call | waits at most |
//! |---|---|
//! | `accept`, and the first `send` of a `UdpSocket` | 10 ms |
//! | `local_addr`, `shutdown` of a stream that is still being connected | 5 ms, then [`NotConnected`](std::io::ErrorKind::NotConnected) |
//! | the drop of a stream of which something is unsent | 1 ms |
//! | every 32nd `poll` in a row with a timeout of zero | 1 ms |
//!
//! `accept` reads the peer's address; wasi-libc of 2026 ends the program when the
//! peer has reset the connection before. std's `accept` does the same.

#[cfg(feature = "lookup")]
mod lookup;
mod platform;
mod tcp_listener;
mod tcp_stream;
mod udp_options;
mod udp_socket;

#[cfg(feature = "lookup")]
pub use self::lookup::{lookup, lookup_host};
#[allow(unreachable_pub, unused_imports)] // some systems have no Unix sockets
pub use self::platform::*;
pub use self::tcp_listener::TcpListener;
pub use self::tcp_stream::TcpStream;
pub use self::udp_socket::UdpSocket;

use crate::forward;
