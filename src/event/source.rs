//! [`Source`]: what can be registered; the same on all systems.

use std::io;

use crate::{Interest, Registry, Token};

/// What can be registered with a [`Registry`].
///
/// All sockets of this library are sources. Types that are made of one implement
/// the trait by passing the calls on:
///
/// ```
/// use mio::event::Source;
/// use mio::net::UdpSocket;
/// use mio::{Interest, Registry, Token};
/// use std::io;
///
/// struct Resolver {
///     socket: UdpSocket,
/// }
///
/// impl Source for Resolver {
///     fn register(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
///         self.socket.register(registry, token, interests)
///     }
///
///     fn reregister(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
///         self.socket.reregister(registry, token, interests)
///     }
///
///     fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
///         self.socket.deregister(registry)
///     }
/// }
/// ```
///
/// The functions are called by the registry's functions of the same names, once
/// for each call and with the same arguments, and their errors are handed on.
pub trait Source {
    /// Starts to watch this source, see [`Registry::register`].
    ///
    /// # Errors
    ///
    /// As of [`Registry::register`].
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::event::Source;
    /// use mio::net::UdpSocket;
    /// use mio::{Interest, Poll, Token};
    ///
    /// let poll = Poll::new()?;
    /// let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// let source: &mut dyn Source = &mut socket;
    /// source.register(poll.registry(), Token(0), Interest::READABLE)?;
    /// # std::io::Result::Ok(())
    /// ```
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()>;

    /// Replaces token and interests, see [`Registry::reregister`].
    ///
    /// # Errors
    ///
    /// As of [`Registry::reregister`].
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::event::Source;
    /// use mio::net::UdpSocket;
    /// use mio::{Interest, Poll, Token};
    ///
    /// let poll = Poll::new()?;
    /// let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// let source: &mut dyn Source = &mut socket;
    /// source.register(poll.registry(), Token(0), Interest::READABLE)?;
    /// source.reregister(poll.registry(), Token(0), Interest::WRITABLE)?;
    /// # std::io::Result::Ok(())
    /// ```
    fn reregister(
        &mut self,
        registry: &Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()>;

    /// Stops watching this source, see [`Registry::deregister`].
    ///
    /// # Errors
    ///
    /// As of [`Registry::deregister`].
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::event::Source;
    /// use mio::net::UdpSocket;
    /// use mio::{Interest, Poll, Token};
    ///
    /// let poll = Poll::new()?;
    /// let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
    /// let source: &mut dyn Source = &mut socket;
    /// source.register(poll.registry(), Token(0), Interest::READABLE)?;
    /// source.deregister(poll.registry())?;
    /// # std::io::Result::Ok(())
    /// ```
    fn deregister(&mut self, registry: &Registry) -> io::Result<()>;
}

impl<S> Source for Box<S>
where
    S: Source + ?Sized,
{
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        (**self).register(registry, token, interests)
    }

    fn reregister(
        &mut self,
        registry: &Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        (**self).reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        (**self).deregister(registry)
    }
}
