//! [`Poll`]: waits for events; the same on all systems.

use std::fmt;
use std::io;
use std::time::Duration;

use crate::sys::contract::Selector as _;
use crate::{sys, Events, Registry};

/// Waits until one of many sources is ready.
///
/// Sources are registered with the poll's [`Registry`] under a [`Token`]; each
/// call of [`Poll::poll`] fills an [`Events`] buffer with what has become ready
/// since.
///
/// # Readiness
///
/// Events are *edge-triggered*: one reports that something has changed, and is not
/// repeated while the state stays the same. After a readable event, read until
/// [`WouldBlock`]; after a writable one, write until [`WouldBlock`] or until
/// there is nothing more to write. Only then is the next event certain to come.
///
/// An event is a hint, nothing more. An operation may still answer
/// [`WouldBlock`], and a program has to go back to polling then. Events that
/// merely repeat are possible (spurious), lost ones are not.
///
/// The systems differ in what they report of the end of a connection, see
/// [`Event`](crate::event::Event).
///
/// # Dropping
///
/// A source that is dropped needs no deregistration: it is silent from then on.
/// (A descriptor that was duplicated outside of this library is the exception:
/// epoll and kqueue go on watching it.)
///
/// # Examples
///
/// A connection to a listener of the same program, in a single thread:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use mio::net::{TcpListener, TcpStream};
/// use mio::{Events, Interest, Poll, Token};
///
/// const LISTENER: Token = Token(0);
/// const CLIENT: Token = Token(1);
///
/// let mut poll = Poll::new()?;
/// let mut listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
/// let mut client = TcpStream::connect(listener.local_addr()?)?;
/// poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
/// poll.registry().register(&mut client, CLIENT, Interest::WRITABLE)?;
///
/// let (mut accepted, mut connected) = (false, false);
/// let mut events = Events::with_capacity(8);
/// while !(accepted && connected) {
///     poll.poll(&mut events, None)?;
///     for event in &events {
///         match event.token() {
///             LISTENER => accepted = listener.accept().is_ok(),
///             CLIENT => connected = client.peer_addr().is_ok(),
///             _ => unreachable!("nothing else is registered"),
///         }
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// [`Token`]: crate::Token
/// [`WouldBlock`]: std::io::ErrorKind::WouldBlock
pub struct Poll {
    /// Registers sources and owns the selector.
    registry: Registry,
}

impl Poll {
    /// Makes a poll that watches nothing yet.
    ///
    /// # Errors
    ///
    /// The system's error, when no descriptor or no memory is left.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use mio::{Events, Poll};
    /// use std::time::Duration;
    ///
    /// let mut poll = Poll::new()?;
    /// let mut events = Events::with_capacity(16);
    /// poll.poll(&mut events, Some(Duration::ZERO))?;
    /// assert!(events.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            registry: Registry::new(sys::Selector::new()?),
        })
    }

    /// The registry with which sources are registered.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::net::UdpSocket;
    /// use mio::{Interest, Poll, Token};
    ///
    /// let poll = Poll::new()?;
    /// let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// poll.registry().register(&mut socket, Token(0), Interest::READABLE)?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Waits for events and puts them into `events`, replacing what it held.
    ///
    /// It returns when there is at least one event, when `timeout` is over
    /// (with an empty buffer), or earlier with an empty buffer. `None`
    /// waits indefinitely, a zero timeout doesn't wait at all, any other is
    /// rounded up to what the system can measure. At most
    /// [`events.capacity()`](Events::capacity) events are returned; the others
    /// come with the next call.
    ///
    /// # Errors
    ///
    /// [`Interrupted`] when a signal ended the wait; call it once more then. The buffer
    /// is empty after an error. A single bad source is no error of the call: it
    /// yields an event, and the next operation on it fails.
    ///
    /// # Portability
    ///
    /// `wasm32-wasip1` and `wasm32-wasip2` have no threads, so only what is
    /// registered can end a wait there. (`wasm32-wasip1-threads` is not supported: a
    /// wake from another thread would not end a wait.) For a poll without a timeout
    /// this means:
    ///
    /// - While nothing is registered and no [`Waker`](crate::Waker) was used since
    ///   the last poll it waits indefinitely, as everywhere, and a warning is logged.
    /// - While every source was reported and not used since, nothing is left to wait
    ///   for. Instead of waiting indefinitely it reports those that are still ready once
    ///   more, after pauses: 50 ms on preview 2; on preview 1 none at first, then
    ///   10 ms, growing to 640 ms.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::{Events, Poll};
    /// use std::io::ErrorKind;
    /// use std::time::{Duration, Instant};
    ///
    /// let mut poll = Poll::new()?;
    /// let mut events = Events::with_capacity(128);
    /// let started = Instant::now();
    /// match poll.poll(&mut events, Some(Duration::from_millis(10))) {
    ///     // By a signal: the time may not be over yet.
    ///     Err(error) if error.kind() == ErrorKind::Interrupted => {}
    ///     result => {
    ///         result?;
    ///         assert!(events.is_empty() && started.elapsed() >= Duration::from_millis(10));
    ///     }
    /// }
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// [`Interrupted`]: io::ErrorKind::Interrupted
    pub fn poll(&mut self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        self.registry.selector().select(events.sys_mut(), timeout)
    }
}

impl fmt::Debug for Poll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Poll")
    }
}

sys::impl_selector_handles!(Poll, |poll| poll.registry.selector());
