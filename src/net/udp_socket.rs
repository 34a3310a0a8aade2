//! [`UdpSocket`]: sends and receives datagrams; the same on all systems.

use std::io;
use std::net::SocketAddr;

use super::forward::impl_source;
use crate::io_source::IoSource;
use crate::sys;

/// A UDP socket.
///
/// It can be used in two ways: unconnected, with [`UdpSocket::send_to`] and
/// [`UdpSocket::recv_from`] and any number of peers, or connected to one peer
/// with [`UdpSocket::connect`], [`UdpSocket::send`] and [`UdpSocket::recv`].
///
/// A datagram may be empty: a length of zero is not the end of anything.
///
/// # Portability
///
/// On WASI preview 1 the functions for multicast, for the time to live, and
/// [`UdpSocket::only_v6`] fail with
/// [`Unsupported`](io::ErrorKind::Unsupported): no host has them. On WASI preview 2 those
/// for multicast and broadcast do, and peeking.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use mio::net::UdpSocket;
/// use mio::{Events, Interest, Poll, Token};
/// use std::io::ErrorKind;
///
/// let mut receiver = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
/// let sender = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
/// let mut poll = Poll::new()?;
/// poll.registry().register(&mut receiver, Token(0), Interest::READABLE)?;
///
/// sender.send_to(b"news", receiver.local_addr()?)?;
///
/// let mut events = Events::with_capacity(4);
/// let mut buffer = [0; 16];
/// let (length, from) = loop {
///     poll.poll(&mut events, None)?;
///     match receiver.recv_from(&mut buffer) {
///         Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
///         result => break result?,
///     }
/// };
/// assert_eq!(&buffer[..length], b"news");
/// assert_eq!(from, sender.local_addr()?);
/// # Ok(())
/// # }
/// ```
pub struct UdpSocket {
    /// The system's socket and its registration.
    pub(super) inner: IoSource<sys::udp::Socket>,
}

impl UdpSocket {
    /// Takes over the system's socket.
    pub(super) fn from_sys(socket: sys::udp::Socket) -> Self {
        Self {
            inner: IoSource::new(socket),
        }
    }

