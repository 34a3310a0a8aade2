//! Macros for the descriptor traits, and for sources that are mere descriptors; for Unix and
//! WASI.

/// Gives a type whose first field borrows a descriptor's number its `Source`, for
/// Unix and WASI.
macro_rules! impl_descriptor_source {
    ($self:ty) => {
        impl $crate::event::Source for $self {
            fn register(
                &mut self,
                registry: &$crate::Registry,
                token: $crate::Token,
                interests: $crate::Interest,
            ) -> ::std::io::Result<()> {
                use $crate::sys::source::descriptor::DescriptorSelector;
                registry.selector().register(*self.0, token, interests)
            }

            fn reregister(
                &mut self,
                registry: &$crate::Registry,
                token: $crate::Token,
                interests: $crate::Interest,
            ) -> ::std::io::Result<()> {
                use $crate::sys::source::descriptor::DescriptorSelector;
                registry.selector().reregister(*self.0, token, interests)
            }

            fn deregister(&mut self, registry: &$crate::Registry) -> ::std::io::Result<()> {
                use $crate::sys::source::descriptor::DescriptorSelector;
                registry.selector().deregister(*self.0)
            }
        }
    };
}

/// Gives a type with a field `inner: IoSource<_>` and a function `from_sys` the
/// raw, borrowed and owned descriptor traits, for Unix and WASI.
macro_rules! impl_handles {
    ($($type:ident),+ $(,)?) => { $(
        impl ::std::os::fd::AsRawFd for $type {
            fn as_raw_fd(&self) -> ::std::os::fd::RawFd {
                ::std::os::fd::AsRawFd::as_raw_fd(self.inner.get())
            }
        }

        impl ::std::os::fd::IntoRawFd for $type {
            fn into_raw_fd(self) -> ::std::os::fd::RawFd {
                ::std::os::fd::IntoRawFd::into_raw_fd(self.inner.into_inner())
            }
        }

        impl ::std::os::fd::FromRawFd for $type {
            /// Takes a descriptor over; it keeps the mode that it has.
            ///
            /// # Safety
            ///
            /// The descriptor is open, is of this kind, and nothing else owns
            /// it.
            unsafe fn from_raw_fd(fd: ::std::os::fd::RawFd) -> Self {
                // SAFETY: the caller's promise is what std requires.
                Self::from_sys(unsafe { ::std::os::fd::FromRawFd::from_raw_fd(fd) })
            }
        }

        impl ::std::os::fd::AsFd for $type {
            fn as_fd(&self) -> ::std::os::fd::BorrowedFd<'_> {
                ::std::os::fd::AsFd::as_fd(self.inner.get())
            }
        }

        impl From<::std::os::fd::OwnedFd> for $type {
            fn from(fd: ::std::os::fd::OwnedFd) -> Self {
                Self::from_sys(fd.into())
            }
        }

        impl From<$type> for ::std::os::fd::OwnedFd {
            fn from(source: $type) -> Self {
                source.inner.into_inner().into()
            }
        }
    )+ };
}

/// Gives a type with [`impl_handles`] the conversion into its std twin.
macro_rules! impl_into_std {
    ($($type:ident => $std:ty),+ $(,)?) => { $(
        impl From<$type> for $std {
            fn from(source: $type) -> Self {
                Self::from(::std::os::fd::OwnedFd::from(source))
            }
        }
    )+ };
}

pub(crate) use {impl_descriptor_source, impl_handles, impl_into_std};
