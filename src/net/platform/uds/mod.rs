//! Unix sockets: connections and datagrams between programs of one machine.

#[cfg(unix)]
mod handles;
mod unix_datagram;
mod unix_listener;
mod unix_stream;

pub use self::unix_datagram::UnixDatagram;
pub use self::unix_listener::UnixListener;
pub use self::unix_stream::UnixStream;

pub use crate::sys::uds::SocketAddr;

/// The functions of a backend for Unix sockets, with their types.
mod backend {
    use std::io;
    use std::path::Path;

    use crate::sys::uds::{self, Datagram, Listener, SocketAddr, Stream};

    /// The address of a path; of an abstract name where the path begins with a zero byte
    /// and the system has such names.
    const _: fn(&Path) -> io::Result<SocketAddr> = uds::path_address;
    /// A stream that is connected or on its way, non-blocking and closed on exec.
    const _: fn(&SocketAddr) -> io::Result<Stream> = uds::connect;
    /// A listener, non-blocking and closed on exec.
    const _: fn(&SocketAddr) -> io::Result<Listener> = uds::listen;
    /// The next connection, non-blocking and closed on exec, and its peer.
    const _: fn(&Listener) -> io::Result<(Stream, SocketAddr)> = uds::accept;
    /// Two connected streams, non-blocking and closed on exec.
    const _: fn() -> io::Result<(Stream, Stream)> = uds::stream_pair;
    /// A bound datagram socket, non-blocking and closed on exec.
    const _: fn(&SocketAddr) -> io::Result<Datagram> = uds::bind;
    /// A datagram socket without an address, non-blocking and closed on exec.
    const _: fn() -> io::Result<Datagram> = uds::unbound;
    /// Two connected datagram sockets, non-blocking and closed on exec.
    const _: fn() -> io::Result<(Datagram, Datagram)> = uds::datagram_pair;
}
