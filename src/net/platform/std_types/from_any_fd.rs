//! `from_std` of the sockets on WASI preview 1, where programs use std's types and
//! those of other crates for the host's sockets; and the descriptor traits of Unix sockets,
//! which std doesn't have there.

use std::os::fd::{AsFd, FromRawFd, IntoRawFd};

use crate::handles::impl_handles;
use crate::net::{TcpListener, TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixStream};
use crate::sys;

impl_handles!(UnixDatagram, UnixListener, UnixStream);

/// Gives a socket type `from_std`, which takes any owner of a descriptor.
macro_rules! impl_from_any_fd {
    ($($type:ident => $sys:ty),+ $(,)?) => { $(
        impl $type {
            /// Takes over a socket of this kind: std's, or any other type that owns its
            /// descriptor ([`IntoRawFd`] and [`AsFd`]; a bare number is only the first).
            ///
            /// It keeps the mode that it has, and has to be non-blocking to be of use.
            ///
            /// # Examples
            ///
            /// A listener that the host passes in as descriptor 3:
            ///
            /// ```
            /// use mio::net::TcpListener;
            /// use std::os::fd::FromRawFd;
            ///
            /// fn passed_in() -> TcpListener {
            ///     // SAFETY: the host has opened it, and nothing else owns it.
            ///     let listener = unsafe { std::net::TcpListener::from_raw_fd(3) };
            ///     TcpListener::from_std(listener)
            /// }
            /// ```
            pub fn from_std(socket: impl IntoRawFd + AsFd) -> Self {
                // SAFETY: what is `AsFd` and gives a descriptor up has owned it, and no longer
                // does.
                Self::from_sys(unsafe { <$sys>::from_raw_fd(socket.into_raw_fd()) })
            }
        }
    )+ };
}

impl_from_any_fd! {
    TcpListener => sys::tcp::Listener,
    TcpStream => sys::tcp::Stream,
    UdpSocket => sys::udp::Socket,
    UnixDatagram => sys::uds::Datagram,
    UnixListener => sys::uds::Listener,
    UnixStream => sys::uds::Stream,
}
