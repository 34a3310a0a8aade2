//! The list of one call of poll(2): a part of the caller's array, and the streams that are
//! being closed. WASI preview 2.

use std::io;

use libc::{c_int, pollfd, POLLNVAL};

use super::closing;
use crate::sys::posix::raw_poll;

/// The list. It keeps its memory from one call to the next.
#[derive(Default)]
pub(super) struct Listed {
    /// The descriptors of the caller; then the streams that are being closed.
    fds: Vec<pollfd>,
    /// The index of each of the former in the caller's array.
    indices: Vec<usize>,
}

impl Listed {
    /// Removes everything.
    pub(super) fn clear(&mut self) {
        self.fds.clear();
        self.indices.clear();
    }

    /// Adds those of the elements with these indices that have events to wait for.
    pub(super) fn add(&mut self, array: &[pollfd], indices: impl Iterator<Item = usize>) {
        for index in indices {
            let fd = array.get(index).filter(|fd| fd.fd >= 0 && fd.events != 0);
            if let Some(fd) = fd {
                self.fds.push(*fd);
                self.indices.push(index);
            }
        }
    }

    /// As `add`, but at most `max` of them.
    pub(super) fn add_some(
        &mut self,
        array: &[pollfd],
        indices: impl Iterator<Item = usize>,
        max: usize,
    ) {
        let end = self.indices.len() + max;
        for index in indices {
            if self.indices.len() == end {
                return;
            }
            self.add(array, std::iter::once(index));
        }
    }

    /// The indices of the caller's descriptors.
    pub(super) fn indices(&self) -> &[usize] {
        &self.indices
    }

    /// Adds the streams that are being closed. Returns whether the list is empty even so.
    pub(super) fn add_closing(&mut self) -> bool {
        closing::add_sending(&mut self.fds);
        self.fds.is_empty()
    }

    /// Polls everything, and closes the streams that were reported. Returns how many of the
    /// caller's descriptors have something to report.
    pub(super) fn poll(&mut self, timeout_ms: c_int) -> io::Result<usize> {
        let count = raw_poll::poll(&mut self.fds, timeout_ms)?;
        Ok(self.close_reported(count))
    }

    /// Polls one descriptor after the other without waiting, and reports those that can't be
    /// polled as closed. Closes and returns as `poll`.
    pub(super) fn poll_each(&mut self) -> usize {
        let mut count = 0;
        for fd in &mut self.fds {
            fd.revents = 0;
            if raw_poll::poll(std::slice::from_mut(fd), 0).is_err() {
                fd.revents = POLLNVAL;
            }
            count += usize::from(fd.revents != 0);
        }
        self.close_reported(count)
    }

    /// Closes the streams that were reported, and returns how many of `count` are left.
    fn close_reported(&self, count: usize) -> usize {
        count.saturating_sub(closing::close_reported(&self.fds[self.indices.len()..]))
    }

    /// The indices of the caller's descriptors that were reported, and what was reported.
    pub(super) fn reported(&self) -> impl Iterator<Item = (usize, pollfd)> + '_ {
        let listed = self.indices.iter().copied().zip(self.fds.iter().copied());
        listed.filter(|(_, fd)| fd.revents != 0)
    }
}
