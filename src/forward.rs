//! Macros for trait impls that many types share: `Source`, `Read`, `Write`, handles;
//! on all systems.

#![allow(unused_macros, unused_imports)] // not every system and feature needs all of them

use std::ops::Deref;

/// The index of the first buffer that isn't empty, or of the last one.
///
/// A system call takes a limited number of buffers (1,024 by IOV_MAX on Linux). If those
/// were empty, it would return 0, which reads as the end of the stream.
pub(crate) fn first_filled<B: Deref<Target = [u8]>>(buffers: &[B]) -> usize {
    let is_filled = |buffer: &B| !buffer.is_empty();
    let first = buffers.iter().position(is_filled);
    first.unwrap_or(buffers.len().saturating_sub(1))
}

/// Gives types with a field `inner: IoSource<_>` their `Source` and `Debug`.
macro_rules! impl_source {
    ($($type:ident),+ $(,)?) => { $(
        impl $crate::event::Source for $type {
            fn register(
                &mut self,
                registry: &$crate::Registry,
                token: $crate::Token,
                interests: $crate::Interest,
            ) -> ::std::io::Result<()> {
                $crate::event::Source::register(&mut self.inner, registry, token, interests)
            }

            fn reregister(
                &mut self,
                registry: &$crate::Registry,
                token: $crate::Token,
                interests: $crate::Interest,
            ) -> ::std::io::Result<()> {
                $crate::event::Source::reregister(&mut self.inner, registry, token, interests)
            }

            fn deregister(&mut self, registry: &$crate::Registry) -> ::std::io::Result<()> {
                $crate::event::Source::deregister(&mut self.inner, registry)
            }
        }

        impl ::std::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(self.inner.get(), f)
            }
        }
    )+ };
}

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

/// Gives a type `Read`, owned and by reference, from its `inner: IoSource<_>`.
macro_rules! impl_read {
    ($($self:ty),+ $(,)?) => { $(
        impl ::std::io::Read for $self {
            fn read(&mut self, buffer: &mut [u8]) -> ::std::io::Result<usize> {
                self.inner
                    .read_io(buffer.len(), |mut io| ::std::io::Read::read(&mut io, buffer))
            }

            fn read_vectored(
                &mut self,
                buffers: &mut [::std::io::IoSliceMut<'_>],
            ) -> ::std::io::Result<usize> {
                if buffers.is_empty() {
                    // readv(2) of no buffers is EINVAL on some systems (NetBSD, macOS).
                    return ::std::io::Read::read(self, &mut []);
                }
                let first = $crate::forward::first_filled(buffers);
                let buffers = &mut buffers[first..];
                let wanted = buffers.iter().map(|buffer| buffer.len()).sum();
                self.inner
                    .read_io(wanted, |mut io| ::std::io::Read::read_vectored(&mut io, buffers))
            }
        }
    )+ };
}

/// Gives a type `Write`, owned and by reference, from its `inner: IoSource<_>`.
macro_rules! impl_write {
    ($($self:ty),+ $(,)?) => { $(
        impl ::std::io::Write for $self {
            fn write(&mut self, buffer: &[u8]) -> ::std::io::Result<usize> {
                self.inner
                    .write_io(buffer.len(), |mut io| ::std::io::Write::write(&mut io, buffer))
            }

            fn write_vectored(
                &mut self,
                buffers: &[::std::io::IoSlice<'_>],
            ) -> ::std::io::Result<usize> {
                if buffers.is_empty() {
                    // writev(2) of no buffers is EINVAL on some systems (NetBSD, macOS).
                    return ::std::io::Write::write(self, &[]);
                }
                let buffers = &buffers[$crate::forward::first_filled(buffers)..];
                // The same memory may stand in the list many times over.
                let add = |sum: usize, buffer: &::std::io::IoSlice<'_>| sum.saturating_add(buffer.len());
                let wanted = buffers.iter().fold(0, add);
                self.inner
                    .write_io(wanted, |mut io| ::std::io::Write::write_vectored(&mut io, buffers))
            }

            fn flush(&mut self) -> ::std::io::Result<()> {
                ::std::io::Write::flush(&mut self.inner.get())
            }
        }
    )+ };
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
            /// The descriptor is open, is of this kind, and nobody else owns
            /// it.
            unsafe fn from_raw_fd(fd: ::std::os::fd::RawFd) -> Self {
                // SAFETY: the caller's promise is what std asks for.
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

pub(crate) use {
    impl_descriptor_source, impl_handles, impl_into_std, impl_read, impl_source, impl_write,
};
