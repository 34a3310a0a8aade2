//! Handle traits for `Poll` and `Registry` where the selector owns a descriptor
//! (epoll, kqueue).

/// Implements the descriptor traits `AsRawFd` and `AsFd` for a type, by the selector that it
/// holds.
macro_rules! impl_selector_handles {
    ($type:ident, |$value:ident| $selector:expr) => {
        impl ::std::os::fd::AsRawFd for $type {
            fn as_raw_fd(&self) -> ::std::os::fd::RawFd {
                let $value = self;
                ::std::os::fd::AsRawFd::as_raw_fd($selector)
            }
        }

        impl ::std::os::fd::AsFd for $type {
            fn as_fd(&self) -> ::std::os::fd::BorrowedFd<'_> {
                let $value = self;
                ::std::os::fd::AsFd::as_fd($selector)
            }
        }
    };
}

pub(crate) use impl_selector_handles;
