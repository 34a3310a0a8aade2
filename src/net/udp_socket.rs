//! [`UdpSocket`]: sends and receives datagrams; the same on all systems.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

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
    pub fn bind(addr: SocketAddr) -> io::Result<Self> {
        sys::udp::bind(addr).map(Self::from_sys)
    }

    /// The address of this socket.
    ///
    /// # Errors
    ///
    /// The system's error.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.get().local_addr()
    }

    /// The address that this socket is connected to.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when it isn't.
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
    pub fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.inner.receive_io(|socket| socket.recv_from(buf))
    }

    /// As [`UdpSocket::recv_from`], but leaves the datagram where it is.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none,
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 2.
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
    pub fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.receive_io(|socket| socket.recv(buf))
    }

    /// As [`UdpSocket::recv`], but leaves the datagram where it is.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none,
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 2.
    pub fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.peek_datagram_io(|socket| socket.peek(buf))
    }

    /// Allows to send to broadcast addresses (SO_BROADCAST).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 2,
    /// otherwise the system's error.
    pub fn set_broadcast(&self, on: bool) -> io::Result<()> {
        self.inner.get().set_broadcast(on)
    }

    /// Is sending to broadcast addresses allowed (SO_BROADCAST)?
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 2,
    /// otherwise the system's error.
    pub fn broadcast(&self) -> io::Result<bool> {
        self.inner.get().broadcast()
    }

    /// Sets whether multicast datagrams that it sends are handed to this machine too
    /// (IP_MULTICAST_LOOP).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    pub fn set_multicast_loop_v4(&self, on: bool) -> io::Result<()> {
        self.inner.get().set_multicast_loop_v4(on)
    }

    /// Are multicast datagrams that it sends handed to this machine too
    /// (IP_MULTICAST_LOOP)?
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    pub fn multicast_loop_v4(&self) -> io::Result<bool> {
        self.inner.get().multicast_loop_v4()
    }

    /// Sets how many routers a multicast datagram may pass (IP_MULTICAST_TTL),
    /// 1 at first.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    pub fn set_multicast_ttl_v4(&self, ttl: u32) -> io::Result<()> {
        self.inner.get().set_multicast_ttl_v4(ttl)
    }

    /// How many routers a multicast datagram may pass (IP_MULTICAST_TTL).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    pub fn multicast_ttl_v4(&self) -> io::Result<u32> {
        self.inner.get().multicast_ttl_v4()
    }

    /// Sets whether IPv6 multicast datagrams are handed to this machine too
    /// (IPV6_MULTICAST_LOOP).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    pub fn set_multicast_loop_v6(&self, on: bool) -> io::Result<()> {
        self.inner.get().set_multicast_loop_v6(on)
    }

    /// Are IPv6 multicast datagrams handed to this machine too
    /// (IPV6_MULTICAST_LOOP)?
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    pub fn multicast_loop_v6(&self) -> io::Result<bool> {
        self.inner.get().multicast_loop_v6()
    }

    /// Sets how many routers a datagram may pass (IP_TTL).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 1,
    /// otherwise the system's error.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.inner.get().set_ttl(ttl)
    }

    /// How many routers a datagram may pass (IP_TTL).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 1,
    /// otherwise the system's error.
    pub fn ttl(&self) -> io::Result<u32> {
        self.inner.get().ttl()
    }

    /// Joins a multicast group through the interface with this address; the
    /// unspecified address lets the system choose.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use mio::net::UdpSocket;
    /// use std::net::Ipv4Addr;
    ///
    /// let group = Ipv4Addr::new(239, 255, 77, 77);
    /// let member = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0).into())?;
    /// member.join_multicast_v4(&group, &Ipv4Addr::LOCALHOST)?;
    /// // Until then what is sent to the group and the socket's port is received.
    /// member.leave_multicast_v4(&group, &Ipv4Addr::LOCALHOST)?;
    /// assert!(member.leave_multicast_v4(&group, &Ipv4Addr::LOCALHOST).is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn join_multicast_v4(&self, multiaddr: &Ipv4Addr, interface: &Ipv4Addr) -> io::Result<()> {
        self.inner.get().join_multicast_v4(multiaddr, interface)
    }

    /// Joins an IPv6 multicast group through the interface with this index; 0
    /// lets the system choose.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    pub fn join_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.inner.get().join_multicast_v6(multiaddr, interface)
    }

    /// Leaves a multicast group, see [`UdpSocket::join_multicast_v4`].
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    pub fn leave_multicast_v4(&self, multiaddr: &Ipv4Addr, interface: &Ipv4Addr) -> io::Result<()> {
        self.inner.get().leave_multicast_v4(multiaddr, interface)
    }

    /// Leaves an IPv6 multicast group, see [`UdpSocket::join_multicast_v6`].
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI, otherwise the
    /// system's error.
    pub fn leave_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.inner.get().leave_multicast_v6(multiaddr, interface)
    }

    /// Does this IPv6 socket refuse IPv4 (IPV6_V6ONLY)? The default differs
    /// between systems.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 1, and for an
    /// IPv4 socket on preview 2; otherwise the system's error.
    pub fn only_v6(&self) -> io::Result<bool> {
        sys::udp::only_v6(self.inner.get())
    }

    /// Takes the error that the system keeps for this socket (SO_ERROR), if any.
    ///
    /// # Errors
    ///
    /// When the call itself fails.
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
    pub fn try_io<F, T>(&self, f: F) -> io::Result<T>
    where
        F: FnOnce() -> io::Result<T>,
    {
        self.inner.try_io(|_| f())
    }
}

impl_source!(UdpSocket);
