//! [`Event`]: the readiness of one source; the same on all systems.

use std::fmt;

use crate::sys::contract::Event as _;
use crate::{sys, Token};

/// Reports that a source has become ready.
///
/// # Portability
///
/// [`is_readable`] and [`is_writable`] can be relied on everywhere. The others are hints that
/// a system may lack: `true` is certain, `false` isn't, and the next operation on the source
/// finds out. The end of a stream is always at least readable.
///
/// | what happened | epoll | kqueue | Windows | poll(2) | WASI preview 1 |
/// |---|---|---|---|---|---|
/// | peer closed or shut down writing | read closed | read closed | read closed | read closed | readable only |
/// | peer reset, or both sides shut | read and write closed | read and write closed | read and write closed | read and write closed | read and write closed |
/// | connection attempt failed | error, write closed | error, write closed | error, write closed | error, write closed | write closed |
/// | the system refuses to watch this source | - | error | error | error | error |
///
/// On WASI preview 1 a source that the host can't watch for a reason of its own (it is out of
/// memory, say) is reported as readable or writable repeatedly, with growing pauses: the
/// program's next operation returns the reason.
///
/// There a host that flags a hang-up of one direction only (on macOS, by
/// reading its source) has that direction closed, and the other one when the socket
/// has lost its peer or the host flags it too.
///
/// WASI preview 2 waits with poll(2), but its libc reports less than that column: a
/// failed connection attempt has the flags error and both closed, a source that can't be
/// watched has error, and the other rows have no flags beside readable and writable.
///
/// # Examples
///
/// What a loop does with one, for a stream:
///
/// ```
/// use mio::event::Event;
/// use mio::net::TcpStream;
/// use std::io::{self, ErrorKind, Read};
///
/// fn handle(event: &Event, stream: &mut TcpStream, input: &mut Vec<u8>) -> io::Result<()> {
///     if event.is_readable() {
///         // Until `WouldBlock`, or the end: the event won't be repeated.
///         if let Err(error) = stream.read_to_end(input) {
///             if error.kind() != ErrorKind::WouldBlock {
///                 return Err(error);
///             }
///         }
///     }
///     if event.is_writable() {
///         // The connection attempt has ended, well or not.
///         if let Some(error) = stream.take_error()? {
///             return Err(error);
///         }
///     }
///     Ok(())
/// }
/// ```
///
/// [`is_readable`]: Event::is_readable
/// [`is_writable`]: Event::is_writable
#[derive(Clone)]
#[repr(transparent)]
pub struct Event {
    /// The backend's event.
    inner: sys::Event,
}

