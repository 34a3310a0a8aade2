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
