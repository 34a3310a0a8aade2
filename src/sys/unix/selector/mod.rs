//! Which selector a Unix system uses.
//!
//! | selector | systems |
//! |---|---|
//! | `epoll.rs` | Linux, Android, illumos, Redox |
//! | `kqueue/` | Apple systems, FreeBSD, NetBSD, OpenBSD, DragonFly; Linux with `--cfg mio_unsupported_force_kqueue` |
//! | `poll/` | all others, and WASI preview 2; all with `--cfg mio_unsupported_force_poll_poll` |

#[allow(unused_imports, unused_macros)] // not for poll(2)
mod handles;

#[cfg(all(
    not(any(mio_unsupported_force_poll_poll, mio_unsupported_force_kqueue)),
    any(
        target_os = "android",
        target_os = "illumos",
        target_os = "linux",
        target_os = "redox",
    ),
))]
mod epoll;
#[cfg(all(
    not(any(mio_unsupported_force_poll_poll, mio_unsupported_force_kqueue)),
    any(
        target_os = "android",
        target_os = "illumos",
        target_os = "linux",
        target_os = "redox",
    ),
))]
pub(crate) use self::epoll::{
    impl_selector_handles, Epoll as Selector, Event, Events, SourceState, Waker,
};

#[cfg(all(
    not(mio_unsupported_force_poll_poll),
    any(
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd",
        target_vendor = "apple",
        mio_unsupported_force_kqueue,
    ),
))]
mod kqueue;
#[cfg(all(
    not(mio_unsupported_force_poll_poll),
    any(
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd",
        target_vendor = "apple",
        mio_unsupported_force_kqueue,
    ),
))]
pub(crate) use self::kqueue::{
    impl_selector_handles, Event, Events, Kqueue as Selector, SourceState, Waker,
};

/// What kqueue needs and can be tested without it.
#[cfg(any(
    test,
    all(
        not(mio_unsupported_force_poll_poll),
        any(
            target_os = "dragonfly",
            target_os = "freebsd",
            target_os = "netbsd",
            target_os = "openbsd",
            target_vendor = "apple",
            mio_unsupported_force_kqueue,
        ),
    ),
))]
mod kqueue_translate;

#[cfg(any(
    mio_unsupported_force_poll_poll,
    not(any(
        target_os = "android",
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "illumos",
        target_os = "linux",
        target_os = "netbsd",
        target_os = "openbsd",
        target_os = "redox",
        target_vendor = "apple",
    )),
))]
mod poll;
#[cfg(any(
    mio_unsupported_force_poll_poll,
    not(any(
        target_os = "android",
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "illumos",
        target_os = "linux",
        target_os = "netbsd",
        target_os = "openbsd",
        target_os = "redox",
        target_vendor = "apple",
    )),
))]
pub(crate) use self::poll::{
    impl_selector_handles, Event, Events, PollSet as Selector, SourceState, Waker,
};

/// The bit of poll(2) for a peer that has stopped sending, where it is known to
/// exist.
#[cfg(all(
    mio_unsupported_force_poll_poll,
    any(target_os = "android", target_os = "linux"),
))]
const POLLRDHUP: libc::c_short = libc::POLLRDHUP;

/// The bit of poll(2) for a peer that has stopped sending: none.
#[cfg(not(any(target_os = "android", target_os = "linux")))]
#[allow(dead_code)] // for poll(2) only
const POLLRDHUP: libc::c_short = 0;

/// The bit of poll(2) for a descriptor that is closed.
#[cfg(not(target_os = "espidf"))]
#[allow(dead_code)] // for poll(2) only
const POLLNVAL: libc::c_short = libc::POLLNVAL;

/// The bit of poll(2) for urgent data.
#[cfg(not(target_os = "wasi"))]
#[allow(dead_code)] // for poll(2) only
const POLLPRI: libc::c_short = libc::POLLPRI;

/// The bit of poll(2) for urgent data: none.
#[cfg(target_os = "wasi")]
const POLLPRI: libc::c_short = 0;

/// The bit of poll(2) for a descriptor that is closed: an error like others.
#[cfg(target_os = "espidf")]
const POLLNVAL: libc::c_short = 0;
