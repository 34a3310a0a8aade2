//! What each backend has to provide, as traits; the same for all systems. Their
//! documentation states the promises. The test suite is the behavioural half of the contract.
//!
//! Besides the traits a backend exports:
//! - `RawSource`, `AsRawSource` and `raw`: the system's handle of an object, the
//!   trait that returns it, and a function that calls it;
//! - `impl_selector_handles!(Type, |value| selector)`, which implements the
//!   raw handle traits for `Type` where the selector owns a descriptor, or nothing;
//! - with the feature `net`: `tcp::Stream`, `tcp::Listener`, `udp::Socket` (std's
//!   own types where std can do all that is needed, otherwise types with the same
//!   methods) and the functions listed in `picked.rs`.

use std::fmt;
use std::io;
use std::time::Duration;

use super::RawSource;
use crate::{Interest, Token};

/// Waits for events, for a poll and its registries.
pub(crate) trait Selector: Sized + fmt::Debug + Send + Sync {
    /// What it fills.
    type Events: Events;

    /// A selector that watches nothing.
    fn new() -> io::Result<Self>;

    /// Another handle of the same selector. It stays valid when the others are dropped.
    fn try_clone(&self) -> io::Result<Self>;

    /// Waits, and replaces what is in `events`.
    ///
    /// - `events` is emptied first, also when the call fails then.
    /// - At most `events.capacity()` events, of which each token and source has
    ///   at most one on backends that merge; what is left over comes with the
    ///   next call, in a fair order. A capacity of zero is `InvalidInput`.
    /// - A zero timeout polls the system once and never waits; another is rounded
    ///   up; one beyond what the system can hold is waited for in parts; `None`
    ///   waits indefinitely.
    /// - `Interrupted` is passed on. A single bad source never fails the call.
    fn select(&self, events: &mut Self::Events, timeout: Option<Duration>) -> io::Result<()>;
}

/// A buffer of events, reused for each call.
pub(crate) trait Events: Send + Sync {
    /// What it holds.
    type Event: Event;

    /// A buffer for `capacity` events at a time. The only allocation.
    fn with_capacity(capacity: usize) -> Self;

    /// The capacity that it was made with.
    fn capacity(&self) -> usize;

    /// How many events there are.
    fn len(&self) -> usize;

    /// The event at `index`.
    fn get(&self, index: usize) -> Option<&Self::Event>;

    /// Forgets all events.
    fn clear(&mut self);
}

/// One event. What a backend can't know is `false`; a closed flag must never be
/// true without being so, since consumers treat it as final.
pub(crate) trait Event: Clone + Send + Sync {
    /// The token of the registration.
    fn token(&self) -> Token;
    /// Something to read or to accept, or the end.
    fn is_readable(&self) -> bool;
    /// Space in the send buffer, or the end of a connection attempt.
    fn is_writable(&self) -> bool;
    /// An error state.
    fn is_error(&self) -> bool;
    /// Nothing more will arrive.
    fn is_read_closed(&self) -> bool;
    /// Nothing more can be sent.
    fn is_write_closed(&self) -> bool;
    /// Urgent data.
    fn is_priority(&self) -> bool;
    /// The end of an asynchronous operation.
    fn is_aio(&self) -> bool;
    /// The end of a list of asynchronous operations.
    fn is_lio(&self) -> bool;
    /// Shows everything the backend knows. Never panics, whatever the bits.
    fn fmt_details(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// Ends a select from elsewhere.
pub(crate) trait Waker: Sized + fmt::Debug + Send + Sync {
    /// What it wakes.
    type Selector: Selector;

    /// A waker whose events carry `token`.
    fn new(selector: &Self::Selector, token: Token) -> io::Result<Self>;

    /// Makes the current or the next select return with one readable event.
    ///
    /// Wakes may merge, none is lost, nothing ever fills up. It neither blocks
    /// nor allocates, and succeeds after the selector was dropped.
    fn wake(&self) -> io::Result<()>;
}

/// What is kept beside each object that does I/O.
///
/// The same source is given to all calls. When the state is dropped the source
/// is silent from then on; this happens before the source is closed.
pub(crate) trait SourceState: Sized + Send + Sync {
    /// What it registers with.
    type Selector: Selector;

    /// Does the kernel itself report each change once? Then `rearm` does nothing.
    const KEEPS_EDGES: bool;

    /// The state of a source that is not registered.
    fn new() -> Self;

    /// Starts to watch. A source that is registered is `AlreadyExists`; an
    /// interest that can't be watched is `Unsupported`.
    fn register(
        &mut self,
        selector: &Self::Selector,
        source: RawSource,
        token: Token,
        interests: Interest,
    ) -> io::Result<()>;

    /// Replaces token and interests, and reports what is ready, also if it was reported. An unknown
    /// source is `NotFound`.
    fn reregister(
        &mut self,
        selector: &Self::Selector,
        source: RawSource,
        token: Token,
        interests: Interest,
    ) -> io::Result<()>;

    /// Stops watching; nothing is reported from then on. An unknown source is
    /// `NotFound`.
    fn deregister(&mut self, selector: &Self::Selector, source: RawSource) -> io::Result<()>;

    /// Makes sure that the next readiness in `direction` is reported, as far as
    /// the interests include this direction. Does nothing for an unregistered source.
    fn rearm(&self, direction: Interest);

    /// As `rearm`, after a delay: for an error that leaves the source ready and would be
    /// repeated at once, as accepting without a descriptor left.
    fn rearm_after_delay(&self, direction: Interest);

    /// Takes the pending error of the socket: one that the selector has taken from the
    /// system, which will not report it again. It belongs to the socket, and stays when
    /// the registration ends.
    fn take_pending_error(&self) -> Option<io::Error> {
        None
    }
}
