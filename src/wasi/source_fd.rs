//! [`SourceFd`]: registers a descriptor that belongs to someone else; for WASI.

use std::os::fd::RawFd;

use crate::handles::impl_descriptor_source;

/// Registers a descriptor that belongs to someone else: the standard input, a
/// socket of another library.
///
/// It borrows the number and nothing more: it never closes the descriptor and
/// changes none of its modes. Deregister it before it is closed. Registering,
/// reregistering and deregistering need not happen through the same `SourceFd`.
///
/// # What can be watched
///
/// On preview 2 sockets, the standard input and output, and what else its libc polls;
/// what it refuses is reported with [`is_error`](crate::event::Event::is_error).
///
/// On preview 1 the host decides when a descriptor is registered. WasmEdge
/// watches pipes, terminals and sockets. It refuses regular files, directories and
/// `/dev/null` ([`PermissionDenied`](std::io::ErrorKind::PermissionDenied)): they
/// would never be reported. A direction for which the descriptor wasn't opened is
/// refused too.
///
/// # Repeated events
///
/// I/O on a mere number can't be noticed.
///
/// On preview 1 a direction that was reported is re-armed only by
/// [`reregister`](crate::Registry::reregister). (A poll without a timeout is the exception
/// when nothing else could end it, see [`Poll::poll`](crate::Poll::poll).)
///
/// On preview 2 a direction that stays ready is reported repeatedly after pauses
/// (1 ms, growing to 8 ms for reading and 32 ms for writing), and so is one that became ready
/// anew between two polls. `reregister` reports it at once,
/// and is needed after a hang-up.
///
/// # Cost
///
/// On preview 1 registering makes one call of the host's poll (some 15 microseconds, and
/// the next poll hands it all other sources anew), and compares the number with
/// all that are registered. Reregistering and deregistering compare it with those
/// of other `SourceFd`s.
///
/// # Examples
///
/// Waiting for input:
///
/// ```
/// use mio::wasi::SourceFd;
/// use mio::{Events, Interest, Poll, Token};
/// use std::io::{self, Read};
/// use std::os::fd::AsRawFd;
///
/// fn wait_for_input(poll: &mut Poll, bytes: &mut [u8]) -> io::Result<usize> {
///     let mut input = io::stdin();
///     let fd = input.as_raw_fd();
///     let mut source = SourceFd(&fd);
///     poll.registry().register(&mut source, Token(0), Interest::READABLE)?;
///
///     let mut events = Events::with_capacity(4);
///     while events.is_empty() {
///         poll.poll(&mut events, None)?;
///     }
///     poll.registry().deregister(&mut source)?;
///     input.read(bytes)
/// }
/// ```
#[derive(Debug)]
pub struct SourceFd<'a>(pub &'a RawFd);

impl_descriptor_source!(SourceFd<'_>);
