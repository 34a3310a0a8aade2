//! The system's declarations of kqueue, or those of its emulation.

use std::mem::zeroed;

#[cfg(mio_unsupported_force_kqueue)]
pub(in crate::sys::unix) use super::emulated::*;
#[cfg(not(mio_unsupported_force_kqueue))]
pub(in crate::sys::unix) use libc::*;

/// The filter that a program triggers, which the oldest libc that is allowed lacks on OpenBSD.
/// (It hides what the import above may bring in.)
#[cfg(target_os = "openbsd")]
pub(in crate::sys::unix) const EVFILT_USER: i16 = -10;

/// All zero: systems have fields beyond those that are used here.
pub(in crate::sys::unix) fn empty_event() -> kevent {
    // SAFETY: all fields are integers and a pointer, for which zero is a value.
    unsafe { zeroed() }
}
