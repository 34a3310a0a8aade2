//! A registration, and the states of its two directions. WASI preview 1.

use std::num::NonZeroI32;

use wasi::Fd;

use super::super::subscription::Direction;
use crate::sys::event::{Event, Events, Readiness};
use crate::sys::retry::Backoff;
use crate::sys::wasip1::source::{Kind, Origin, RawSource};
use crate::{Interest, Token};

/// The state of a direction. The number is the index of its subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Disarmed, or not of interest.
    Idle,
    /// The host is polled for it.
    Armed(u32),
    /// Armed, with an event that waits for capacity in the caller's buffer.
    Queued(u32),
    /// Its event is in the caller's buffer. The subscription stays until the next poll, since
    /// most programs re-arm the direction before.
    Reported(u32),
    /// Writable as a new connection is, and without a subscription. The next select reports it or
    /// arms it. Writing only.
    Writable,
    /// Disarmed until its backoff is over, or I/O re-arms it.
    Retrying,
    /// Disarmed, since the host has refused to watch it. I/O begins a backoff, and only the end
    /// of that re-arms it.
    Refused,
    /// Closed by a hang-up, which the host would report in each poll. Writing only.
    Closed,
}

impl State {
    /// The index of its subscription, if it has one.
    pub(super) fn subscription(&mut self) -> Option<&mut u32> {
        match self {
            Self::Armed(index) | Self::Queued(index) | Self::Reported(index) => Some(index),
            Self::Idle | Self::Writable | Self::Retrying | Self::Refused | Self::Closed => None,
        }
    }
}

/// May a stream be peeked at, outside of the host's poll?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Peekable {
    /// Not known: it may still be connecting.
    Unknown,
    /// It is connected.
    Yes,
    /// It is no stream, or a peek has failed.
    No,
}

/// A registration, or a free slot for one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// What is known of the source; it outlives a change of the registration.
    pub(super) source: Source,
    /// The token of its events.
    pub(super) token: Token,
    /// The interests; `None` when the slot is free.
    pub(super) interests: Option<Interest>,
    /// Incremented by each change of the registration.
    pub(super) generation: u32,
    /// Incremented by each removal.
    pub(super) removals: u32,
    /// The states, by direction.
    pub(super) states: [State; 2],
    /// The retries in a row, by direction.
    pub(super) backoffs: [Backoff; 2],
    /// Whether the retry queue holds the direction. (After an early re-arm it still does.)
    pub(super) in_retry_queue: [bool; 2],
    /// The number of the select that reported an event last, and the index of that event.
    pub(super) last_event: (u64, usize),
}

/// What is known of a source. A record without rules between its fields, for all who work on
/// registrations.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Source {
    /// The descriptor.
    pub(in super::super) fd: Fd,
    /// The kind.
    pub(in super::super) kind: Kind,
    /// May it be peeked at?
    pub(in super::super) peekable: Peekable,
    /// Its index in the active set, if it is there. (A change of the registration removes it.)
    pub(in super::super) active_index: Option<u32>,
    /// An error that was taken from the host and not yet returned to the program.
    pub(in super::super) pending_error: Option<NonZeroI32>,
    /// Its index among the datagram sockets, if it is one.
    pub(super) datagram_index: u32,
}

impl Source {
    /// The index of a source that is no datagram socket.
    pub(super) const NO_DATAGRAM: u32 = u32::MAX;

    /// A source of which nothing else is known.
    pub(super) fn new(raw: RawSource) -> Self {
        Self {
            fd: raw.fd,
            kind: raw.kind,
            datagram_index: Self::NO_DATAGRAM,
            active_index: None,
            peekable: match (raw.kind, raw.origin) {
                (Kind::Stream, Origin::Accepted) => Peekable::Yes,
                (Kind::Stream, _) => Peekable::Unknown,
                _ => Peekable::No,
            },
            pending_error: None,
        }
    }

    /// The interests that can get an event. A listener is never writable, and many programs
    /// (tokio among them) register all sources for both: each poll would pay for it.
    pub(super) fn possible(&self, interests: Interest) -> Interest {
        match self.kind {
            Kind::Listener => interests.remove(Interest::WRITABLE).unwrap_or(interests),
            _ => interests,
        }
    }
}

impl Slot {
    /// A slot that nothing is registered in.
    pub(super) fn free(source: Source, generation: u32) -> Self {
        Self {
            source,
            token: Token(0),
            interests: None,
            generation,
            removals: 0,
            states: [State::Idle; 2],
            backoffs: [Backoff::default(); 2],
            in_retry_queue: [false; 2],
            last_event: (0, 0),
        }
    }

    /// Puts readiness into the buffer, merged with what it has of this registration in the select
    /// with the number `turn`. `false` when the buffer is full.
    #[inline]
    pub(super) fn put(&mut self, turn: u64, readiness: Readiness, events: &mut Events) -> bool {
        if self.last_event.0 == turn {
            if let Some(event) = events.get_mut(self.last_event.1) {
                event.add(readiness);
            }
            return true;
        }
        match events.push(Event::new(self.token, readiness)) {
            Some(index) => {
                self.last_event = (turn, index);
                true
            }
            None => false,
        }
    }

    /// Is this direction armed?
    #[inline]
    pub(super) fn is_armed(&self, direction: Direction) -> bool {
        matches!(
            self.states[direction as usize],
            State::Armed(_) | State::Queued(_)
        )
    }
}
