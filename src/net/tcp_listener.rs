//! [`TcpListener`]: accepts TCP connections; the same on all systems.

use std::io;
use std::net::SocketAddr;

use super::forward::impl_source;
use super::TcpStream;
use crate::io_source::IoSource;
use crate::sys;

/// A socket that accepts TCP connections.
///
/// A connection that waits makes it readable; it is never writable. One event
/// may stand for many connections: accept until
/// [`WouldBlock`](io::ErrorKind::WouldBlock).
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use mio::net::{TcpListener, TcpStream};
/// use mio::{Events, Interest, Poll, Token};
///
/// let mut poll = Poll::new()?;
/// let mut listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
/// poll.registry().register(&mut listener, Token(0), Interest::READABLE)?;
/// let client = TcpStream::connect(listener.local_addr()?)?;
///
/// let mut events = Events::with_capacity(8);
/// let (stream, peer) = loop {
///     poll.poll(&mut events, None)?;
///     match listener.accept() {
///         Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
///         result => break result?,
///     }
/// };
/// assert_eq!(peer, client.local_addr()?);
/// assert_eq!(stream.peer_addr()?, peer);
/// # Ok(())
/// # }
/// ```
pub struct TcpListener {
    /// The system's listener and its registration.
    pub(super) inner: IoSource<sys::tcp::Listener>,
}

impl TcpListener {
    /// Takes over the system's listener.
    pub(super) fn from_sys(listener: sys::tcp::Listener) -> Self {
        Self {
            inner: IoSource::new(listener),
        }
    }

    /// Makes a listener at `addr`. Port 0 lets the system choose one, see
    /// [`TcpListener::local_addr`].
    ///
    /// Except on Windows, where this would let others take the address over,
    /// the address is made reusable (SO_REUSEADDR), so that a restarted server
    /// gets it back at once.
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](io::ErrorKind::AddrInUse) when another socket listens
    /// there, [`AddrNotAvailable`](io::ErrorKind::AddrNotAvailable) when the
    /// address isn't one of this machine,
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 1 without the feature
    /// `wasmedge`.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::TcpListener;
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
    /// let taken = TcpListener::bind(listener.local_addr()?);
    /// assert!(taken.is_err());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn bind(addr: SocketAddr) -> io::Result<Self> {
        sys::tcp::listen(addr).map(Self::from_sys)
    }

    /// Accepts the next connection, and returns the peer's address.
    ///
    /// The stream is non-blocking, unless this listener was taken over in
    /// blocking mode on Windows, which hands the mode down. On WASI preview 1
    /// without the feature `wasmedge` the address is `0.0.0.0:0`: the host doesn't
    /// return it.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when no connection is pending. Other
    /// errors are of one connection, or of descriptors that have run out: the
    /// listener stays usable. When they have run out the connection stays pending,
    /// and the next call fails in the same way, so close something or pause first.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::{TcpListener, TcpStream};
    /// use std::io::ErrorKind;
    ///
    /// /// Accepts all connections that are pending.
    /// fn accept_all(listener: &TcpListener, accepted: &mut Vec<TcpStream>) -> std::io::Result<()> {
    ///     loop {
    ///         match listener.accept() {
    ///             Ok((stream, _)) => accepted.push(stream),
    ///             Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
    ///             Err(error) => return Err(error),
    ///         }
    ///     }
    /// }
    /// # let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
    /// # accept_all(&listener, &mut Vec::new())?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, peer) = self.inner.accept_io(sys::tcp::accept)?;
        Ok((TcpStream::from_sys(stream), peer))
    }

    /// The address that it listens at.
    ///
    /// # Errors
    ///
    /// The system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::TcpListener;
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
    /// assert_ne!(listener.local_addr()?.port(), 0); // the port that was chosen
    /// # std::io::Result::Ok(())
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.get().local_addr()
    }

    /// Sets how many routers a packet may pass (IP_TTL); streams accepted from then on
    /// inherit it.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 1.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::TcpListener;
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
    /// listener.set_ttl(16)?;
    /// assert_eq!(listener.ttl()?, 16);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.inner.get().set_ttl(ttl)
    }

    /// How many routers a packet may pass (IP_TTL).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 1.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::TcpListener;
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
    /// assert!(listener.ttl()? > 0);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn ttl(&self) -> io::Result<u32> {
        self.inner.get().ttl()
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
    /// use mio::net::TcpListener;
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
    /// assert!(listener.take_error()?.is_none());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.inner.get().take_error()
    }
}

impl_source!(TcpListener);
