//! [`Waker`]: ends the wait of a poll; the same on all systems.

use std::io;

use crate::sys::contract::Waker as _;
use crate::{sys, Registry, Token};

/// Ends the wait of a [`Poll`](crate::Poll) from another thread, or from
/// code that runs between two polls.
///
/// [`Waker::wake`] makes the current or the next poll return with a readable
/// event that carries the waker's token. A poll takes one waker, which is meant
/// to be shared (in an `Arc`, say) and has to live as long as it is needed: no
/// event is promised for a waker that was dropped.
///
/// # Portability
///
/// `wasm32-wasip1` and `wasm32-wasip2` have no threads. There a waker serves code
/// that runs between two polls: the next poll doesn't wait, and reports the wake-up
/// together with the I/O that is ready. `wasm32-wasip1-threads` is not supported: a
/// wake from another thread would not end a wait.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use mio::{Events, Poll, Token, Waker};
///
/// const WAKE: Token = Token(10);
///
/// let mut poll = Poll::new()?;
/// let waker = Waker::new(poll.registry(), WAKE)?;
/// waker.wake()?;
///
/// let mut events = Events::with_capacity(4);
/// poll.poll(&mut events, None)?;
/// let event = events.iter().next().expect("the wake-up");
/// assert!(event.token() == WAKE && event.is_readable());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Waker {
    /// The backend's waker.
    waker: sys::Waker,
}

impl Waker {
    /// Makes the waker of this registry's poll.
    ///
    /// # Errors
    ///
    /// The system's error, when no descriptor is left.
    ///
    /// # Panics
    ///
    /// Debug builds panic when the poll has had a waker already. What a second
    /// waker does in release builds differs between systems.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::{Poll, Token, Waker};
    /// use std::sync::Arc;
    ///
    /// let poll = Poll::new()?;
    /// let waker = Arc::new(Waker::new(poll.registry(), Token(0))?);
    /// # std::io::Result::Ok(())
    /// ```
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        registry.id().claim_waker();
        match sys::Waker::new(registry.selector(), token) {
            Ok(waker) => Ok(Self { waker }),
            Err(error) => {
                registry.id().release_waker();
                Err(error)
            }
        }
    }

    /// Makes the current or the next poll return with this waker's event.
    ///
    /// Several calls may end up in one event. A call after an event was
    /// delivered always leads to a new one.
    ///
    /// # Errors
    ///
    /// The system's error; none is to be expected. After the poll was dropped the
    /// call succeeds and does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::{Events, Poll, Token, Waker};
    ///
    /// let mut poll = Poll::new()?;
    /// let waker = Waker::new(poll.registry(), Token(0))?;
    /// waker.wake()?;
    /// waker.wake()?; // may become the same event
    ///
    /// let mut events = Events::with_capacity(4);
    /// poll.poll(&mut events, None)?;
    /// assert!(!events.is_empty());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn wake(&self) -> io::Result<()> {
        self.waker.wake()
    }
}