    /// Makes a socket at `addr`. Port 0 lets the system choose one.
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](io::ErrorKind::AddrInUse),
    /// [`AddrNotAvailable`](io::ErrorKind::AddrNotAvailable), or
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 1 without the feature
    /// `wasmedge`.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// assert!(UdpSocket::bind(socket.local_addr()?).is_err());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn bind(addr: SocketAddr) -> io::Result<Self> {
        sys::udp::bind(addr).map(Self::from_sys)
    }

    /// The address of this socket.
    ///
    /// # Errors
    ///
    /// The system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// assert_ne!(socket.local_addr()?.port(), 0); // the port that was chosen
    /// # std::io::Result::Ok(())
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.get().local_addr()
    }

    /// The address that this socket is connected to.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when it isn't.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// assert!(socket.peer_addr().is_err());
    /// socket.connect("127.0.0.1:9".parse().unwrap())?;
    /// assert_eq!(socket.peer_addr()?.port(), 9);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.inner.get().peer_addr()
    }

    /// Connects to a peer: [`UdpSocket::send`] goes there from now on, and what
    /// others send is dropped. Another call replaces the peer.
    ///
    /// # Errors
    ///
    /// The system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use mio::net::UdpSocket;
    /// use mio::{Events, Interest, Poll, Token};
    /// use std::io::ErrorKind;
    /// use std::time::Duration;
    ///
    /// let mut client = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// let server = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// client.connect(server.local_addr()?)?;
    /// server.connect(client.local_addr()?)?;
    /// let mut poll = Poll::new()?;
    /// poll.registry().register(&mut client, Token(0), Interest::READABLE)?;
    ///
    /// server.send(b"news")?;
    ///
    /// let mut events = Events::with_capacity(4);
    /// let mut buffer = [0; 16];
    /// let length = loop {
    ///     poll.poll(&mut events, Some(Duration::from_secs(5)))?;
    ///     assert!(!events.is_empty(), "nothing came in time");
    ///     match client.recv(&mut buffer) {
    ///         Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
    ///         result => break result?,
    ///     }
    /// };
    /// assert_eq!(&buffer[..length], b"news");
    /// assert_eq!(client.peer_addr()?, server.local_addr()?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn connect(&self, addr: SocketAddr) -> io::Result<()> {
        self.inner.get().connect(addr)
    }

    /// Sends a datagram to `target` and returns its length.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when the send buffer is full. On a
    /// connected socket some systems refuse this.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// let receiver = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// assert_eq!(socket.send_to(b"news", receiver.local_addr()?)?, 4);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn send_to(&self, buf: &[u8], target: SocketAddr) -> io::Result<usize> {
        self.inner
            .send_io(buf.len(), |socket| socket.send_to(buf, target))
    }

    /// Receives a datagram, and returns its length and the sender's address. What
    /// doesn't fit into `buf` is lost; on Windows that is an error.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    /// use mio::{Events, Interest, Poll, Token};
    ///
    /// let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// let mut poll = Poll::new()?;
    /// poll.registry().register(&mut socket, Token(0), Interest::READABLE)?;
    /// socket.send_to(b"to myself", socket.local_addr()?)?;
    /// let mut events = Events::with_capacity(4);
    /// poll.poll(&mut events, None)?;
    ///
    /// let mut buffer = [0; 16];
    /// let (length, sender) = socket.recv_from(&mut buffer)?;
    /// assert_eq!(&buffer[..length], b"to myself");
    /// assert_eq!(sender, socket.local_addr()?);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.inner.receive_io(|socket| socket.recv_from(buf))
    }

    /// As [`UdpSocket::recv_from`], but leaves the datagram where it is.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none,
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 2.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    /// use mio::{Events, Interest, Poll, Token};
    ///
    /// let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// let mut poll = Poll::new()?;
    /// poll.registry().register(&mut socket, Token(0), Interest::READABLE)?;
    /// socket.send_to(b"to myself", socket.local_addr()?)?;
    /// let mut events = Events::with_capacity(4);
    /// poll.poll(&mut events, None)?;
    ///
    /// let mut buffer = [0; 16];
    /// let (length, _) = socket.peek_from(&mut buffer)?;
    /// assert_eq!(&buffer[..length], b"to myself");
    /// assert_eq!(socket.recv_from(&mut buffer)?.0, length); // It is still there.
    /// # std::io::Result::Ok(())
    /// ```
    pub fn peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.inner.peek_datagram_io(|socket| socket.peek_from(buf))
    }

    /// Sends a datagram to the connected peer and returns its length.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when the send buffer is full,
    /// [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) when the peer has
    /// answered an earlier datagram so; an error of the system's own when the
    /// socket isn't connected.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// let receiver = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// socket.connect(receiver.local_addr()?)?;
    /// assert_eq!(socket.send(b"news")?, 4);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn send(&self, buf: &[u8]) -> io::Result<usize> {
        self.inner.send_io(buf.len(), |socket| socket.send(buf))
    }

    /// Receives a datagram and returns its length. What doesn't fit into `buf` is
    /// lost; on Windows that is an error.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none,
    /// [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) when the peer has
    /// answered an earlier datagram so.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    /// use mio::{Events, Interest, Poll, Token};
    ///
    /// let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// let mut poll = Poll::new()?;
    /// poll.registry().register(&mut socket, Token(0), Interest::READABLE)?;
    /// socket.connect(socket.local_addr()?)?; // to itself
    /// socket.send(b"to myself")?;
    /// let mut events = Events::with_capacity(4);
    /// poll.poll(&mut events, None)?;
    ///
    /// let mut buffer = [0; 16];
    /// let length = socket.recv(&mut buffer)?;
    /// assert_eq!(&buffer[..length], b"to myself");
    /// # std::io::Result::Ok(())
    /// ```
    pub fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.receive_io(|socket| socket.recv(buf))
    }

    /// As [`UdpSocket::recv`], but leaves the datagram where it is.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none,
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 2.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    /// use mio::{Events, Interest, Poll, Token};
    ///
    /// let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// let mut poll = Poll::new()?;
    /// poll.registry().register(&mut socket, Token(0), Interest::READABLE)?;
    /// socket.connect(socket.local_addr()?)?; // to itself
    /// socket.send(b"to myself")?;
    /// let mut events = Events::with_capacity(4);
    /// poll.poll(&mut events, None)?;
    ///
    /// let mut buffer = [0; 16];
    /// let length = socket.peek(&mut buffer)?;
    /// assert_eq!(&buffer[..length], b"to myself");
    /// assert_eq!(socket.recv(&mut buffer)?, length); // It is still there.
    /// # std::io::Result::Ok(())
    /// ```
    pub fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.peek_datagram_io(|socket| socket.peek(buf))
    }

    /// Takes the error that the system keeps for this socket (SO_ERROR), if any.
    ///
    /// # Errors
    ///
    /// When the call itself fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// assert!(socket.take_error()?.is_none());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.inner
            .take_error_or_pending(|socket| socket.take_error())
    }

    /// Runs an operation on this socket that the library has no function for, and
    /// re-arms readiness when it would block: see
    /// [`TcpStream::try_io`](super::TcpStream::try_io).
    ///
    /// # Errors
    ///
    /// Those of `f`.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    /// use std::io::ErrorKind;
    ///
    /// let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// let result = socket.try_io(|| {
    ///     // An operation on the descriptor, here one that would block.
    ///     Err::<usize, _>(ErrorKind::WouldBlock.into())
    /// });
    /// assert_eq!(result.unwrap_err().kind(), ErrorKind::WouldBlock);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn try_io<F, T>(&self, f: F) -> io::Result<T>
    where
        F: FnOnce() -> io::Result<T>,
    {
        self.inner.try_io(|_| f())
    }
}

impl_source!(UdpSocket);
