//! What the Unix sockets convert from and into, on Unix.

use std::os::unix::net;

use crate::forward::{impl_handles, impl_into_std};
use crate::net::{UnixDatagram, UnixListener, UnixStream};

impl_handles!(UnixDatagram, UnixListener, UnixStream);

impl_into_std! {
    UnixDatagram => net::UnixDatagram,
    UnixListener => net::UnixListener,
    UnixStream => net::UnixStream,
}

impl UnixDatagram {
    /// Takes over a socket of std.
    ///
    /// It keeps the mode that it has: call
    /// [`set_nonblocking`](net::UnixDatagram::set_nonblocking) before.
    pub fn from_std(socket: net::UnixDatagram) -> Self {
        Self::from_sys(socket)
    }
}

impl UnixListener {
    /// Takes over a listener of std.
    ///
    /// It keeps the mode that it has: call
    /// [`set_nonblocking`](net::UnixListener::set_nonblocking) before.
    pub fn from_std(listener: net::UnixListener) -> Self {
        Self::from_sys(listener)
    }
}

impl UnixStream {
    /// Takes over a stream of std.
    ///
    /// It keeps the mode that it has: call
    /// [`set_nonblocking`](net::UnixStream::set_nonblocking) before.
    pub fn from_std(stream: net::UnixStream) -> Self {
        Self::from_sys(stream)
    }
}
