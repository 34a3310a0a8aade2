//! Unix: selectors and wakers of the various kernels, sockets by libc and std.

mod check;
mod selector;
mod waker;

#[cfg(feature = "net")]
mod addr;
#[cfg(feature = "net")]
mod new_fd;
#[cfg(feature = "net")]
pub(crate) mod tcp;
#[cfg(feature = "net")]
pub(crate) mod udp;

pub(crate) use self::selector::{impl_selector_handles, Event, Events, Selector, SourceState};
pub(crate) use self::waker::Waker;
pub(crate) use std::os::fd::{AsRawFd as AsRawSource, RawFd as RawSource};

/// The descriptor of an object.
pub(crate) fn raw(source: &impl AsRawSource) -> RawSource {
    source.as_raw_fd()
}
