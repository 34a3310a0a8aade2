//! The numbers of this system's kqueue, whose types differ between systems.

use crate::sys::unix::selector::kqueue_translate::Numbers;

/// The numbers of this system.
pub(super) const NUMBERS: Numbers = Numbers {
    filter_read: libc::EVFILT_READ as i64,
    filter_write: libc::EVFILT_WRITE as i64,
    filter_user: libc::EVFILT_USER as i64,
    filter_aio: FILTER_AIO,
    filter_lio: FILTER_LIO,
    add: libc::EV_ADD as u32,
    delete: libc::EV_DELETE as u32,
    clear: libc::EV_CLEAR as u32,
    receipt: libc::EV_RECEIPT as u32,
    error: libc::EV_ERROR as u32,
    eof: libc::EV_EOF as u32,
};

/// Asynchronous operations that can name a queue.
#[cfg(any(
    target_os = "dragonfly",
    target_os = "freebsd",
    target_vendor = "apple"
))]
const FILTER_AIO: Option<i64> = Some(libc::EVFILT_AIO as i64);
/// No asynchronous operation can name a queue.
#[cfg(not(any(
    target_os = "dragonfly",
    target_os = "freebsd",
    target_vendor = "apple"
)))]
const FILTER_AIO: Option<i64> = None;

/// Lists of asynchronous operations that can name a queue.
#[cfg(target_os = "freebsd")]
const FILTER_LIO: Option<i64> = Some(libc::EVFILT_LIO as i64);
/// No list of asynchronous operations can name a queue.
#[cfg(not(target_os = "freebsd"))]
const FILTER_LIO: Option<i64> = None;
