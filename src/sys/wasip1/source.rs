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

/// Where a socket is from, and so what needs no call of the host to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From elsewhere: its descriptor may be closed, or be no socket at all.
    Unknown,
    /// The library has opened it.
    Opened,
    /// The library has accepted it: it is connected, or was.
    Accepted,
}

/// A source: its descriptor and its kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawSource {
    /// The descriptor.
    pub(super) fd: wasi::Fd,
    /// The kind.
    pub(super) kind: Kind,
    /// Where it is from.
    pub(super) origin: Origin,
}

/// An object with a descriptor whose type says which kind of socket it is.
pub(crate) trait AsRawSource: AsRawFd {
    /// The kind.
    const KIND: Kind;

    /// Where it is from.
    fn origin(&self) -> Origin;
}

/// The descriptor of an object, with its kind.
pub(crate) fn raw<T: AsRawSource>(source: &T) -> RawSource {
    RawSource {
        fd: source.as_raw_fd() as wasi::Fd,
        kind: T::KIND,
        origin: source.origin(),
    }
}

/// A stream, for the tests of the selector.
#[cfg(test)]
pub(super) fn stream(fd: wasi::Fd) -> RawSource {
    RawSource {
        fd,
        kind: Kind::Stream,
        origin: Origin::Opened,
    }
}

/// A stream that was just accepted, for the tests of the selector.
#[cfg(test)]
pub(super) fn accepted(fd: wasi::Fd) -> RawSource {
    RawSource {
        origin: Origin::Accepted,
        ..stream(fd)
    }
}
