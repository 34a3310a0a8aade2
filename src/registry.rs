//! [`Registry`]: where sources are registered; the same on all systems.

use std::fmt;
use std::io;

use crate::debug_checks::RegistryId;
use crate::sys::contract::Selector as _;
use crate::{event, sys, Interest, Token};

/// Registers sources with a [`Poll`](crate::Poll).
///
/// [`Poll::registry`](crate::Poll::registry) gives it. All its functions may be
/// used while another thread waits in the poll, and take effect at once.
///
/// # Examples
///
/// ```
/// use mio::net::TcpStream;
/// use mio::{Interest, Registry, Token};
///
/// /// Waits for a stream: for writing only while there is something to send.
/// fn watch(registry: &Registry, stream: &mut TcpStream, token: Token, unsent: &[u8]) -> std::io::Result<()> {
///     let interests = match unsent {
///         [] => Interest::READABLE,
///         _ => Interest::READABLE | Interest::WRITABLE,
///     };
///     registry.reregister(stream, token, interests)
/// }
/// ```
pub struct Registry {
    /// What does the work.
    selector: sys::Selector,
    /// Distinguishes the registries of different polls, in debug builds.
    id: RegistryId,
}

impl Registry {
    /// The registry of a new poll.
    pub(crate) fn new(selector: sys::Selector) -> Self {
        Self {
            selector,
            id: RegistryId::new(),
        }
    }

    /// The selector behind this registry.
    pub(crate) fn selector(&self) -> &sys::Selector {
        &self.selector
    }

    /// The identity of this registry's poll.
    pub(crate) fn id(&self) -> &RegistryId {
        &self.id
    }

    /// Starts to watch `source` for `interests`; its events carry `token`.
    ///
    /// What is ready already is reported by the next poll (on Windows, where the system answers
    /// later, by one of the next). On WASI preview 1 too, also beside thousands of other
    /// sources; a connected stream may be reported as writable there without being so.
    ///
    /// # Errors
    ///
    /// [`AlreadyExists`] when the source is registered already, with this or
    /// (in debug builds, and always where the library keeps the registrations:
    /// poll(2), Windows, both previews of WASI) with another poll. [`Unsupported`] when the
    /// system can't watch for one of the interests. Otherwise the system's
    /// error, for a closed descriptor for example.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use mio::net::UdpSocket;
    /// use mio::{Events, Interest, Poll, Token};
    ///
    /// let mut poll = Poll::new()?;
    /// let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// poll.registry().register(&mut socket, Token(7), Interest::WRITABLE)?;
    ///
    /// let mut events = Events::with_capacity(1);
    /// while events.is_empty() {
    ///     poll.poll(&mut events, None)?;
    /// }
    /// assert!(events.iter().all(|event| event.token() == Token(7)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`AlreadyExists`]: io::ErrorKind::AlreadyExists
    /// [`Unsupported`]: io::ErrorKind::Unsupported
    pub fn register<S>(&self, source: &mut S, token: Token, interests: Interest) -> io::Result<()>
    where
        S: event::Source + ?Sized,
    {
        // Copies, so that the arguments themselves can stay in registers.
        crate::log::trace!("registering a source: {:?}, {:?}", { token }, { interests });
        source.register(self, token, interests)
    }

    /// Replaces the token and the interests of a registered source.
    ///
    /// What is ready is reported by the next poll, also if it was reported
    /// before. Nothing is reported with the old token or for the old interests.
    ///
    /// # Errors
    ///
    /// [`NotFound`] when the source is not registered, [`AlreadyExists`] when
    /// it is registered with another poll (in release builds of epoll and
    /// kqueue systems only the kernel checks), otherwise as for
    /// [`Registry::register`].
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use mio::net::UdpSocket;
    /// use mio::{Interest, Poll, Token};
    ///
    /// let poll = Poll::new()?;
    /// let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// poll.registry().register(&mut socket, Token(0), Interest::READABLE)?;
    /// poll.registry().reregister(&mut socket, Token(1), Interest::WRITABLE)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`AlreadyExists`]: io::ErrorKind::AlreadyExists
    /// [`NotFound`]: io::ErrorKind::NotFound
    pub fn reregister<S>(&self, source: &mut S, token: Token, interests: Interest) -> io::Result<()>
    where
        S: event::Source + ?Sized,
    {
        crate::log::trace!("changing a registration: {:?}, {:?}", { token }, {
            interests
        });
        source.reregister(self, token, interests)
    }

    /// Stops watching a source.
    ///
    /// No poll from then on reports it, not even what had become ready before. The
    /// source itself stays usable and can be registered anew.
    ///
    /// # Errors
    ///
    /// [`NotFound`] when the source is not registered, or not with this poll.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use mio::net::UdpSocket;
    /// use mio::{Interest, Poll, Token};
    ///
    /// let poll = Poll::new()?;
    /// let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// poll.registry().register(&mut socket, Token(0), Interest::READABLE)?;
    /// poll.registry().deregister(&mut socket)?;
    /// assert!(poll.registry().deregister(&mut socket).is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`NotFound`]: io::ErrorKind::NotFound
    pub fn deregister<S>(&self, source: &mut S) -> io::Result<()>
    where
        S: event::Source + ?Sized,
    {
        crate::log::trace!("deregistering a source");
        source.deregister(self)
    }

    /// Makes another registry of the same poll, for another owner or thread.
    ///
    /// It stays valid after the [`Poll`](crate::Poll) was dropped.
    ///
    /// # Errors
    ///
    /// The system's error, when no descriptor is left.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use mio::net::UdpSocket;
    /// use mio::{Interest, Poll, Token};
    ///
    /// let poll = Poll::new()?;
    /// let registry = poll.registry().try_clone()?;
    /// let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// registry.register(&mut socket, Token(0), Interest::READABLE)?;
    /// poll.registry().deregister(&mut socket)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            selector: self.selector.try_clone()?,
            id: self.id.clone(),
        })
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Registry")
    }
}

sys::impl_selector_handles!(Registry, |registry| &registry.selector);