impl Event {
    /// The token under which the source was registered.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut poll = mio::Poll::new()?;
    /// # let waker = mio::Waker::new(poll.registry(), mio::Token(3))?;
    /// # waker.wake()?;
    /// # let mut events = mio::Events::with_capacity(4);
    /// # poll.poll(&mut events, None)?;
    /// // A waker was registered under this token.
    /// let event = events.iter().next().expect("the wake-up");
    /// assert_eq!(event.token(), mio::Token(3));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn token(&self) -> Token {
        self.inner.token()
    }

    /// Is there something to read, to accept, or the end of the stream?
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut poll = mio::Poll::new()?;
    /// # let waker = mio::Waker::new(poll.registry(), mio::Token(3))?;
    /// # waker.wake()?;
    /// # let mut events = mio::Events::with_capacity(4);
    /// # poll.poll(&mut events, None)?;
    /// // Of a waker that was used.
    /// let event = events.iter().next().expect("the wake-up");
    /// assert!(event.is_readable());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn is_readable(&self) -> bool {
        self.inner.is_readable()
    }

    /// Is there space in the send buffer, or has a connection attempt ended?
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    /// use mio::{Events, Interest, Poll, Token};
    ///
    /// let mut poll = Poll::new()?;
    /// let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// poll.registry().register(&mut socket, Token(0), Interest::WRITABLE)?;
    /// let mut events = Events::with_capacity(4);
    /// while events.is_empty() {
    ///     poll.poll(&mut events, None)?;
    /// }
    /// assert!(events.iter().all(|event| event.is_writable()));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn is_writable(&self) -> bool {
        self.inner.is_writable()
    }

    /// Is the source in an error state?
    ///
    /// `take_error` of the socket, or the next operation on it, returns it.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::event::Event;
    /// use mio::net::TcpStream;
    ///
    /// /// The error of a stream, as soon as there is one.
    /// fn error_of(event: &Event, stream: &TcpStream) -> std::io::Result<()> {
    ///     match stream.take_error()? {
    ///         Some(error) if event.is_error() => Err(error),
    ///         _ => Ok(()),
    ///     }
    /// }
    /// ```
    pub fn is_error(&self) -> bool {
        self.inner.is_error()
    }

    /// Has the reading side come to its end?
    ///
    /// What was received before can still be read.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::event::Event;
    ///
    /// /// Is it worth reading? At the end too: what was received before is still there.
    /// fn should_read(event: &Event) -> bool {
    ///     event.is_readable() || event.is_read_closed()
    /// }
    /// ```
    pub fn is_read_closed(&self) -> bool {
        self.inner.is_read_closed()
    }

    /// Has the writing side come to its end?
    ///
    /// A peer that merely stops sending doesn't close it.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::event::Event;
    ///
    /// /// A message that could not be sent completely is dropped when the peer is gone.
    /// fn after_event(event: &Event, unsent: &mut Vec<u8>) {
    ///     if event.is_write_closed() {
    ///         unsent.clear();
    ///     }
    /// }
    /// ```
    pub fn is_write_closed(&self) -> bool {
        self.inner.is_write_closed()
    }

    /// Is there urgent data? Registered with
    /// [`Interest::PRIORITY`](crate::Interest::PRIORITY).
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut poll = mio::Poll::new()?;
    /// # let waker = mio::Waker::new(poll.registry(), mio::Token(3))?;
    /// # waker.wake()?;
    /// # let mut events = mio::Events::with_capacity(4);
    /// # poll.poll(&mut events, None)?;
    /// // A waker has none.
    /// assert!(!events.iter().any(|event| event.is_priority()));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn is_priority(&self) -> bool {
        self.inner.is_priority()
    }

    /// Has a POSIX asynchronous operation ended? Registered with
    /// [`Interest::AIO`](crate::Interest::AIO).
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut poll = mio::Poll::new()?;
    /// # let waker = mio::Waker::new(poll.registry(), mio::Token(3))?;
    /// # waker.wake()?;
    /// # let mut events = mio::Events::with_capacity(4);
    /// # poll.poll(&mut events, None)?;
    /// // A waker is none.
    /// assert!(!events.iter().any(|event| event.is_aio()));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn is_aio(&self) -> bool {
        self.inner.is_aio()
    }

    /// Has a list of POSIX asynchronous operations ended? Registered with
    /// [`Interest::LIO`](crate::Interest::LIO).
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut poll = mio::Poll::new()?;
    /// # let waker = mio::Waker::new(poll.registry(), mio::Token(3))?;
    /// # waker.wake()?;
    /// # let mut events = mio::Events::with_capacity(4);
    /// # poll.poll(&mut events, None)?;
    /// // A waker is none.
    /// assert!(!events.iter().any(|event| event.is_lio()));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn is_lio(&self) -> bool {
        self.inner.is_lio()
    }

    /// The public face of a backend's event.
    pub(crate) fn from_sys(event: &sys::Event) -> &Self {
        // SAFETY: `Event` is a transparent wrapper of `sys::Event`, so both
        // have the same layout and validity, and the lifetime stays the same.
        unsafe { &*(event as *const sys::Event).cast::<Self>() }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Shows what the backend knows beyond the portable flags.
        struct Details<'a>(&'a sys::Event);

        impl fmt::Debug for Details<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt_details(f)
            }
        }

        let alternate = f.alternate();
        let mut fields = f.debug_struct("Event");
        fields
            .field("token", &self.token())
            .field("readable", &self.is_readable())
            .field("writable", &self.is_writable())
            .field("error", &self.is_error())
            .field("read_closed", &self.is_read_closed())
            .field("write_closed", &self.is_write_closed())
            .field("priority", &self.is_priority())
            .field("aio", &self.is_aio())
            .field("lio", &self.is_lio());
        if alternate {
            fields.field("details", &Details(&self.inner));
        }
        fields.finish()
    }
}
