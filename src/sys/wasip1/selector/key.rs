//! What the host is asked for one subscription at a time, and the keys by which its
//! answers are known. WASI preview 1.

use wasi::{Subscription, SubscriptionClock, SubscriptionFdReadwrite, SubscriptionU};

use crate::sys::event::Readiness;
use crate::Interest;

/// One of the two ways to be ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// Something to read or to accept.
    Read = 0,
    /// Room to write.
    Write = 1,
}

impl Direction {
    /// Both of them.
    pub(super) const BOTH: [Self; 2] = [Self::Read, Self::Write];

    /// Does this interest ask for it?
    pub(super) fn is_in(self, interests: Interest) -> bool {
        match self {
            Self::Read => interests.is_readable(),
            Self::Write => interests.is_writable(),
        }
    }

    /// The flag that says it.
    pub(super) fn readiness(self) -> Readiness {
        match self {
            Self::Read => Readiness::READABLE,
            Self::Write => Readiness::WRITABLE,
        }
    }

    /// The flag that says that nothing more will come this way.
    pub(super) fn closed(self) -> Readiness {
        match self {
            Self::Read => Readiness::READ_CLOSED,
            Self::Write => Readiness::WRITE_CLOSED,
        }
    }
}

/// What a subscription is for: a direction of a slot in one generation of its
/// registration. As the user data of a subscription it stands in one number: the
/// generation, the slot, and the direction in the lowest bit. (It stays that number,
/// since an interpreter takes less for arithmetic than for memory.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(u64);

impl Key {
    /// The user data of the clock; no slot has this number.
    pub(super) const CLOCK: u64 = u64::MAX;

    /// The highest number of a slot that fits.
    pub(super) const LAST_SLOT: usize = (u32::MAX >> 1) as usize - 1;

    /// A direction of a slot.
    pub(super) fn new(slot: u32, generation: u32, direction: Direction) -> Self {
        Self((u64::from(generation) << 32) | (u64::from(slot) << 1) | direction as u64)
    }

    /// As user data.
    pub(super) fn encode(self) -> u64 {
        self.0
    }

    /// From user data.
    pub(super) fn decode(user_data: u64) -> Self {
        Self(user_data)
    }

    /// The slot.
    pub(super) fn slot(self) -> u32 {
        (self.0 as u32) >> 1
    }

    /// The generation of the slot's registration.
    pub(super) fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The direction.
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

/// Asks the host for one direction of a descriptor.
pub(super) fn subscription(key: Key, fd: wasi::Fd) -> Subscription {
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

/// Asks the host for one direction of a descriptor without a registration.
pub(super) fn probe_of(fd: wasi::Fd, direction: Direction) -> Subscription {
    subscription(Key::new(0, 0, direction), fd)
}

/// Asks the host to return after so many nanoseconds. Relative and monotonic,
/// since other clocks fail on some hosts; never zero, which some take for never.
pub(super) fn clock(nanos: u64) -> Subscription {
    Subscription {
        userdata: Key::CLOCK,
        u: SubscriptionU {
            tag: wasi::EVENTTYPE_CLOCK.raw(),
            u: wasi::SubscriptionUU {
                clock: SubscriptionClock {
                    id: wasi::CLOCKID_MONOTONIC,
                    timeout: nanos.max(1),
                    precision: 0,
                    flags: 0,
                },
            },
        },
    }
}
