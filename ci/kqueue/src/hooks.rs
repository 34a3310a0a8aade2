//! What tests choose to happen.

use std::sync::{Mutex, PoisonError};

use libc::c_int;

/// What happens to the changes of a descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hook {
    /// Adding the write filter of a pipe whose reader is gone is EPIPE, and adds nothing.
    FreeBsd,
    /// The same is EPIPE, and adds the filter, which reports the end.
    Apple,
    /// The same is EBADF, and adds nothing.
    NetBsd,
    /// Adding the write filter is ENOMEM.
    Refuse,
    /// The call is interrupted after its changes were made.
    Interrupt,
}

/// The hooks in the order of their numbers, from 1.
const HOOKS: [Hook; 5] = [
    Hook::FreeBsd,
    Hook::Apple,
    Hook::NetBsd,
    Hook::Refuse,
    Hook::Interrupt,
];

static CHOSEN: Mutex<Vec<(c_int, Hook)>> = Mutex::new(Vec::new());

/// Is this an older kernel, without EVFILT_USER? The environment says so.
pub(crate) fn lacks_user_events() -> bool {
    std::env::var_os("KQUEUE_WITHOUT_USER_EVENTS").is_some()
}

/// The hook of a descriptor.
pub(crate) fn of(fd: c_int) -> Option<Hook> {
    let chosen = CHOSEN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut found = chosen.iter().filter(|(other, _)| *other == fd);
    found.next().map(|(_, hook)| *hook)
}

/// Chooses a hook for a descriptor by its number; 0 for none.
#[no_mangle]
pub extern "C" fn mio_kqueue_emulation_hook(fd: c_int, number: c_int) {
    let mut chosen = CHOSEN.lock().unwrap_or_else(PoisonError::into_inner);
    chosen.retain(|(other, _)| *other != fd);
    let hook = usize::try_from(number - 1)
        .ok()
        .and_then(|index| HOOKS.get(index));
    if let Some(hook) = hook {
        chosen.push((fd, *hook));
    }
}
