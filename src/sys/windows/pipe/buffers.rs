//! The part of a selector that serves its named pipes: a pool of buffers for their
//! operations, and the number of the current select; for Windows.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;

use crate::sys::windows::check::lock;

/// The size of a read ahead.
pub(super) const READ_SIZE: usize = 4096;

/// The number of buffers that are kept.
const MAX_KEPT: usize = 64;

/// The largest buffer that is kept.
const MAX_KEPT_SIZE: usize = 64 * 1024;

/// The part of a selector that serves its named pipes.
#[derive(Debug)]
pub(in crate::sys::windows) struct Pipes {
    /// Buffers of operations.
    pub(super) buffers: BufferPool,
    /// The number of the current select: packets of one pipe that come in the
    /// same select are merged into one event.
    select: AtomicUsize,
}

impl Pipes {
    /// No buffers yet.
    pub(in crate::sys::windows) fn new() -> Self {
        Self {
            buffers: BufferPool::default(),
            select: AtomicUsize::new(0),
        }
    }

    /// Begins a select: events go into an empty buffer from now on.
    pub(in crate::sys::windows) fn begin_select(&self) {
        self.select.fetch_add(1, Ordering::Relaxed);
    }

    /// The number of the current select.
    pub(super) fn select(&self) -> usize {
        self.select.load(Ordering::Relaxed)
    }
}

/// Buffers that no operation uses.
#[derive(Debug, Default)]
pub(super) struct BufferPool {
    /// The buffers; their content has no meaning.
    free: Mutex<Vec<Vec<u8>>>,
}

impl BufferPool {
    /// A buffer for a read: all of it is to be written to.
    pub(super) fn for_reading(&self) -> Vec<u8> {
        let mut buffer = self.take();
        buffer.resize(READ_SIZE, 0);
        buffer
    }

    /// A buffer that holds a copy of `bytes`, one piece after the other.
    pub(super) fn holding<'a>(&self, bytes: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
        let mut buffer = self.take();
        buffer.clear();
        bytes.for_each(|piece| buffer.extend_from_slice(piece));
        buffer
    }

    /// Any buffer.
    fn take(&self) -> Vec<u8> {
        let kept = lock(&self.free).pop();
        kept.unwrap_or_else(|| Vec::with_capacity(READ_SIZE))
    }

    /// Returns a buffer to the pool.
    pub(super) fn give(&self, buffer: Vec<u8>) {
        let mut free = lock(&self.free);
        if free.len() < MAX_KEPT && buffer.capacity() <= MAX_KEPT_SIZE {
            free.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_reused_unless_they_are_huge() {
        let pool = BufferPool::default();
        let buffer = pool.holding([&b"ab"[..], &b"c"[..]].into_iter());
        assert_eq!(buffer, b"abc");
        let memory = buffer.as_ptr();
        pool.give(buffer);
        let buffer = pool.for_reading();
        assert_eq!(buffer.as_ptr(), memory);
        assert_eq!(buffer.len(), READ_SIZE);
        pool.give(vec![0; MAX_KEPT_SIZE + 1]);
        assert!(lock(&pool.free).is_empty());
    }
}
