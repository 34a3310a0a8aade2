//! Unix: selectors and wakers of the various kernels, sockets by libc and std. And
//! WASI preview 2, whose libc has poll(2) and sockets as on Unix, but no pipes, Unix
//! sockets, threads and processes.

mod addr;
mod blocking;
mod check;
mod new_fd;
#[allow(dead_code)] // for TCP, and where SIGPIPE is an option
mod option;
mod selector;
mod waker;

#[cfg(all(unix, feature = "net"))]
mod std_types;
#[cfg(all(target_os = "wasi", feature = "net"))]
mod wasi_types;
#[cfg(all(unix, feature = "net"))]
use self::std_types as types;
#[cfg(all(target_os = "wasi", feature = "net"))]
use self::wasi_types as types;

#[cfg(all(unix, feature = "os-ext"))]
pub(crate) mod pipe;
#[cfg(feature = "net")]
pub(crate) mod tcp;
#[cfg(feature = "net")]
pub(crate) mod udp;
#[cfg(all(unix, feature = "net"))]
pub(crate) mod uds;

pub(crate) use self::selector::{
    impl_selector_handles, Event, Events, Selector, SourceState, Waker,
};
pub(crate) use std::os::fd::{AsRawFd as AsRawSource, RawFd as RawSource};

/// The descriptor of an object.
pub(crate) fn raw(source: &impl AsRawSource) -> RawSource {
    source.as_raw_fd()
}
