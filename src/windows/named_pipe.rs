//! [`NamedPipe`]: one end of a named pipe; for Windows.

use std::ffi::OsStr;
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle, RawHandle};

use crate::sys::pipe::PipeEnd;
use crate::{event, Interest, Registry, Token};

/// One end of a named pipe, non-blocking.
///
/// [`NamedPipe::new`] makes a server's end. A client opens the pipe as a file
/// with the flag for overlapped operations, and hands it over with
/// [`FromRawHandle`].
///
/// # Readiness
///
/// Windows has no readiness of named pipes, so operations are carried out in
/// the background: a registered pipe reads ahead into a buffer of its own, and a
/// write succeeds when it has been started. From that follows:
///
/// - A pipe has to be registered before it can be used; until then reading and
///   writing would block.
/// - The [`Interest`] of a registration doesn't matter: both directions are
///   always reported.
/// - One write at a time: a second one would block until the writable event of
///   the first. A write that fails is reported by the next one.
/// - Once registered, a pipe belongs to that poll for good. It may be deregistered
///   and registered there anew, but with no other poll.
/// - The other end's closing is a read of zero bytes; no closed flag is reported.
///
/// Dropping a pipe cancels what runs in the background, except for a write, which
/// is carried out as long as the poll lives.
///
/// # Examples
///
/// A server and its client, in one thread:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use mio::windows::NamedPipe;
/// use mio::{Events, Interest, Poll, Token};
/// use std::fs::OpenOptions;
/// use std::io::{ErrorKind, Read, Write};
/// use std::os::windows::fs::OpenOptionsExt;
/// use std::os::windows::io::{FromRawHandle, IntoRawHandle};
///
/// const FILE_FLAG_OVERLAPPED: u32 = 0x4000_0000;
///
/// let name = format!(r"\\.\pipe\mio_wasi-example-{}", std::process::id());
/// let both = Interest::READABLE | Interest::WRITABLE;
/// let mut poll = Poll::new()?;
///
/// let mut server = NamedPipe::new(&name)?;
/// poll.registry().register(&mut server, Token(0), both)?;
///
/// let client = OpenOptions::new()
///     .read(true)
///     .write(true)
///     .custom_flags(FILE_FLAG_OVERLAPPED)
///     .open(&name)?;
/// // SAFETY: the handle is open, and the file has given it up.
/// let mut client = unsafe { NamedPipe::from_raw_handle(client.into_raw_handle()) };
/// poll.registry().register(&mut client, Token(1), both)?;
///
/// server.connect()?; // the client is there already
/// assert_eq!(client.write(b"hello")?, 5);
///
/// let mut events = Events::with_capacity(8);
/// let mut buffer = [0; 16];
/// let length = loop {
///     poll.poll(&mut events, None)?;
///     match server.read(&mut buffer) {
///         Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
///         result => break result?,
///     }
/// };
/// assert_eq!(&buffer[..length], b"hello");
/// # Ok(())
/// # }
/// ```
pub struct NamedPipe {
    /// The pipe with what runs in the background.
    end: PipeEnd,
}

