//! Pipes: [`new`], [`Sender`] and [`Receiver`]; for Unix.

use std::io;
use std::os::fd::OwnedFd;
use std::process::{ChildStderr, ChildStdin, ChildStdout};

use crate::forward::{impl_read, impl_source, impl_write};
use crate::handles::impl_handles;
use crate::io_source::IoSource;
use crate::sys;

/// Makes a pipe: what is written to the sender can be read from the receiver.
///
/// Both ends are non-blocking and not inherited by child processes.
///
/// # Errors
///
/// The system's error, when no descriptor is left.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use mio::unix::pipe;
/// use mio::{Events, Interest, Poll, Token};
/// use std::io::{ErrorKind, Read, Write};
///
/// let (mut sender, mut receiver) = pipe::new()?;
/// let mut poll = Poll::new()?;
/// poll.registry().register(&mut receiver, Token(0), Interest::READABLE)?;
/// let mut message = [0; 8];
/// let empty = receiver.read(&mut message).unwrap_err();
/// assert_eq!(empty.kind(), ErrorKind::WouldBlock);
///
/// sender.write_all(b"hello")?;
/// let mut events = Events::with_capacity(4);
/// while events.is_empty() {
///     poll.poll(&mut events, None)?;
/// }
/// assert_eq!(receiver.read(&mut message)?, 5);
/// # Ok(())
/// # }
/// ```
pub fn new() -> io::Result<(Sender, Receiver)> {
    let (reader, writer) = sys::pipe::new()?;
    Ok((Sender::from_sys(writer), Receiver::from_sys(reader)))
}

/// The end of a pipe that is written to, through [`Write`](io::Write) for
/// `Sender` and `&Sender`.
///
/// When the receiver was dropped an event reports it (`is_write_closed`), and writing
/// fails with [`BrokenPipe`](io::ErrorKind::BrokenPipe). (It also sends the signal
/// SIGPIPE, which Rust programs ignore unless they choose otherwise.)
///
/// # Examples
///
/// The standard input of a child process:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use mio::unix::pipe::Sender;
/// use std::io::Write;
/// use std::process::{Command, Stdio};
///
/// let mut child = Command::new("cat")
///     .stdin(Stdio::piped())
///     .stdout(Stdio::null())
///     .spawn()?;
/// let mut input = Sender::from(child.stdin.take().expect("it is piped"));
/// input.set_nonblocking(true)?;
/// input.write_all(b"hello")?;
/// drop(input);
/// assert!(child.wait()?.success());
/// # Ok(())
/// # }
/// ```
pub struct Sender {
    /// The descriptor and its registration.
    inner: IoSource<sys::pipe::End>,
}

impl Sender {
    /// Takes over the system's descriptor.
    fn from_sys(end: sys::pipe::End) -> Self {
        Self {
            inner: IoSource::new(end),
        }
    }

    /// Chooses whether writing blocks. An end from [`new`] doesn't block, one of a child
    /// process does at first.
    ///
    /// # Errors
    ///
    /// The system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::unix::pipe::Sender;
    /// use std::process::{Command, Stdio};
    ///
    /// let mut child = Command::new("cat").stdin(Stdio::piped()).spawn()?;
    /// let input = Sender::from(child.stdin.take().expect("it is piped"));
    /// input.set_nonblocking(true)?;
    /// # drop(input);
    /// # child.wait()?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        sys::pipe::set_nonblocking(self.inner.get(), nonblocking)
    }

    /// Runs an operation on this pipe that the library knows nothing of, and
    /// re-arms readiness when it would block.
    ///
    /// `f` is called once and its result is returned. It must return
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if, and only if, an operation on
    /// this very pipe has.
    ///
    /// # Errors
    ///
    /// Those of `f`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::ErrorKind;
    ///
    /// let (sender, receiver) = mio::unix::pipe::new()?;
    /// let result = sender.try_io(|| {
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

/// The end of a pipe that is read from, through [`Read`](io::Read) for `Receiver`
/// and `&Receiver`.
///
/// When the last sender was dropped an event reports it (`is_read_closed`), and reading
/// returns what is left, then 0.
///
/// # Examples
///
/// The standard output of a child process:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use mio::unix::pipe::Receiver;
/// use mio::{Events, Interest, Poll, Token};
/// use std::io::{ErrorKind, Read};
/// use std::process::{Command, Stdio};
///
/// let mut child = Command::new("echo").arg("hello").stdout(Stdio::piped()).spawn()?;
/// let mut output = Receiver::from(child.stdout.take().expect("it is piped"));
/// output.set_nonblocking(true)?;
///
/// let mut poll = Poll::new()?;
/// poll.registry().register(&mut output, Token(0), Interest::READABLE)?;
/// let mut events = Events::with_capacity(4);
/// let mut text = String::new();
/// loop {
///     poll.poll(&mut events, None)?;
///     match output.read_to_string(&mut text) {
///         Err(error) if error.kind() == ErrorKind::WouldBlock => {}
///         Err(error) => return Err(error),
///         Ok(_) => break,
///     }
/// }
/// assert_eq!(text, "hello\n");
/// child.wait()?;
/// # Ok(())
/// # }
/// ```
pub struct Receiver {
    /// The descriptor and its registration.
    inner: IoSource<sys::pipe::End>,
}

impl Receiver {
    /// Takes over the system's descriptor.
    fn from_sys(end: sys::pipe::End) -> Self {
        Self {
            inner: IoSource::new(end),
        }
    }

    /// Chooses whether reading blocks. An end from [`new`] doesn't block, one of a child
    /// process does at first.
    ///
    /// # Errors
    ///
    /// The system's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::unix::pipe::Receiver;
    /// use std::process::{Command, Stdio};
    ///
    /// let mut child = Command::new("true").stdout(Stdio::piped()).spawn()?;
    /// let output = Receiver::from(child.stdout.take().expect("it is piped"));
    /// output.set_nonblocking(true)?;
    /// # child.wait()?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        sys::pipe::set_nonblocking(self.inner.get(), nonblocking)
    }

    /// Runs an operation on this pipe that the library has no function for: see
    /// [`Sender::try_io`].
    ///
    /// # Errors
    ///
    /// Those of `f`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::ErrorKind;
    ///
    /// let (sender, receiver) = mio::unix::pipe::new()?;
    /// let result = receiver.try_io(|| {
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

impl_source!(Sender, Receiver);
impl_write!(Sender, &Sender);
impl_read!(Receiver, &Receiver);
impl_handles!(Sender, Receiver);

/// Gives an end of a pipe the conversion from an end that std made for a child
/// process. It keeps the mode that it has, which is blocking.
macro_rules! impl_from_child {
    ($($child:ident => $end:ident),+ $(,)?) => { $(
        impl From<$child> for $end {
            fn from(end: $child) -> Self {
                Self::from(OwnedFd::from(end))
            }
        }
    )+ };
}

impl_from_child! {
    ChildStdin => Sender,
    ChildStdout => Receiver,
    ChildStderr => Receiver,
}
