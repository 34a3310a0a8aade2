//! The platform that `sys/mod.rs` has picked: fails to compile when it lacks an item of the
//! contract.

use super::contract::{Events, Selector, SourceState, Waker};
use crate::sys;

const _: fn() = || {
    fn selector<S: Selector<Events = sys::Events>>() {}
    fn events<E: Events<Event = sys::Event>>() {}
    fn waker<W: Waker<Selector = sys::Selector>>() {}
    fn source_state<S: SourceState<Selector = sys::Selector>>() {}

    selector::<sys::Selector>();
    events::<sys::Events>();
    waker::<sys::Waker>();
    source_state::<sys::SourceState>();
};

/// The functions of a backend for sockets, with their types.
#[cfg(feature = "net")]
mod sockets {
    use std::io;
    use std::net::SocketAddr;

    use crate::sys::{tcp, udp};

    /// A stream that is being connected: non-blocking and closed on exec.
    const _: fn(SocketAddr) -> io::Result<tcp::Stream> = tcp::connect;
    /// A listener, non-blocking and closed on exec, with the address made
    /// reusable where this can't be abused.
    const _: fn(SocketAddr) -> io::Result<tcp::Listener> = tcp::listen;
    /// The next connection, non-blocking and closed on exec, and its peer.
    const _: fn(&tcp::Listener) -> io::Result<(tcp::Stream, SocketAddr)> = tcp::accept;
    /// A bound socket, non-blocking and closed on exec.
    const _: fn(SocketAddr) -> io::Result<udp::Socket> = udp::bind;
    /// Does an IPv6 socket refuse IPv4?
    const _: fn(&udp::Socket) -> io::Result<bool> = udp::only_v6;
}

// The functions for Unix sockets are checked in `net/platform/uds/mod.rs`, which is compiled
// where there are any.
