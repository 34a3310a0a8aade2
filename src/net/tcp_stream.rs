//! [`TcpStream`]: a TCP connection; the same on all systems.

use std::io;
use std::net::{Shutdown, SocketAddr};

use super::forward::{impl_read, impl_source, impl_write};
use crate::io_source::IoSource;
use crate::sys;

/// A TCP connection, or the attempt to make one.
///
/// Reading and writing go through [`Read`](io::Read) and
/// [`Write`](io::Write), which `&TcpStream` implements too.
///
/// # Connecting
///
/// [`TcpStream::connect`] returns before there is a connection. To learn how the
/// attempt ends, register the stream as writable; at its event call
/// [`TcpStream::take_error`], then [`TcpStream::peer_addr`]. No error and an
/// address: it is connected. [`NotConnected`](io::ErrorKind::NotConnected): not
/// decided yet, wait for the next event.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use mio::net::{TcpListener, TcpStream};
/// use mio::{Events, Interest, Poll, Token};
/// use std::io::{ErrorKind, Write};
///
/// let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
/// let mut poll = Poll::new()?;
/// let mut stream = TcpStream::connect(listener.local_addr()?)?;
/// poll.registry().register(&mut stream, Token(0), Interest::WRITABLE)?;
///
/// let mut events = Events::with_capacity(8);
/// loop {
///     poll.poll(&mut events, None)?;
///     if let Some(error) = stream.take_error()? {
///         return Err(error);
///     }
///     match stream.peer_addr() {
///         Ok(_) => break,
///         Err(error) if error.kind() == ErrorKind::NotConnected => {}
///         Err(error) => return Err(error),
///     }
/// }
/// assert_eq!(stream.write(b"hello")?, 5);
/// # Ok(())
/// # }
/// ```
pub struct TcpStream {
    /// The system's stream and its registration.
    pub(super) inner: IoSource<sys::tcp::Stream>,
}

impl TcpStream {
    /// Takes over the system's stream.
    pub(super) fn from_sys(stream: sys::tcp::Stream) -> Self {
        Self {
            inner: IoSource::new(stream),
        }
    }

