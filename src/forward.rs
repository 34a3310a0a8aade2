//! Macros for trait impls that many types share: `Source`, `Read`, `Write`; on all systems.

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

pub(crate) use {impl_read, impl_source, impl_write};
