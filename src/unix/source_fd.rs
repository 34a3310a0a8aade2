//! [`SourceFd`]: registers a descriptor that belongs to someone else; for Unix.

use std::os::fd::RawFd;

use crate::handles::impl_descriptor_source;

/// Registers a descriptor that belongs to someone else: an eventfd, a timerfd, a
/// terminal, a socket of another library.
///
/// It borrows the number and nothing more: it never closes the descriptor and
/// changes none of its modes. Set it to non-blocking before; deregister it before
/// it is closed. Deregistering and registering need not happen through the same
/// `SourceFd`.
///
/// # Portability
///
/// Whether a kind of descriptor can be watched is up to the system: epoll
/// refuses regular files, for one.
///
/// epoll and poll(2) refuse to register a number twice
/// ([`AlreadyExists`](std::io::ErrorKind::AlreadyExists)) and to reregister or deregister
/// one that is not registered ([`NotFound`](std::io::ErrorKind::NotFound)). kqueue allows
/// it: registering twice replaces the registration, reregistering adds one, and
/// deregistering does nothing.
///
/// On systems that keep no edges (those where this library uses poll(2)), I/O on a
/// mere number can't be noticed. There a direction that stays ready is reported
/// repeatedly after pauses (1 ms, growing up to 8 ms for reading and 32 ms for
/// writing), and so is one that became ready anew between two polls.
/// [`reregister`](crate::Registry::reregister) reports it at once, and is
/// needed after a hang-up.
///
/// # Examples
///
/// A socket of std, registered by its number:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use mio::unix::SourceFd;
/// use mio::{Events, Interest, Poll, Token};
/// use std::net::UdpSocket;
/// use std::os::fd::AsRawFd;
///
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// socket.set_nonblocking(true)?;
///
/// let mut poll = Poll::new()?;
/// let fd = socket.as_raw_fd();
/// poll.registry().register(&mut SourceFd(&fd), Token(0), Interest::READABLE)?;
/// socket.send_to(b"to myself", socket.local_addr()?)?;
///
/// let mut events = Events::with_capacity(4);
/// while events.is_empty() {
///     poll.poll(&mut events, None)?;
/// }
/// assert_eq!(socket.recv(&mut [0; 16])?, 9);
/// poll.registry().deregister(&mut SourceFd(&fd))?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SourceFd<'a>(pub &'a RawFd);

impl_descriptor_source!(SourceFd<'_>);
