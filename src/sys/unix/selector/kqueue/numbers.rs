//! The numbers of this system's kqueue, whose types differ between systems.

use super::system;
use super::translate::Numbers;
use crate::sys::posix::system::bsd::EVFILT_AIO;
use crate::sys::posix::system::freebsd::EVFILT_LIO;

/// The numbers of this system.
pub(in crate::sys::unix) const NUMBERS: Numbers = Numbers {
    filter_read: system::EVFILT_READ as i64,
    filter_write: system::EVFILT_WRITE as i64,
    filter_user: system::EVFILT_USER as i64,
    filter_timer: system::EVFILT_TIMER as i64,
    filter_aio: EVFILT_AIO,
    filter_lio: EVFILT_LIO,
    add: system::EV_ADD as u32,
    delete: system::EV_DELETE as u32,
    oneshot: system::EV_ONESHOT as u32,
    clear: system::EV_CLEAR as u32,
    receipt: system::EV_RECEIPT as u32,
    error: system::EV_ERROR as u32,
    eof: system::EV_EOF as u32,
};
