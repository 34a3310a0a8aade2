//! The state of a source where the kernel keeps edges (epoll, kqueue): none.

use std::io;
use std::marker::PhantomData;
use std::os::fd::RawFd;

use crate::sys::contract::SourceState;
use crate::sys::source::descriptor::DescriptorSelector;
use crate::{Interest, Token};

/// Nothing to keep: a source is as large as the socket in it.
pub(crate) struct KernelEdge<S>(PhantomData<fn(S)>);

impl<S: DescriptorSelector> SourceState for KernelEdge<S> {
    type Selector = S;

    const KEEPS_EDGES: bool = true;

    fn new() -> Self {
        Self(PhantomData)
    }

    fn register(
        &mut self,
        selector: &S,
        source: RawFd,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        selector.register(source, token, interests)
    }

    fn reregister(
        &mut self,
        selector: &S,
        source: RawFd,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        selector.reregister(source, token, interests)
    }

    fn deregister(&mut self, selector: &S, source: RawFd) -> io::Result<()> {
        selector.deregister(source)
    }

    #[inline]
    fn rearm(&self, _: Interest) {}

    #[inline]
    fn rearm_after_delay(&self, _: Interest) {}
}
