//! The sockets of a run.

use std::io;
use std::net::SocketAddr;

use mio::event::Source;
use mio::net::{TcpStream, UdpSocket};

/// A connected datagram socket.
pub(super) trait Datagram: Source {
    fn send(&self, bytes: &[u8]) -> io::Result<usize>;
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize>;
    /// `None` where the kind of socket has no peek.
    fn peek(&self, buffer: &mut [u8]) -> Option<io::Result<usize>>;
    fn take_error(&self) -> io::Result<Option<io::Error>>;
    /// The address that another socket may bind when this one is closed.
    fn address(&self) -> Option<SocketAddr>;
}

/// The socket of an end.
pub(super) enum Handle {
    Tcp(TcpStream),
    Datagram(Box<dyn Datagram>),
}

impl Handle {
    /// The source that is registered.
    pub(super) fn source(&mut self) -> &mut dyn Source {
        match self {
            Self::Tcp(stream) => stream,
            Self::Datagram(socket) => socket,
        }
    }

    /// Its error, which is returned once.
    pub(super) fn take_error(&self) -> io::Result<Option<io::Error>> {
        match self {
            Self::Tcp(stream) => stream.take_error(),
            Self::Datagram(socket) => socket.take_error(),
        }
    }

    /// Its own address, if it is an IP one.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(stream) => stream.local_addr().ok(),
            Self::Datagram(socket) => socket.address(),
        }
    }
}

impl Datagram for UdpSocket {
    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        self.send(bytes)
    }

    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.recv(buffer)
    }

    fn peek(&self, buffer: &mut [u8]) -> Option<io::Result<usize>> {
        Some(self.peek(buffer))
    }

    fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.take_error()
    }

    fn address(&self) -> Option<SocketAddr> {
        self.local_addr().ok()
    }
}

/// Two Unix datagram sockets that are connected to each other.
#[cfg(any(
    unix,
    all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3")))
))]
pub(super) use self::unix::pair as unix_pair;

#[cfg(any(
    unix,
    all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3")))
))]
mod unix {
    use std::io;
    use std::net::SocketAddr;

    use mio::net::UnixDatagram;

    use super::Datagram;

    pub(in super::super) fn pair() -> io::Result<[Box<dyn Datagram>; 2]> {
        let (first, second) = UnixDatagram::pair()?;
        Ok([Box::new(first), Box::new(second)])
    }

    impl Datagram for UnixDatagram {
        fn send(&self, bytes: &[u8]) -> io::Result<usize> {
            self.send(bytes)
        }

        fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
            self.recv(buffer)
        }

        fn peek(&self, _: &mut [u8]) -> Option<io::Result<usize>> {
            None
        }

        fn take_error(&self) -> io::Result<Option<io::Error>> {
            self.take_error()
        }

        fn address(&self) -> Option<SocketAddr> {
            None
        }
    }
}

/// There are none.
#[cfg(not(any(
    unix,
    all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3")))
)))]
pub(super) fn unix_pair() -> io::Result<[Box<dyn Datagram>; 2]> {
    Err(io::ErrorKind::Unsupported.into())
}
