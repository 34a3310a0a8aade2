//! What the Unix sockets convert from and into, on Unix.

use std::os::unix::net;

use crate::handles::{impl_handles, impl_into_std};
use crate::net::{UnixDatagram, UnixListener, UnixStream};

impl_handles!(UnixDatagram, UnixListener, UnixStream);

impl_into_std! {
    UnixDatagram => net::UnixDatagram,
    UnixListener => net::UnixListener,
    UnixStream => net::UnixStream,
}
