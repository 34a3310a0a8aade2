//! Unix: the selectors and wakers of the various kernels, and what sockets and pipes take
//! from std. `posix/` has what WASI preview 2 shares.
//!
//! Where systems differ there is a module with the same name for each way to do it, and
//! each list of systems stands here once. The module in `generic` works on every Unix. On
//! the systems that have a better way, a module of the same name hides it: Rust lets an
//! item hide what a glob import brings in.
//!
//! | module | file | systems |
//! |---|---|---|
//! | `selector` | `selector/epoll.rs` | Linux, Android, illumos, Redox |
//! | | `selector/kqueue/` | Apple systems, FreeBSD, NetBSD, OpenBSD, DragonFly; Linux with `--cfg mio_unsupported_force_kqueue` |
//! | | `../posix/poll/` | all others; all with `--cfg mio_unsupported_force_poll_poll` |
//! | `waker` | `generic/notifier_waker.rs` | epoll, and kqueue in older kernels: a notifier that the selector watches |
//! | `notifier` | `notifier/eventfd.rs` | Linux, Android and ESP-IDF |
//! | | `generic/pipe_notifier.rs` | all others, and when another selector or this one is forced |
//!
//! kqueue has a waker of its own, in newer kernels, and so has poll(2), which watches a notifier
//! anyway.

#[cfg(feature = "net")]
pub(super) mod types;

#[cfg(feature = "os-ext")]
pub(crate) mod pipe;
#[cfg(feature = "net")]
pub(crate) mod uds;

pub(super) mod poll_call;

/// What works on every Unix.
#[allow(dead_code, unused_imports)] // a system with a better way leaves this one unused
mod generic {
    pub(super) mod notifier_waker;
    pub(super) mod pipe_notifier;

    pub(super) use self::notifier_waker as waker;
    pub(super) use self::pipe_notifier as notifier;
    pub(super) use crate::sys::posix::poll as selector;
}
use self::generic::*;

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
    mod kernel_edge;

    pub(crate) use self::epoll::{Epoll as Selector, Event, Events, SourceState};
    pub(crate) use self::handles::impl_selector_handles;
    pub(crate) use super::waker::Waker;
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
    mod kernel_edge;
    pub(super) mod kqueue;

    pub(crate) use self::handles::impl_selector_handles;
    pub(crate) use self::kqueue::{Event, Events, Kqueue as Selector, SourceState, Waker};
}

#[cfg(all(
    not(any(
        mio_unsupported_force_poll_poll,
        mio_unsupported_force_waker_pipe,
        mio_unsupported_force_kqueue,
    )),
    any(target_os = "android", target_os = "espidf", target_os = "linux"),
))]
mod notifier {
    mod eventfd;
    pub(crate) use self::eventfd::Notifier;
}

pub(super) use self::notifier::Notifier;

pub(crate) use self::selector::{
    impl_selector_handles, Event, Events, Selector, SourceState, Waker,
};
pub(crate) use super::posix::{raw, AsRawSource, RawSource};
#[cfg(feature = "net")]
pub(crate) use super::posix::{tcp, udp};
