//! Unix: selectors and wakers of the various kernels, sockets by libc and std. And
//! WASI preview 2, whose libc has poll(2) and sockets as on Unix, but no pipes, Unix
//! sockets, threads and processes.
//!
//! What differs between systems stands in folders with one file for each way to do it. Which
//! system uses which is decided here, once for each folder:
//!
//! | folder | file | systems |
//! |---|---|---|
//! | `selector/` | `epoll.rs` | Linux, Android, illumos, Redox |
//! | | `kqueue/` | Apple systems, FreeBSD, NetBSD, OpenBSD, DragonFly; Linux with `--cfg mio_unsupported_force_kqueue` |
//! | | `poll/` | all others, and WASI preview 2; all with `--cfg mio_unsupported_force_poll_poll` |
//! | `selector/waker/` | `user_event.rs` | kqueue on Apple systems and FreeBSD |
//! | | `by_descriptor.rs` | epoll, and kqueue elsewhere: a bell that the selector watches |
//! | `bell/` | `eventfd.rs` | Linux, Android and ESP-IDF |
//! | | `silent.rs` | WASI preview 2, where no wake-up can come while a call waits |
//! | | `pipe.rs` | all others, and when another selector or this one is forced |
//! | `new_fd/` | `atomic.rs` | those whose calls take the flags of a new descriptor |
//! | | `fcntl.rs`, `fcntl_pairs.rs` | all others: Apple systems, and x86 Android, whose old kernels lack `accept4` |
//!
//! poll(2) has a waker of its own, which uses the bell that the selector has anyway.

mod addr;
mod blocking;
mod check;
mod option;

#[cfg(all(
    not(any(mio_unsupported_force_poll_poll, mio_unsupported_force_kqueue)),
    any(
        target_os = "android",
        target_os = "illumos",
        target_os = "linux",
        target_os = "redox",
    ),
))]
mod selector {
    mod epoll;
    mod handles;

    mod waker {
        mod by_descriptor;
        pub(crate) use self::by_descriptor::Waker;
    }

    pub(crate) use self::epoll::{Epoll as Selector, Event, Events, SourceState};
    pub(crate) use self::handles::impl_selector_handles;
    pub(crate) use self::waker::Waker;
}

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
mod selector {
    mod handles;
    mod kqueue;

    #[cfg(all(
        not(mio_unsupported_force_waker_pipe),
        any(
            target_os = "freebsd",
            target_vendor = "apple",
            mio_unsupported_force_kqueue,
        ),
    ))]
    mod waker {
        mod user_event;
        pub(crate) use self::user_event::Waker;
    }

    #[cfg(not(all(
        not(mio_unsupported_force_waker_pipe),
        any(
            target_os = "freebsd",
            target_vendor = "apple",
            mio_unsupported_force_kqueue,
        ),
    )))]
    mod waker {
        mod by_descriptor;
        pub(crate) use self::by_descriptor::Waker;
    }

    pub(crate) use self::handles::impl_selector_handles;
    pub(crate) use self::kqueue::{Event, Events, Kqueue as Selector, SourceState};
    pub(crate) use self::waker::Waker;
}

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
mod selector {
    mod poll;

    pub(crate) use self::poll::{
        impl_selector_handles, Event, Events, PollSet as Selector, SourceState, Waker,
    };
}

#[cfg(all(
    not(any(
        mio_unsupported_force_poll_poll,
        mio_unsupported_force_waker_pipe,
        mio_unsupported_force_kqueue,
    )),
    any(target_os = "android", target_os = "espidf", target_os = "linux"),
))]
mod bell {
    mod eventfd;
    pub(crate) use self::eventfd::Bell;
}

#[cfg(all(
    unix,
    any(
        mio_unsupported_force_poll_poll,
        mio_unsupported_force_waker_pipe,
        mio_unsupported_force_kqueue,
        not(any(target_os = "android", target_os = "espidf", target_os = "linux")),
    ),
))]
#[allow(dead_code, unused_imports)] // a waker by an event of the user needs none
mod bell {
    mod pipe;
    pub(crate) use self::pipe::Bell;
}

#[cfg(not(unix))]
mod bell {
    mod silent;
    pub(crate) use self::silent::Bell;
}

#[cfg(any(
    all(target_os = "android", not(target_arch = "x86")),
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "illumos",
    target_os = "linux",
    target_os = "netbsd",
    target_os = "openbsd",
))]
mod new_fd {
    mod atomic;
    pub(crate) mod flags;

    pub(crate) use self::atomic::*;
}

#[cfg(not(any(
    all(target_os = "android", not(target_arch = "x86")),
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "illumos",
    target_os = "linux",
    target_os = "netbsd",
    target_os = "openbsd",
)))]
mod new_fd {
    mod fcntl;
    #[cfg(unix)]
    mod fcntl_pairs;
    pub(crate) mod flags;

    pub(crate) use self::fcntl::*;
    #[cfg(unix)]
    pub(crate) use self::fcntl_pairs::*;
}

#[cfg(feature = "net")]
pub(crate) mod tcp;
#[cfg(feature = "net")]
pub(crate) mod udp;

#[cfg(all(unix, feature = "os-ext"))]
pub(crate) mod pipe;
#[cfg(all(unix, feature = "net"))]
mod std_types;
#[cfg(all(unix, feature = "net"))]
pub(crate) mod uds;
#[cfg(all(not(unix), feature = "net"))]
mod wasi_types;

#[cfg(all(unix, feature = "net"))]
use self::std_types as types;
#[cfg(all(not(unix), feature = "net"))]
use self::wasi_types as types;

pub(crate) use self::selector::{
    impl_selector_handles, Event, Events, Selector, SourceState, Waker,
};
pub(crate) use std::os::fd::{AsRawFd as AsRawSource, RawFd as RawSource};

/// The descriptor of an object.
pub(crate) fn raw(source: &impl AsRawSource) -> RawSource {
    source.as_raw_fd()
}