    /// Starts to connect to `addr`, see [Connecting](Self#connecting).
    ///
    /// # Errors
    ///
    /// What is known at once: an address that can't be reached, no descriptor
    /// left; on some systems also a refusal.
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 1 without the feature
    /// `wasmedge`.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::{TcpListener, TcpStream};
    /// use mio::{Interest, Poll, Token};
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
    /// let poll = Poll::new()?;
    /// let mut stream = TcpStream::connect(listener.local_addr()?)?;
    /// // A writable event reports that the attempt has ended.
    /// poll.registry().register(&mut stream, Token(0), Interest::WRITABLE)?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn connect(addr: SocketAddr) -> io::Result<Self> {
        sys::tcp::connect(addr).map(Self::from_sys)
    }

    /// The address of the other side.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) while the connection attempt
    /// is pending, and after the connection was lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::TcpStream;
    /// use std::io::ErrorKind;
    ///
    /// /// Has a writable event ended the attempt with a connection?
    /// fn is_connected(stream: &TcpStream) -> std::io::Result<bool> {
    ///     match stream.peer_addr() {
    ///         Ok(_) => Ok(true),
    ///         Err(error) if error.kind() == ErrorKind::NotConnected => Ok(false),
    ///         Err(error) => Err(error),
    ///     }
    /// }
    /// # let listener = mio::net::TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
    /// # is_connected(&TcpStream::connect(listener.local_addr()?)?)?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.inner.connection_query(|stream| stream.peer_addr())
    }

    /// The address of this side.
    ///
    /// # Errors
    ///
    /// The system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::{TcpListener, TcpStream};
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
    /// let stream = TcpStream::connect(listener.local_addr()?)?;
    /// assert!(stream.local_addr()?.ip().is_loopback());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.get().local_addr()
    }

    /// Closes the reading side, the writing side or both.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when there is no connection.
    ///
    /// # Examples
    ///
    /// The peer learns that nothing more comes, and can still answer:
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use mio::net::TcpStream;
    /// use std::io::{Read, Write};
    /// use std::net::{self, Shutdown};
    ///
    /// let listener = net::TcpListener::bind("127.0.0.1:0")?;
    /// let stream = net::TcpStream::connect(listener.local_addr()?)?;
    /// stream.set_nonblocking(true)?;
    /// let mut stream = TcpStream::from_std(stream);
    /// let (mut peer, _) = listener.accept()?;
    ///
    /// assert_eq!(stream.write(b"that is all")?, 11);
    /// stream.shutdown(Shutdown::Write)?;
    ///
    /// let mut received = String::new();
    /// peer.read_to_string(&mut received)?;
    /// assert_eq!(received, "that is all");
    /// peer.write_all(b"thanks")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.inner.get().shutdown(how)
    }

    /// Sets TCP_NODELAY: send small segments at once instead of collecting them.
    ///
    /// # Errors
    ///
    /// The system's error; Windows may refuse it before the stream is connected.
    /// Where a host of WASI lacks the option this succeeds without effect, since it is
    /// a hint about latency, which many programs demand to succeed:
    /// [`TcpStream::nodelay`] still returns `false` on preview 1, and what was set
    /// on preview 2.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::TcpStream;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let stream = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let stream = TcpStream::from_std(stream);
    /// stream.set_nodelay(true)?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.inner.get().set_nodelay(nodelay)
    }

    /// Are small segments sent at once (TCP_NODELAY)?
    ///
    /// # Errors
    ///
    /// The system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::TcpStream;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let stream = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let stream = TcpStream::from_std(stream);
    /// assert!(!stream.nodelay()?);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn nodelay(&self) -> io::Result<bool> {
        self.inner.get().nodelay()
    }

    /// Sets how many routers a packet may pass (IP_TTL).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 1.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::TcpStream;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let stream = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let stream = TcpStream::from_std(stream);
    /// stream.set_ttl(16)?;
    /// assert_eq!(stream.ttl()?, 16);
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
    /// use mio::net::TcpStream;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let stream = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let stream = TcpStream::from_std(stream);
    /// assert!(stream.ttl()? > 0);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn ttl(&self) -> io::Result<u32> {
        self.inner.get().ttl()
    }

    /// Takes the error that the system keeps for this socket (SO_ERROR), if any:
    /// the reason why connecting failed, for example. It is returned only once.
    ///
    /// # Errors
    ///
    /// When the call itself fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::{TcpListener, TcpStream};
    /// use mio::{Events, Interest, Poll, Token};
    /// use std::io::ErrorKind;
    ///
    /// // Nobody listens there any more.
    /// let address = TcpListener::bind("127.0.0.1:0".parse().unwrap())?.local_addr()?;
    /// let result = TcpStream::connect(address).and_then(|mut stream| {
    ///     let mut poll = Poll::new()?;
    ///     poll.registry().register(&mut stream, Token(0), Interest::WRITABLE)?;
    ///     let mut events = Events::with_capacity(4);
    ///     while events.is_empty() {
    ///         poll.poll(&mut events, None)?;
    ///     }
    ///     stream.take_error()?.map_or(Ok(()), Err)
    /// });
    /// assert_eq!(result.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.inner.take_error_io(
            |stream| stream.take_error(),
            |stream| {
                matches!(stream.peer_addr(), Err(error) if error.kind() == io::ErrorKind::NotConnected)
            },
        )
    }

    /// Copies what was received into `buf` without consuming it, and returns its
    /// length.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing was received,
    /// [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 2.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use mio::net::TcpStream;
    /// use mio::{Events, Interest, Poll, Token};
    /// use std::io::{ErrorKind, Read, Write};
    /// use std::time::Duration;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let mut stream = TcpStream::connect(listener.local_addr()?)?;
    /// let mut poll = Poll::new()?;
    /// poll.registry().register(&mut stream, Token(0), Interest::READABLE)?;
    /// let (mut peer, _) = listener.accept()?;
    /// peer.write_all(b"GET")?;
    ///
    /// let mut events = Events::with_capacity(4);
    /// let mut buffer = [0; 8];
    /// let length = loop {
    ///     poll.poll(&mut events, Some(Duration::from_secs(5)))?;
    ///     assert!(!events.is_empty(), "nothing came in time");
    ///     match stream.peek(&mut buffer) {
    ///         Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
    ///         result => break result?,
    ///     }
    /// };
    /// assert_eq!(&buffer[..length], b"GET");
    /// assert_eq!(stream.read(&mut buffer)?, 3); // It is all still there.
    /// # Ok(())
    /// # }
    /// ```
    pub fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner
            .peek_stream_io(buf.len(), |stream| stream.peek(buf))
    }

    /// Runs an operation on this socket that the library has no function for, and
    /// re-arms readiness when it would block.
    ///
    /// `f` is called once and its result is returned. When it is an error of kind
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) the next readiness is certain to
    /// be reported; so `f` must return this kind only if an operation on this
    /// very socket has, and must not hide it.
    ///
    /// # Errors
    ///
    /// Those of `f`.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use mio::net::TcpStream;
    /// use std::io::{self, Read};
    ///
    /// /// Reads until a buffer is full or nothing is left to read.
    /// fn fill(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    ///     let mut filled = 0;
    ///     while filled < buffer.len() {
    ///         match stream.try_io(|| (&*stream).read(&mut buffer[filled..])) {
    ///             Ok(0) => break,
    ///             Ok(count) => filled += count,
    ///             Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
    ///             Err(error) => return Err(error),
    ///         }
    ///     }
    ///     Ok(filled)
    /// }
    /// # let listener = mio::net::TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
    /// # let stream = TcpStream::connect(listener.local_addr()?)?;
    /// # assert_eq!(fill(&stream, &mut [0; 8])?, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_io<F, T>(&self, f: F) -> io::Result<T>
    where
        F: FnOnce() -> io::Result<T>,
    {
        self.inner.try_io(|_| f())
    }
}

impl_source!(TcpStream);
impl_read!(TcpStream, &TcpStream);
impl_write!(TcpStream, &TcpStream);
