//! [`UnixDatagram`]: messages between programs of one machine; for all systems
//! that have Unix sockets.

use std::io;
use std::net::Shutdown;
use std::path::Path;

use crate::forward::impl_source;
use crate::io_source::IoSource;
use crate::sys;
use crate::sys::uds::SocketAddr;

/// A Unix datagram socket: messages to and from programs of the same machine.
///
/// Messages arrive whole, in order, and none is lost on the way.
///
/// # Portability
///
/// On WASI preview 1 the host must permit Unix sockets (`wasmedge --allow-af-unix`), and
/// the feature `wasmedge` be on; otherwise all that makes one fails with
/// [`Unsupported`](io::ErrorKind::Unsupported). Windows and WASI preview 2 have no
/// Unix sockets.
///
/// # Examples
///
/// On Unix. (On WASI preview 1 the sender has a name, see [`UnixDatagram::pair`].)
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use mio::net::UnixDatagram;
/// use mio::{Events, Interest, Poll, Token};
///
/// let mut poll = Poll::new()?;
/// let (here, mut there) = UnixDatagram::pair()?;
/// poll.registry().register(&mut there, Token(0), Interest::READABLE)?;
/// here.send(b"hello")?;
///
/// let mut events = Events::with_capacity(4);
/// while events.is_empty() {
///     poll.poll(&mut events, None)?;
/// }
/// let mut message = [0; 8];
/// let (length, sender) = there.recv_from(&mut message)?;
/// assert_eq!(&message[..length], b"hello");
/// assert!(sender.is_unnamed());
/// # Ok(())
/// # }
/// ```
pub struct UnixDatagram {
    /// The system's socket and its registration.
    pub(in crate::net) inner: IoSource<sys::uds::Datagram>,
}

impl UnixDatagram {
    /// Takes over the system's socket.
    pub(in crate::net) fn from_sys(socket: sys::uds::Datagram) -> Self {
        Self {
            inner: IoSource::new(socket),
        }
    }

