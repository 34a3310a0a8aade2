//! Handle traits of the sockets, for Windows.

use std::os::windows::io::{
    AsRawSocket, AsSocket, BorrowedSocket, FromRawSocket, IntoRawSocket, OwnedSocket, RawSocket,
};

use crate::net::{TcpListener, TcpStream, UdpSocket};

/// Gives a socket type the raw, borrowed and owned handle traits, and the
/// conversion into its std twin.
macro_rules! impl_handles {
    ($($type:ident => $std:ty),+ $(,)?) => { $(
        impl AsRawSocket for $type {
            fn as_raw_socket(&self) -> RawSocket {
                self.inner.get().as_raw_socket()
            }
        }

        impl IntoRawSocket for $type {
            fn into_raw_socket(self) -> RawSocket {
                self.inner.into_inner().into_raw_socket()
            }
        }

        impl FromRawSocket for $type {
            /// Takes a socket over; it keeps the mode that it has.
            ///
            /// # Safety
            ///
            /// The handle is open, is a socket of this kind, and nothing else
            /// owns it.
            unsafe fn from_raw_socket(socket: RawSocket) -> Self {
                // SAFETY: the caller's promise is what std requires.
                Self::from_sys(unsafe { FromRawSocket::from_raw_socket(socket) })
            }
        }

        impl AsSocket for $type {
            fn as_socket(&self) -> BorrowedSocket<'_> {
                self.inner.get().as_socket()
            }
        }

        impl From<OwnedSocket> for $type {
            fn from(socket: OwnedSocket) -> Self {
                Self::from_sys(socket.into())
            }
        }

        impl From<$type> for OwnedSocket {
            fn from(socket: $type) -> Self {
                socket.inner.into_inner().into()
            }
        }

        impl From<$type> for $std {
            fn from(socket: $type) -> Self {
                Self::from(OwnedSocket::from(socket))
            }
        }
    )+ };
}

impl_handles! {
    TcpListener => std::net::TcpListener,
    TcpStream => std::net::TcpStream,
    UdpSocket => std::net::UdpSocket,
}
