//! What ends a wait, and which systems use what.
//!
//! | file | systems |
//! |---|---|
//! | `user_event.rs` | kqueue on Apple systems and FreeBSD |
//! | `by_descriptor.rs` | epoll, and kqueue elsewhere: a bell that the selector watches |
//! | `eventfd.rs` | the bell on Linux, Android and ESP-IDF |
//! | `silent.rs` | the bell on WASI preview 2, where nobody could ring while somebody waits |
//! | `pipe.rs` | the bell on all others, beside a forced poll(2), and when it is forced itself |
//!
//! poll(2) has a waker of its own, which rings a bell that the selector has
//! anyway.

#[cfg(all(
    not(any(
        mio_unsupported_force_poll_poll,
        mio_unsupported_force_waker_pipe,
        mio_unsupported_force_kqueue,
    )),
    any(target_os = "android", target_os = "espidf", target_os = "linux"),
))]
mod eventfd;
#[cfg(all(
    not(any(
        mio_unsupported_force_poll_poll,
        mio_unsupported_force_waker_pipe,
        mio_unsupported_force_kqueue,
    )),
    any(target_os = "android", target_os = "espidf", target_os = "linux"),
))]
pub(crate) use self::eventfd::Bell;

#[cfg(not(any(
    all(
        not(any(
            mio_unsupported_force_poll_poll,
            mio_unsupported_force_waker_pipe,
            mio_unsupported_force_kqueue,
        )),
        any(target_os = "android", target_os = "espidf", target_os = "linux"),
    ),
    target_os = "wasi",
)))]
#[allow(dead_code)] // an event of kqueue needs no bell
mod pipe;
#[cfg(not(any(
    all(
        not(any(
            mio_unsupported_force_poll_poll,
            mio_unsupported_force_waker_pipe,
            mio_unsupported_force_kqueue,
        )),
        any(target_os = "android", target_os = "espidf", target_os = "linux"),
    ),
    target_os = "wasi",
)))]
#[allow(unused_imports)] // an event of kqueue needs no bell
pub(crate) use self::pipe::Bell;

#[cfg(target_os = "wasi")]
mod silent;
#[cfg(target_os = "wasi")]
pub(crate) use self::silent::Bell;

#[cfg(all(
    not(any(mio_unsupported_force_poll_poll, mio_unsupported_force_waker_pipe)),
    any(
        target_os = "freebsd",
        target_vendor = "apple",
        mio_unsupported_force_kqueue,
    ),
))]
mod user_event;
#[cfg(all(
    not(any(mio_unsupported_force_poll_poll, mio_unsupported_force_waker_pipe)),
    any(
        target_os = "freebsd",
        target_vendor = "apple",
        mio_unsupported_force_kqueue,
    ),
))]
pub(crate) use self::user_event::Waker;

#[cfg(not(all(
    not(any(mio_unsupported_force_poll_poll, mio_unsupported_force_waker_pipe)),
    any(
        target_os = "freebsd",
        target_vendor = "apple",
        mio_unsupported_force_kqueue,
    ),
)))]
#[allow(dead_code)] // poll(2) has its own
mod by_descriptor;
#[cfg(not(all(
    not(any(mio_unsupported_force_poll_poll, mio_unsupported_force_waker_pipe)),
    any(
        target_os = "freebsd",
        target_vendor = "apple",
        mio_unsupported_force_kqueue,
    ),
)))]
#[allow(unused_imports)] // poll(2) has its own
pub(crate) use self::by_descriptor::Waker;

/// The flags of an eventfd. ESP-IDF knows none: it starts no programs, and the
/// bell is only read when it has rung.
#[cfg(target_os = "espidf")]
const EVENTFD_FLAGS: libc::c_int = 0;

/// The flags of an eventfd.
#[cfg(all(
    not(any(
        mio_unsupported_force_poll_poll,
        mio_unsupported_force_waker_pipe,
        mio_unsupported_force_kqueue,
    )),
    any(target_os = "android", target_os = "linux"),
))]
const EVENTFD_FLAGS: libc::c_int = libc::EFD_CLOEXEC | libc::EFD_NONBLOCK;