    /// Makes a socket at `path`, where nothing may be yet.
    ///
    /// On Linux and Android, and on WASI preview 1 with a host on Linux, a path that begins
    /// with a zero byte is an abstract name: what follows the zero.
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](io::ErrorKind::AddrInUse) when something is there,
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the path is too long,
    /// otherwise the system's error.
    ///
    /// # Examples
    ///
    /// A receiver, and a sender that has a path for answers:
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use mio::net::UnixDatagram;
    /// use mio::{Events, Interest, Poll, Token};
    /// use std::io::ErrorKind;
    /// use std::time::Duration;
    ///
    /// let folder = std::env::temp_dir();
    /// let path = folder.join(format!("mio-receiver-{}", std::process::id()));
    /// let answers = folder.join(format!("mio-sender-{}", std::process::id()));
    /// # for path in [&path, &answers] {
    /// #     let _ = std::fs::remove_file(path);
    /// # }
    /// let mut receiver = UnixDatagram::bind(&path)?;
    /// let mut poll = Poll::new()?;
    /// poll.registry().register(&mut receiver, Token(0), Interest::READABLE)?;
    /// let sender = UnixDatagram::bind(&answers)?;
    /// sender.send_to(b"news", &path)?;
    ///
    /// let mut events = Events::with_capacity(4);
    /// let mut message = [0; 8];
    /// let (length, from) = loop {
    ///     poll.poll(&mut events, Some(Duration::from_secs(5)))?;
    ///     assert!(!events.is_empty(), "nothing came in time");
    ///     match receiver.recv_from(&mut message) {
    ///         Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
    ///         result => break result?,
    ///     }
    /// };
    /// assert_eq!(&message[..length], b"news");
    /// assert_eq!(from.as_pathname(), Some(answers.as_path()));
    /// std::fs::remove_file(&path)?;
    /// std::fs::remove_file(&answers)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<Self> {
        Self::bind_addr(&sys::uds::path_address(path.as_ref())?)
    }

    /// Makes a socket with this address.
    ///
    /// # Errors
    ///
    /// As [`UnixDatagram::bind`].
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::{SocketAddr, UnixDatagram};
    ///
    /// let path = std::env::temp_dir().join(format!("mio-datagram-addr-{}", std::process::id()));
    /// let address = SocketAddr::from_pathname(&path)?;
    /// let socket = UnixDatagram::bind_addr(&address)?;
    /// assert_eq!(socket.local_addr()?.as_pathname(), Some(path.as_path()));
    /// std::fs::remove_file(&path)?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn bind_addr(address: &SocketAddr) -> io::Result<Self> {
        sys::uds::bind(address).map(Self::from_sys)
    }

    /// Makes a socket without an address: it can send, and receives answers only
    /// from a peer that it is connected to.
    ///
    /// # Errors
    ///
    /// The system's error, when no descriptor is left.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UnixDatagram;
    ///
    /// let socket = UnixDatagram::unbound()?;
    /// assert!(socket.local_addr()?.is_unnamed());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn unbound() -> io::Result<Self> {
        sys::uds::unbound().map(Self::from_sys)
    }

    /// Makes two sockets that are connected to each other.
    ///
    /// # Portability
    ///
    /// On WASI preview 1 both have a random abstract name, while on Unix they are
    /// unnamed. Hosts that aren't on Linux have no such names, and refuse.
    ///
    /// # Errors
    ///
    /// The system's error, when no descriptor is left.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UnixDatagram;
    ///
    /// let (here, there) = UnixDatagram::pair()?;
    /// assert_eq!(here.send(b"hello")?, 5);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn pair() -> io::Result<(Self, Self)> {
        let (first, second) = sys::uds::datagram_pair()?;
        Ok((Self::from_sys(first), Self::from_sys(second)))
    }

    /// Connects to the socket at `path`: [`UnixDatagram::send`] goes there from
    /// now on. The path may be an abstract name, see [`UnixDatagram::bind`].
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) when nothing is there,
    /// [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) when no program has
    /// the socket open, otherwise the system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UnixDatagram;
    ///
    /// let path = std::env::temp_dir().join(format!("mio-datagram-connect-{}", std::process::id()));
    /// let server = UnixDatagram::bind(&path)?;
    /// let client = UnixDatagram::unbound()?;
    /// client.connect(&path)?;
    /// assert_eq!(client.send(b"hello")?, 5);
    /// std::fs::remove_file(&path)?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn connect<P: AsRef<Path>>(&self, path: P) -> io::Result<()> {
        let address = sys::uds::path_address(path.as_ref())?;
        self.inner.get().connect_addr(&address)
    }

    /// The address of this socket; unnamed unless it was bound.
    ///
    /// # Errors
    ///
    /// The system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UnixDatagram;
    ///
    /// let path = std::env::temp_dir().join(format!("mio-datagram-local-{}", std::process::id()));
    /// let server = UnixDatagram::bind(&path)?;
    /// let client = UnixDatagram::unbound()?;
    /// assert_eq!(server.local_addr()?.as_pathname(), Some(path.as_path()));
    /// assert!(client.local_addr()?.is_unnamed());
    /// std::fs::remove_file(&path)?;
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
    /// use mio::net::UnixDatagram;
    ///
    /// let path = std::env::temp_dir().join(format!("mio-datagram-peer-{}", std::process::id()));
    /// let server = UnixDatagram::bind(&path)?;
    /// let client = UnixDatagram::unbound()?;
    /// assert!(client.peer_addr().is_err());
    /// client.connect(&path)?;
    /// assert_eq!(client.peer_addr()?.as_pathname(), Some(path.as_path()));
    /// std::fs::remove_file(&path)?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.inner.get().peer_addr()
    }

    /// Receives a message, and returns its length and the sender's address. What
    /// doesn't fit into `buf` is lost.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UnixDatagram;
    /// use mio::{Events, Interest, Poll, Token};
    ///
    /// let (here, mut there) = UnixDatagram::pair()?;
    /// let mut poll = Poll::new()?;
    /// poll.registry().register(&mut there, Token(0), Interest::READABLE)?;
    /// here.send(b"hello")?;
    /// let mut events = Events::with_capacity(4);
    /// poll.poll(&mut events, None)?;
    ///
    /// let mut message = [0; 16];
    /// let (length, sender) = there.recv_from(&mut message)?;
    /// assert_eq!(&message[..length], b"hello");
    /// assert!(sender.is_unnamed());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.inner.receive_io(|socket| socket.recv_from(buf))
    }

    /// Receives a message and returns its length. What doesn't fit into `buf` is
    /// lost.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UnixDatagram;
    /// use mio::{Events, Interest, Poll, Token};
    ///
    /// let (here, mut there) = UnixDatagram::pair()?;
    /// let mut poll = Poll::new()?;
    /// poll.registry().register(&mut there, Token(0), Interest::READABLE)?;
    /// here.send(b"hello")?;
    /// let mut events = Events::with_capacity(4);
    /// poll.poll(&mut events, None)?;
    ///
    /// let mut message = [0; 16];
    /// let length = there.recv(&mut message)?;
    /// assert_eq!(&message[..length], b"hello");
    /// # std::io::Result::Ok(())
    /// ```
    pub fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.receive_io(|socket| socket.recv(buf))
    }

    /// Sends a message to the socket at `path` and returns its length. The path may be an
    /// abstract name, see [`UnixDatagram::bind`].
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when the receiver has too many
    /// messages waiting, [`NotFound`](io::ErrorKind::NotFound) when nothing is
    /// there, [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) when
    /// no program has the socket open. On a connected socket some systems refuse
    /// this.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UnixDatagram;
    ///
    /// let path = std::env::temp_dir().join(format!("mio-datagram-send-{}", std::process::id()));
    /// let server = UnixDatagram::bind(&path)?;
    /// let client = UnixDatagram::unbound()?;
    /// assert_eq!(client.send_to(b"hello", &path)?, 5);
    /// std::fs::remove_file(&path)?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn send_to<P: AsRef<Path>>(&self, buf: &[u8], path: P) -> io::Result<usize> {
        let target = sys::uds::path_address(path.as_ref())?;
        self.inner
            .send_io(buf.len(), |socket| socket.send_to_addr(buf, &target))
    }

    /// Sends a message to the connected peer and returns its length.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when the peer has too many
    /// messages waiting, [`NotConnected`](io::ErrorKind::NotConnected) when
    /// there is no peer, [`BrokenPipe`](io::ErrorKind::BrokenPipe) after writing
    /// was shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UnixDatagram;
    ///
    /// let (here, there) = UnixDatagram::pair()?;
    /// assert_eq!(here.send(b"hello")?, 5);
    /// assert!(UnixDatagram::unbound()?.send(b"hello").is_err());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn send(&self, buf: &[u8]) -> io::Result<usize> {
        self.inner.send_io(buf.len(), |socket| socket.send(buf))
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
    /// use mio::net::UnixDatagram;
    ///
    /// let (here, there) = UnixDatagram::pair()?;
    /// assert!(here.take_error()?.is_none());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.inner
            .take_error_or_pending(|socket| socket.take_error())
    }

    /// Closes the receiving side, the sending side or both.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when there is no peer.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UnixDatagram;
    /// use std::net::Shutdown;
    ///
    /// let (here, there) = UnixDatagram::pair()?;
    /// here.shutdown(Shutdown::Write)?;
    /// assert!(here.send(b"hello").is_err());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.inner.get().shutdown(how)
    }

    /// Runs an operation on this socket that the library has no function for, and
    /// re-arms readiness when it would block: see
    /// [`TcpStream::try_io`](crate::net::TcpStream::try_io).
    ///
    /// # Errors
    ///
    /// Those of `f`.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UnixDatagram;
    /// use std::io::ErrorKind;
    ///
    /// let socket = UnixDatagram::unbound()?;
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

impl_source!(UnixDatagram);
