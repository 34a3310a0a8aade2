//! [`Events`]: the buffer that a poll fills, and its iterator; the same on all
//! systems.

use std::fmt;
use std::iter::FusedIterator;

use super::Event;
use crate::sys;
use crate::sys::contract::Events as _;

/// The buffer that [`Poll::poll`](crate::Poll::poll) fills.
///
/// It is made once and reused for each poll, which then allocates nothing.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use mio::{Events, Poll, Token, Waker};
///
/// let mut poll = Poll::new()?;
/// let waker = Waker::new(poll.registry(), Token(3))?;
/// waker.wake()?;
///
/// let mut events = Events::with_capacity(128);
/// assert!(events.is_empty());
/// poll.poll(&mut events, None)?;
/// for event in &events {
///     assert_eq!(event.token(), Token(3));
/// }
/// # Ok(())
/// # }
/// ```
pub struct Events {
    /// The backend's buffer.
    inner: sys::Events,
}

impl Events {
    /// Makes a buffer for at most `capacity` events at a time.
    ///
    /// A poll with a buffer of capacity zero fails with
    /// [`InvalidInput`](std::io::ErrorKind::InvalidInput).
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::{Events, Poll};
    /// use std::io::ErrorKind;
    ///
    /// let mut poll = Poll::new()?;
    /// let error = poll.poll(&mut Events::with_capacity(0), None).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::InvalidInput);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            inner: sys::Events::with_capacity(capacity),
        }
    }

    /// How many events one poll returns at most.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(mio::Events::with_capacity(128).capacity(), 128);
    /// ```
    pub fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    /// Did the last poll return no event?
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::{Events, Poll};
    /// use std::time::Duration;
    ///
    /// let mut poll = Poll::new()?;
    /// let mut events = Events::with_capacity(4);
    /// poll.poll(&mut events, Some(Duration::ZERO))?;
    /// assert!(events.is_empty());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.inner.len() == 0
    }

    /// The events of the last poll.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut poll = mio::Poll::new()?;
    /// # let waker = mio::Waker::new(poll.registry(), mio::Token(3))?;
    /// # waker.wake()?;
    /// # let mut events = mio::Events::with_capacity(4);
    /// # poll.poll(&mut events, None)?;
    /// let tokens: Vec<usize> = events.iter().map(|event| event.token().0).collect();
    /// assert_eq!(tokens, [3]);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn iter(&self) -> Iter<'_> {
        Iter {
            events: self,
            next: 0,
        }
    }

    /// Forgets the events of the last poll. A poll does this by itself.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut poll = mio::Poll::new()?;
    /// # let waker = mio::Waker::new(poll.registry(), mio::Token(3))?;
    /// # waker.wake()?;
    /// # let mut events = mio::Events::with_capacity(4);
    /// # poll.poll(&mut events, None)?;
    /// events.clear();
    /// assert!(events.is_empty());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn clear(&mut self) {
        self.inner.clear();
    }

    /// The backend's buffer, for a poll to fill.
    pub(crate) fn sys_mut(&mut self) -> &mut sys::Events {
        &mut self.inner
    }
}

impl<'a> IntoIterator for &'a Events {
    type Item = &'a Event;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

/// Iterates over the events of the last poll, see [`Events::iter`].
///
/// # Examples
///
/// ```
/// # let mut poll = mio::Poll::new()?;
/// # let waker = mio::Waker::new(poll.registry(), mio::Token(3))?;
/// # waker.wake()?;
/// # let mut events = mio::Events::with_capacity(4);
/// # poll.poll(&mut events, None)?;
/// let mut iter: mio::event::Iter<'_> = events.iter();
/// assert_eq!(iter.len(), 1);
/// assert!(iter.next().is_some() && iter.next().is_none());
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    /// Where the events are.
    events: &'a Events,
    /// Index of the event that comes next.
    next: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a Event;

    fn next(&mut self) -> Option<Self::Item> {
        let event = self.events.inner.get(self.next)?;
        self.next += 1;
        Some(Event::from_sys(event))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.events.inner.len() - self.next;
        (left, Some(left))
    }

    fn count(self) -> usize {
        self.len()
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl FusedIterator for Iter<'_> {}