impl NamedPipe {
    /// Makes the first instance of a pipe, a server's end for one client at a
    /// time: bytes in both directions, not inherited by child processes.
    ///
    /// The name has the form `\\.\pipe\NAME`.
    ///
    /// # Errors
    ///
    /// [`PermissionDenied`](io::ErrorKind::PermissionDenied) when there is a pipe
    /// of this name already; [`InvalidInput`](io::ErrorKind::InvalidInput) when
    /// the name contains a zero character; the system's error when the name
    /// lacks the prefix.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::windows::NamedPipe;
    ///
    /// let name = format!(r"\\.\pipe\mio_wasi-new-{}", std::process::id());
    /// let server = NamedPipe::new(&name)?;
    /// let error = NamedPipe::new(r"\\.\pipe\zero".to_owned() + "\0").unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn new<A: AsRef<OsStr>>(addr: A) -> io::Result<Self> {
        PipeEnd::create(addr.as_ref()).map(|end| Self { end })
    }

    /// Waits for a client, in the background.
    ///
    /// `Ok` means that a client is there, or has connected and closed its end since the
    /// last [`NamedPipe::disconnect`]: reading gives what it wrote, and then the end. After
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) a writable event reports that the
    /// wait is over, and then [`NamedPipe::take_error`] returns its error if it has failed.
    /// Before the pipe is registered nothing can run in the background: the wait
    /// begins then.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) while there is no client.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::windows::NamedPipe;
    /// use std::io::ErrorKind;
    ///
    /// let name = format!(r"\\.\pipe\mio_wasi-connect-{}", std::process::id());
    /// let server = NamedPipe::new(&name)?;
    /// // The wait begins when the pipe is registered.
    /// assert_eq!(server.connect().unwrap_err().kind(), ErrorKind::WouldBlock);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn connect(&self) -> io::Result<()> {
        self.end.connect()
    }

    /// Takes the error of the last wait for a client, if it failed. It is returned
    /// only once.
    ///
    /// # Errors
    ///
    /// None at present.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::windows::NamedPipe;
    ///
    /// let name = format!(r"\\.\pipe\mio_wasi-error-{}", std::process::id());
    /// let server = NamedPipe::new(&name)?;
    /// assert!(server.take_error()?.is_none());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        Ok(self.end.take_error())
    }

    /// Disconnects the client. What it has not read is lost. After another
    /// [`NamedPipe::connect`] the next client can come.
    ///
    /// # Errors
    ///
    /// The system's error; only servers may do this.
    ///
    /// # Examples
    ///
    /// One client after the other:
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use mio::windows::NamedPipe;
    /// use mio::{Events, Interest, Poll, Token};
    /// use std::fs::File;
    /// use std::io::{ErrorKind, Read, Write};
    /// use std::time::Duration;
    ///
    /// let name = format!(r"\\.\pipe\mio_wasi-clients-{}", std::process::id());
    /// let both = Interest::READABLE | Interest::WRITABLE;
    /// let mut server = NamedPipe::new(&name)?;
    /// let mut poll = Poll::new()?;
    /// poll.registry().register(&mut server, Token(0), both)?;
    ///
    /// let mut events = Events::with_capacity(4);
    /// for greeting in [*b"first", *b"other"] {
    ///     let none = server.connect().unwrap_err();
    ///     assert_eq!(none.kind(), ErrorKind::WouldBlock);
    ///     let mut client = File::open(&name)?;
    ///     loop {
    ///         poll.poll(&mut events, Some(Duration::from_secs(5)))?;
    ///         assert!(!events.is_empty(), "no client in time");
    ///         if let Some(error) = server.take_error()? {
    ///             return Err(error);
    ///         }
    ///         match server.connect() {
    ///             Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
    ///             result => break result?,
    ///         }
    ///     }
    ///     assert_eq!(server.write(&greeting)?, 5);
    ///     let mut received = [0; 5];
    ///     client.read_exact(&mut received)?;
    ///     assert_eq!(received, greeting);
    ///     server.disconnect()?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn disconnect(&self) -> io::Result<()> {
        self.end.disconnect()
    }
}

impl event::Source for NamedPipe {
    fn register(&mut self, registry: &Registry, token: Token, _: Interest) -> io::Result<()> {
        self.end.register(registry.selector(), token)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, _: Interest) -> io::Result<()> {
        self.end.reregister(registry.selector(), token)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.end.deregister(registry.selector())
    }
}

/// Gives the pipe `Read` and `Write`, owned and by reference.
macro_rules! impl_pipe_io {
    ($($self:ty),+ $(,)?) => { $(
        impl Read for $self {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.end.read(buffer)
            }

            fn read_vectored(&mut self, buffers: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
                self.end.read_vectored(buffers)
            }
        }

        impl Write for $self {
            fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
                self.end.write(buffer)
            }

            fn write_vectored(&mut self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
                self.end.write_vectored(buffers)
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
    )+ };
}

impl_pipe_io!(NamedPipe, &NamedPipe);

impl AsRawHandle for NamedPipe {
    fn as_raw_handle(&self) -> RawHandle {
        self.end.as_raw_handle()
    }
}

impl FromRawHandle for NamedPipe {
    /// Takes over an end of a pipe, a client's for one.
    ///
    /// # Safety
    ///
    /// The handle is open, is an end of a named pipe that was opened for
    /// overlapped operations, is associated with no completion port, and is owned by
    /// nothing else.
    unsafe fn from_raw_handle(handle: RawHandle) -> Self {
        // SAFETY: the caller's promise is what std requires.
        let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
        Self { end: handle.into() }
    }
}

impl fmt::Debug for NamedPipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedPipe")
            .field("handle", &self.as_raw_handle())
            .finish()
    }
}
