//! [`UnixListener`]: accepts connections from programs of the same machine; for
//! all systems that have Unix sockets.

use std::io;
use std::path::Path;

use super::UnixStream;
use crate::forward::impl_source;
use crate::io_source::IoSource;
use crate::sys;
use crate::sys::uds::SocketAddr;

/// A Unix socket that accepts connections.
///
/// A connection that waits makes it readable; it is never writable. One event
/// may stand for many connections: accept until
/// [`WouldBlock`](io::ErrorKind::WouldBlock).
///
/// Dropping it leaves its path in the file system, where it is in the way of
/// the next listener: remove it before or after.
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
/// On Unix. (On WASI std's `temp_dir` and `id` panic; the path has to come from elsewhere,
/// an argument for one.)
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use mio::net::{UnixListener, UnixStream};
/// use mio::{Events, Interest, Poll, Token};
///
/// let path = std::env::temp_dir().join(format!("mio-listener-{}", std::process::id()));
/// # let _ = std::fs::remove_file(&path);
/// let mut poll = Poll::new()?;
/// let mut listener = UnixListener::bind(&path)?;
/// poll.registry().register(&mut listener, Token(0), Interest::READABLE)?;
/// let client = UnixStream::connect(&path)?;
///
/// let mut events = Events::with_capacity(8);
/// let (stream, peer) = loop {
///     poll.poll(&mut events, None)?;
///     match listener.accept() {
///         Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
///         result => break result?,
///     }
/// };
/// assert!(peer.is_unnamed());
/// assert_eq!(client.peer_addr()?.as_pathname(), Some(path.as_path()));
/// assert_eq!(stream.local_addr()?.as_pathname(), Some(path.as_path()));
/// std::fs::remove_file(&path)?;
/// # Ok(())
/// # }
/// ```
pub struct UnixListener {
    /// The system's listener and its registration.
    pub(in crate::net) inner: IoSource<sys::uds::Listener>,
}

impl UnixListener {
    /// Takes over the system's listener.
    pub(in crate::net) fn from_sys(listener: sys::uds::Listener) -> Self {
        Self {
            inner: IoSource::new(listener),
        }
    }

    /// Makes a listener at `path`, where nothing may be yet.
    ///
    /// On Linux and Android, and on WASI preview 1 with a host on Linux, a path that begins
    /// with a zero byte is an abstract name: what follows the zero.
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](io::ErrorKind::AddrInUse) when something is there, whether
    /// a program listens or not; [`InvalidInput`](io::ErrorKind::InvalidInput)
    /// when the path is too long; otherwise the system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UnixListener;
    ///
    /// let path = std::env::temp_dir().join(format!("mio-listener-bind-{}", std::process::id()));
    /// let listener = UnixListener::bind(&path)?;
    /// assert!(UnixListener::bind(&path).is_err());
    /// std::fs::remove_file(&path)?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<Self> {
        Self::bind_addr(&sys::uds::path_address(path.as_ref())?)
    }

    /// Makes a listener with this address.
    ///
    /// # Errors
    ///
    /// As [`UnixListener::bind`].
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::{SocketAddr, UnixListener};
    ///
    /// let path = std::env::temp_dir().join(format!("mio-listener-addr-{}", std::process::id()));
    /// let listener = UnixListener::bind_addr(&SocketAddr::from_pathname(&path)?)?;
    /// std::fs::remove_file(&path)?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn bind_addr(address: &SocketAddr) -> io::Result<Self> {
        sys::uds::listen(address).map(Self::from_sys)
    }

    /// Accepts a connection, and returns the address of its other side, which is
    /// unnamed unless that program has bound its socket.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when none is pending; the
    /// system's error, when no descriptor is left.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::{UnixListener, UnixStream};
    /// use std::io::ErrorKind;
    ///
    /// /// The next connection, if one is pending.
    /// fn next(listener: &UnixListener) -> std::io::Result<Option<UnixStream>> {
    ///     match listener.accept() {
    ///         Ok((stream, _)) => Ok(Some(stream)),
    ///         Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
    ///         Err(error) => Err(error),
    ///     }
    /// }
    /// ```
    pub fn accept(&self) -> io::Result<(UnixStream, SocketAddr)> {
        let (stream, peer) = self.inner.accept_io(sys::uds::accept)?;
        Ok((UnixStream::from_sys(stream), peer))
    }

    /// The address of this listener.
    ///
    /// # Errors
    ///
    /// The system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UnixListener;
    ///
    /// let path = std::env::temp_dir().join(format!("mio-listener-local-{}", std::process::id()));
    /// let listener = UnixListener::bind(&path)?;
    /// assert_eq!(listener.local_addr()?.as_pathname(), Some(path.as_path()));
    /// std::fs::remove_file(&path)?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.get().local_addr()
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
    /// use mio::net::UnixListener;
    ///
    /// let path = std::env::temp_dir().join(format!("mio-listener-error-{}", std::process::id()));
    /// let listener = UnixListener::bind(&path)?;
    /// assert!(listener.take_error()?.is_none());
    /// std::fs::remove_file(&path)?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.inner.get().take_error()
    }
}

impl_source!(UnixListener);
