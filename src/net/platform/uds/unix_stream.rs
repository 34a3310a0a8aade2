//! [`UnixStream`]: a connection between programs of one machine; for all systems
//! that have Unix sockets.

use std::io;
use std::net::Shutdown;
use std::path::Path;

use crate::forward::{impl_read, impl_source, impl_write};
use crate::io_source::IoSource;
use crate::sys;
use crate::sys::uds::SocketAddr;

/// A Unix stream socket: a connection to a program of the same machine.
///
/// Reading and writing go through [`Read`](io::Read) and
/// [`Write`](io::Write), which are there for `&UnixStream` too.
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
/// ```
/// # fn main() -> std::io::Result<()> {
/// use mio::net::UnixStream;
/// use mio::{Events, Interest, Poll, Token};
/// use std::io::{ErrorKind, Read, Write};
///
/// let mut poll = Poll::new()?;
/// let (mut here, mut there) = UnixStream::pair()?;
/// poll.registry().register(&mut there, Token(0), Interest::READABLE)?;
/// here.write_all(b"hello")?;
///
/// let mut message = [0; 8];
/// let mut events = Events::with_capacity(4);
/// let length = loop {
///     poll.poll(&mut events, None)?;
///     match there.read(&mut message) {
///         Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
///         result => break result?,
///     }
/// };
/// assert_eq!(&message[..length], b"hello");
/// # Ok(())
/// # }
/// ```
pub struct UnixStream {
    /// The system's stream and its registration.
    pub(in crate::net) inner: IoSource<sys::uds::Stream>,
}

impl UnixStream {
    /// Takes over the system's stream.
    pub(in crate::net) fn from_sys(stream: sys::uds::Stream) -> Self {
        Self {
            inner: IoSource::new(stream),
        }
    }

    /// Connects to the socket at `path`.
    ///
    /// On Linux and Android, and on WASI preview 1 with a host on Linux, a path that begins
    /// with a zero byte is an abstract name: what follows the zero.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) when nothing is there,
    /// [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) when nobody
    /// listens, [`WouldBlock`](io::ErrorKind::WouldBlock) when too many
    /// connections wait to be accepted (there is no stream then: retry after
    /// a delay), [`InvalidInput`](io::ErrorKind::InvalidInput) when the path is
    /// too long.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::{UnixListener, UnixStream};
    ///
    /// let path = std::env::temp_dir().join(format!("mio-stream-connect-{}", std::process::id()));
    /// let listener = UnixListener::bind(&path)?;
    /// let stream = UnixStream::connect(&path)?;
    /// assert_eq!(stream.peer_addr()?.as_pathname(), Some(path.as_path()));
    /// std::fs::remove_file(&path)?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn connect<P: AsRef<Path>>(path: P) -> io::Result<Self> {
        Self::connect_addr(&sys::uds::path_address(path.as_ref())?)
    }

    /// Connects to the socket with this address.
    ///
    /// # Errors
    ///
    /// As [`UnixStream::connect`].
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::{UnixListener, UnixStream};
    ///
    /// let path = std::env::temp_dir().join(format!("mio-stream-addr-{}", std::process::id()));
    /// let listener = UnixListener::bind(&path)?;
    /// let stream = UnixStream::connect_addr(&listener.local_addr()?)?;
    /// std::fs::remove_file(&path)?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn connect_addr(address: &SocketAddr) -> io::Result<Self> {
        sys::uds::connect(address).map(Self::from_sys)
    }

    /// Makes two streams that are connected to each other.
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
    /// use mio::net::UnixStream;
    /// use std::io::Write;
    ///
    /// let (mut here, there) = UnixStream::pair()?;
    /// assert_eq!(here.write(b"hello")?, 5);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn pair() -> io::Result<(Self, Self)> {
        let (first, second) = sys::uds::stream_pair()?;
        Ok((Self::from_sys(first), Self::from_sys(second)))
    }

    /// The address of this side; unnamed unless it was bound.
    ///
    /// # Errors
    ///
    /// The system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UnixStream;
    ///
    /// let (here, there) = UnixStream::pair()?;
    /// assert!(here.local_addr()?.is_unnamed());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.get().local_addr()
    }

    /// The address of the other side.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when there is no
    /// connection.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UnixStream;
    ///
    /// let (here, there) = UnixStream::pair()?;
    /// assert!(here.peer_addr()?.is_unnamed());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.inner.connection_query(|stream| stream.peer_addr())
    }

    /// Closes the reading side, the writing side or both.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when there is no
    /// connection.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UnixStream;
    /// use std::io::Read;
    /// use std::net::Shutdown;
    ///
    /// let (here, mut there) = UnixStream::pair()?;
    /// here.shutdown(Shutdown::Write)?;
    /// assert_eq!(there.read(&mut [0; 8])?, 0); // the end
    /// # std::io::Result::Ok(())
    /// ```
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.inner.get().shutdown(how)
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
    /// use mio::net::UnixStream;
    ///
    /// let (here, there) = UnixStream::pair()?;
    /// assert!(here.take_error()?.is_none());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.inner
            .take_error_io(|stream| stream.take_error(), |_| false)
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
    /// use mio::net::UnixStream;
    /// use std::io::ErrorKind;
    ///
    /// let (here, there) = UnixStream::pair()?;
    /// let result = here.try_io(|| {
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

impl_source!(UnixStream);
impl_read!(UnixStream, &UnixStream);
impl_write!(UnixStream, &UnixStream);
