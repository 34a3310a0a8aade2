//! Subscriptions of `poll_oneoff`, and the keys by which their events are recognised. WASI
//! preview 1.

use wasi::{Fd, Subscription, SubscriptionClock, SubscriptionFdReadwrite, SubscriptionU};

use crate::sys::event::Readiness;
use crate::Interest;

/// One of the two directions of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// Receiving, and accepting.
    Read = 0,
    /// Sending, and connecting.
    Write = 1,
}

impl Direction {
    /// Both of them.
    pub(super) const BOTH: [Self; 2] = [Self::Read, Self::Write];

    /// Does this interest include it?
    pub(super) fn is_in(self, interests: Interest) -> bool {
        match self {
            Self::Read => interests.is_readable(),
            Self::Write => interests.is_writable(),
        }
    }

    /// The flag of its readiness.
    #[inline]
    pub(super) fn readiness(self) -> Readiness {
        match self {
            Self::Read => Readiness::READABLE,
            Self::Write => Readiness::WRITABLE,
        }
    }

    /// The flag of its end.
    pub(super) fn closed(self) -> Readiness {
        match self {
            Self::Read => Readiness::READ_CLOSED,
            Self::Write => Readiness::WRITE_CLOSED,
        }
    }
}

/// What a subscription is for: a direction of a slot in one generation of its registration.
///
/// It is kept as the user data of the subscription: the generation in the upper half, the slot
/// in the lower one, and the direction in the lowest bit. Arithmetic on one number takes an
/// interpreter fewer instructions than three fields in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(u64);

impl Key {
    /// The user data of what ends a wait: a clock, or a socket that is always writable. No slot
    /// has this number.
    pub(super) const CLOCK: u64 = u64::MAX;

    /// The highest number of a slot that fits.
    pub(super) const MAX_SLOT: usize = (u32::MAX >> 1) as usize - 1;

    /// The key of a direction of a slot.
    #[inline]
    pub(super) fn new(slot: u32, generation: u32, direction: Direction) -> Self {
        Self((u64::from(generation) << 32) | (u64::from(slot) << 1) | direction as u64)
    }

    /// As user data.
    #[inline]
    pub(super) fn encode(self) -> u64 {
        self.0
    }

    /// From user data.
    #[inline]
    pub(super) fn decode(user_data: u64) -> Self {
        Self(user_data)
    }

    /// The slot.
    #[inline]
    pub(super) fn slot(self) -> u32 {
        (self.0 as u32) >> 1
    }

    /// The generation of the slot's registration.
    #[inline]
    pub(super) fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The direction.
    #[inline]
    pub(super) fn direction(self) -> Direction {
        match self.0 & 1 {
            0 => Direction::Read,
            _ => Direction::Write,
        }
    }

    /// The other direction of the same registration.
    pub(super) fn other(self) -> Self {
        Self(self.0 ^ 1)
    }
}

/// Subscribes to one direction of a descriptor.
#[inline]
pub(super) fn subscription(key: Key, fd: Fd) -> Subscription {
    let target = SubscriptionFdReadwrite {
        file_descriptor: fd,
    };
    let (tag, u) = match key.direction() {
        Direction::Read => (
            wasi::EVENTTYPE_FD_READ,
            wasi::SubscriptionUU { fd_read: target },
        ),
        Direction::Write => (
            wasi::EVENTTYPE_FD_WRITE,
            wasi::SubscriptionUU { fd_write: target },
        ),
    };
    Subscription {
        userdata: key.encode(),
        u: SubscriptionU { tag: tag.raw(), u },
    }
}

/// Subscribes to one direction of a descriptor without a registration.
pub(super) fn probe_of(fd: Fd, direction: Direction) -> Subscription {
    subscription(Key::new(0, 0, direction), fd)
}

/// Subscribes to a socket that is always writable, which ends each call like a clock that has run
/// out.
pub(super) fn always_writable(fd: Fd) -> Subscription {
    Subscription {
        userdata: Key::CLOCK,
        ..probe_of(fd, Direction::Write)
    }
}

/// Is it a subscription to a timeout?
pub(super) fn is_clock(subscription: &Subscription) -> bool {
    subscription.u.tag == wasi::EVENTTYPE_CLOCK.raw()
}

/// Subscribes to a timeout. It is relative to the monotonic clock, since other clocks fail on
/// some hosts, and never zero, which some hosts take for no timeout.
pub(super) fn clock(timeout_ns: u64) -> Subscription {
    Subscription {
        userdata: Key::CLOCK,
        u: SubscriptionU {
            tag: wasi::EVENTTYPE_CLOCK.raw(),
            u: wasi::SubscriptionUU {
                clock: SubscriptionClock {
                    id: wasi::CLOCKID_MONOTONIC,
                    timeout: timeout_ns.max(1),
                    precision: 0,
                    flags: 0,
                },
            },
        },
    }
}
