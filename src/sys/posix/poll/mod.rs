//! poll(2): all Unix systems without epoll and kqueue, WASI preview 2, and any Unix with
//! `--cfg mio_unsupported_force_poll_poll`.
//!
//! poll(2) is level-triggered, and takes an array that must not be changed while it waits. So
//! there are two structures. The *entries* say what is registered and which directions are
//! armed; their lock is held briefly and never during a call, so that any thread can change
//! them at any time. The *watched* array is given to the call. Before each call the entries
//! that have changed are copied into it: a change costs the same however many descriptors
//! are registered.
//!
//! ```text
//! select(timeout):
//!     until there are events, or the deadline is over:
//!         arm what is due after a delay; probe raw descriptors that were reported
//!         copy the entries that have changed into the array
//!         poll(2) until the deadline or the next delay is over
//!         an event for each pending wake-up and each ready entry; disarm what was reported
//! register, reregister, re-arm:
//!     change the entry; end the call that waits
//! deregister:
//!     free the entry; end the call that waits, and wait until it has returned
//! ```
//!
//! The first descriptor of the array is that of a notifier, by which a change ends a call
//! that waits. Wakers use it too. It is never reported to the program.
//!
//! The kernel holds a reference to each descriptor of the array until the call returns.
//! Closing one has no effect before: a listener would go on accepting connections, and the
//! peer of a stream would not see its end. So deregistering waits for the call to return.
//!
//! | file | what |
//! |---|---|
//! | `poll_set.rs` | the selector: the loop of a select |
//! | `state.rs` | what the handles of a selector share |
//! | `entries.rs` | what is registered and armed |
//! | `raw_fds.rs` | entries that are registered by a mere number, which no I/O re-arms |
//! | `watched.rs` | the array of the call |
//! | `bits.rs` | the bits of poll(2): those of interests, and what reported ones mean |
//! | `interrupt.rs` | ends a call that waits |
//! | `wakes.rs`, `waker.rs` | pending wake-ups, and the wakers that request them |
//! | `registration.rs` | the entry of a source |

mod bits;
mod entries;
mod interrupt;
mod poll_set;
mod raw_fds;
mod registration;
mod state;
mod waker;
mod wakes;
mod watched;

pub(crate) use self::poll_set::PollSet as Selector;
pub(crate) use self::waker::Waker;
pub(crate) use crate::sys::event::{Event, Events};

/// What is kept beside each source.
pub(crate) type SourceState = crate::sys::source::rearm::Rearm<registration::Entry>;

/// Implements nothing for a type: this selector has no descriptor of its own.
macro_rules! impl_selector_handles {
    ($type:ident, |$value:ident| $selector:expr) => {};
}
pub(crate) use impl_selector_handles;
