//! [`Interest`]: the kinds of readiness that a registration is for, on all systems.

use std::fmt;
use std::num::NonZeroU8;
use std::ops::{BitOr, BitOrAssign};

/// The kinds of readiness that a registration is for; never empty.
///
/// Combine them with `|` or [`Interest::add`]:
///
/// ```
/// use mio::Interest;
///
/// let both = Interest::READABLE | Interest::WRITABLE;
/// assert!(both.is_readable() && both.is_writable());
/// assert_eq!(both.remove(Interest::WRITABLE), Some(Interest::READABLE));
/// ```
///
/// All constants exist on all systems. A system that cannot watch one of them
/// refuses it at registration with [`Unsupported`].
///
/// [`Unsupported`]: std::io::ErrorKind::Unsupported
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interest(NonZeroU8);

const READABLE: u8 = 1;
const WRITABLE: u8 = 1 << 1;
const AIO: u8 = 1 << 2;
const LIO: u8 = 1 << 3;
const PRIORITY: u8 = 1 << 4;

/// Each kind with its name, in the order in which `Debug` shows them.
const NAMES: [(u8, &str); 5] = [
    (READABLE, "READABLE"),
    (WRITABLE, "WRITABLE"),
    (AIO, "AIO"),
    (LIO, "LIO"),
    (PRIORITY, "PRIORITY"),
];

impl Interest {
    /// There is something to read, a connection to accept, or the end of the
    /// stream.
    pub const READABLE: Self = Self::from_bits(READABLE);

    /// There is space in the send buffer, or a connection attempt has ended.
    pub const WRITABLE: Self = Self::from_bits(WRITABLE);

    /// A POSIX asynchronous operation has ended. FreeBSD, DragonFly and Apple
    /// systems.
    pub const AIO: Self = Self::from_bits(AIO);

    /// A list of POSIX asynchronous operations has ended. FreeBSD only.
    pub const LIO: Self = Self::from_bits(LIO);

    /// Urgent ("out-of-band") data has arrived. Linux and Android.
    pub const PRIORITY: Self = Self::from_bits(PRIORITY);

    /// The interest with these bits, of which at least one is set.
    const fn from_bits(bits: u8) -> Self {
        match NonZeroU8::new(bits) {
            Some(bits) => Self(bits),
            None => panic!("an interest is never empty"),
        }
    }

    /// This interest and the other one together.
    ///
    /// The same as `|`, for use in constants.
    #[must_use]
    #[allow(clippy::should_implement_trait)] // mio's name for it, and `const` unlike `Add::add`
    #[inline]
    pub const fn add(self, other: Self) -> Self {
        Self::from_bits(self.0.get() | other.0.get())
    }

    /// What is left of this interest without the other one; `None` if nothing
    /// is.
    #[must_use]
    pub fn remove(self, other: Self) -> Option<Self> {
        NonZeroU8::new(self.0.get() & !other.0.get()).map(Self)
    }

    /// Does it include [`Interest::READABLE`]?
    #[must_use]
    pub const fn is_readable(self) -> bool {
        self.0.get() & READABLE != 0
    }

    /// Does it include [`Interest::WRITABLE`]?
    #[must_use]
    pub const fn is_writable(self) -> bool {
        self.0.get() & WRITABLE != 0
    }

    /// Does it include [`Interest::AIO`]?
    #[must_use]
    pub const fn is_aio(self) -> bool {
        self.0.get() & AIO != 0
    }

    /// Does it include [`Interest::LIO`]?
    #[must_use]
    pub const fn is_lio(self) -> bool {
        self.0.get() & LIO != 0
    }

    /// Does it include [`Interest::PRIORITY`]?
    #[must_use]
    pub const fn is_priority(self) -> bool {
        self.0.get() & PRIORITY != 0
    }
}

impl BitOr for Interest {
    type Output = Self;

    #[inline]
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Interest {
    #[inline]
    fn bitor_assign(&mut self, other: Self) {
        *self = self.add(other);
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (bit, name) in NAMES {
            if self.0.get() & bit != 0 {
                f.write_str(separator)?;
                f.write_str(name)?;
                separator = " | ";
            }
        }
        Ok(())
    }
}
