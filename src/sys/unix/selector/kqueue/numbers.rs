//! The numbers of this system's kqueue, whose types differ between systems.

use super::system;
use super::translate::Numbers;

/// The numbers of this system.
pub(super) const NUMBERS: Numbers = Numbers {
    filter_read: system::EVFILT_READ as i64,
    filter_write: system::EVFILT_WRITE as i64,
    filter_user: system::EVFILT_USER as i64,
    filter_timer: system::EVFILT_TIMER as i64,
    filter_aio: FILTER_AIO,
    filter_lio: FILTER_LIO,
    add: system::EV_ADD as u32,
    delete: system::EV_DELETE as u32,
    oneshot: system::EV_ONESHOT as u32,
    clear: system::EV_CLEAR as u32,
    receipt: system::EV_RECEIPT as u32,
    error: system::EV_ERROR as u32,
    eof: system::EV_EOF as u32,
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
