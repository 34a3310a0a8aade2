//! The declarations of an emulated kqueue, to test the selector on Linux:
//! `--cfg mio_unsupported_force_kqueue`. The functions are in a library of `ci/kqueue`,
//! which `ci/unix.sh` builds and links.
#![allow(non_camel_case_types)] // the names are the system's

use libc::{c_int, c_uint, c_void, timespec};

pub(in crate::sys::unix) const EVFILT_READ: i16 = -1;
pub(in crate::sys::unix) const EVFILT_WRITE: i16 = -2;
pub(in crate::sys::unix) const EVFILT_TIMER: i16 = -7;
pub(in crate::sys::unix) const EVFILT_USER: i16 = -11;
pub(in crate::sys::unix) const EV_ADD: u16 = 0x1;
pub(in crate::sys::unix) const EV_DELETE: u16 = 0x2;
pub(in crate::sys::unix) const EV_ONESHOT: u16 = 0x10;
pub(in crate::sys::unix) const EV_CLEAR: u16 = 0x20;
pub(in crate::sys::unix) const EV_RECEIPT: u16 = 0x40;
pub(in crate::sys::unix) const EV_ERROR: u16 = 0x4000;
pub(in crate::sys::unix) const EV_EOF: u16 = 0x8000;

/// A change or an event, laid out as on Apple systems.
#[derive(Clone)]
#[repr(C)]
pub(in crate::sys::unix) struct kevent {
    pub(in crate::sys::unix) ident: usize,
    pub(in crate::sys::unix) filter: i16,
    pub(in crate::sys::unix) flags: u16,
    pub(in crate::sys::unix) fflags: c_uint,
    pub(in crate::sys::unix) data: isize,
    pub(in crate::sys::unix) udata: *mut c_void,
}

extern "C" {
    /// kqueue(2).
    #[link_name = "mio_kqueue_emulation_kqueue"]
    pub(in crate::sys::unix) fn kqueue() -> c_int;

    /// kevent(2).
    #[link_name = "mio_kqueue_emulation_kevent"]
    pub(in crate::sys::unix) fn kevent(
        queue: c_int,
        changes: *const kevent,
        change_count: c_int,
        events: *mut kevent,
        event_count: c_int,
        timeout: *const timespec,
    ) -> c_int;
}
