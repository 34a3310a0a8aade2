//! What a selector is given of a source: its descriptor, and the kind of socket that its
//! type says it is. WASI preview 1.

use std::os::fd::AsRawFd;

/// The kind of a source. (The file type that the host gives is the same for all sockets.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A stream. It can be peeked at once it is connected.
    Stream,
    /// A listener.
    Listener,
    /// A datagram socket.
    Datagram,
    /// A datagram socket that is registered by its number. An error that is taken from the
    /// host for it could not be given to the program.
    RawFdDatagram,
    /// Anything else that is registered by its number.
    RawFd,
}

/// A source: its descriptor and its kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawSource {
    /// The descriptor.
    pub(super) fd: wasi::Fd,
    /// The kind.
    pub(super) kind: Kind,
    /// Is it known to be an open socket? The library has made it itself.
    pub(super) is_known_socket: bool,
}

/// An object with a descriptor whose type says which kind of socket it is.
pub(crate) trait AsRawSource: AsRawFd {
    /// The kind.
    const KIND: Kind;

    /// Has the library made the socket itself?
    fn is_known_socket(&self) -> bool;
}

/// The descriptor of an object, with its kind.
pub(crate) fn raw<T: AsRawSource>(source: &T) -> RawSource {
    RawSource {
        fd: source.as_raw_fd() as wasi::Fd,
        kind: T::KIND,
        is_known_socket: source.is_known_socket(),
    }
}

/// A stream, for the tests of the selector.
#[cfg(test)]
pub(super) fn stream(fd: wasi::Fd) -> RawSource {
    RawSource {
        fd,
        kind: Kind::Stream,
        is_known_socket: true,
    }
}
