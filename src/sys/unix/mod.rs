//! Unix: selectors and wakers of the various kernels, sockets by libc and std.

mod addr;
mod blocking;
mod check;
mod new_fd;
#[allow(dead_code)] // for TCP, and on Apple systems
mod option;
mod selector;
mod waker;

#[cfg(feature = "os-ext")]
pub(crate) mod pipe;
#[cfg(feature = "net")]
pub(crate) mod tcp;
#[cfg(feature = "net")]
pub(crate) mod udp;
#[cfg(feature = "net")]
pub(crate) mod uds;

pub(crate) use self::selector::{
    impl_selector_handles, Event, Events, Selector, SourceState, Waker,
};
pub(crate) use std::os::fd::{AsRawFd as AsRawSource, RawFd as RawSource};

/// The descriptor of an object.
pub(crate) fn raw(source: &impl AsRawSource) -> RawSource {
    source.as_raw_fd()
}
