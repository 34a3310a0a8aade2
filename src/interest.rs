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
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::Interest;
    ///
    /// assert!(Interest::READABLE.is_readable());
    /// assert!(!Interest::READABLE.is_writable());
    /// ```
    pub const READABLE: Self = Self::from_bits(READABLE);

    /// There is space in the send buffer, or a connection attempt has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::Interest;
    ///
    /// assert!(Interest::WRITABLE.is_writable());
    /// assert!(!Interest::WRITABLE.is_readable());
    /// ```
    pub const WRITABLE: Self = Self::from_bits(WRITABLE);

    /// A POSIX asynchronous operation has ended. FreeBSD, DragonFly and Apple
    /// systems.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::Interest;
    ///
    /// let interests = Interest::AIO | Interest::READABLE;
    /// assert!(interests.is_aio());
    /// ```
    pub const AIO: Self = Self::from_bits(AIO);

    /// A list of POSIX asynchronous operations has ended. FreeBSD only.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::Interest;
    ///
    /// let interests = Interest::LIO | Interest::READABLE;
    /// assert!(interests.is_lio());
    /// ```
    pub const LIO: Self = Self::from_bits(LIO);

    /// Urgent ("out-of-band") data has arrived. Linux and Android.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::Interest;
    ///
    /// let interests = Interest::READABLE | Interest::PRIORITY;
    /// assert!(interests.is_priority());
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::Interest;
    ///
    /// const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);
    /// assert_eq!(BOTH, Interest::READABLE | Interest::WRITABLE);
    /// ```
    #[must_use]
    #[allow(clippy::should_implement_trait)] // mio's name for it, and `const` unlike `Add::add`
    #[inline]
    pub const fn add(self, other: Self) -> Self {
        Self::from_bits(self.0.get() | other.0.get())
    }

    /// What is left of this interest without the other one; `None` if nothing
    /// is.
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::Interest;
    ///
    /// let both = Interest::READABLE | Interest::WRITABLE;
    /// assert_eq!(both.remove(Interest::READABLE), Some(Interest::WRITABLE));
    /// assert_eq!(both.remove(both), None);
    /// ```
    #[must_use]
    pub fn remove(self, other: Self) -> Option<Self> {
        NonZeroU8::new(self.0.get() & !other.0.get()).map(Self)
    }

    /// Does it include [`Interest::READABLE`]?
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::Interest;
    ///
    /// assert!((Interest::READABLE | Interest::WRITABLE).is_readable());
    /// assert!(!Interest::WRITABLE.is_readable());
    /// ```
    #[must_use]
    pub const fn is_readable(self) -> bool {
        self.0.get() & READABLE != 0
    }

    /// Does it include [`Interest::WRITABLE`]?
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::Interest;
    ///
    /// assert!((Interest::WRITABLE | Interest::READABLE).is_writable());
    /// assert!(!Interest::READABLE.is_writable());
    /// ```
    #[must_use]
    pub const fn is_writable(self) -> bool {
        self.0.get() & WRITABLE != 0
    }

    /// Does it include [`Interest::AIO`]?
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::Interest;
    ///
    /// assert!((Interest::AIO | Interest::WRITABLE).is_aio());
    /// assert!(!Interest::WRITABLE.is_aio());
    /// ```
    #[must_use]
    pub const fn is_aio(self) -> bool {
        self.0.get() & AIO != 0
    }

    /// Does it include [`Interest::LIO`]?
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::Interest;
    ///
    /// assert!((Interest::LIO | Interest::WRITABLE).is_lio());
    /// assert!(!Interest::WRITABLE.is_lio());
    /// ```
    #[must_use]
    pub const fn is_lio(self) -> bool {
        self.0.get() & LIO != 0
    }

    /// Does it include [`Interest::PRIORITY`]?
    ///
    /// # Examples
    ///
    /// ```
    /// use mio::Interest;
    ///
    /// assert!((Interest::PRIORITY | Interest::WRITABLE).is_priority());
    /// assert!(!Interest::WRITABLE.is_priority());
    /// ```
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
