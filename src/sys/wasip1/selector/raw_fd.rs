//! Registering descriptors by their number, with nothing kept beside them. WASI preview 1.
//!
//! The selector itself keeps which slot a number has. A program has few of these (its standard
//! input, a socket of another library), so they are a list that is searched from its start.

use std::io;

use wasi::Fd;

use super::context::Context;
use super::subscription::{probe_of, Direction, Key};
use crate::sys::not_registered;
use crate::sys::wasip1::host::{self, Host};
use crate::Interest;

/// The descriptors that are registered by their number, with their slots.
#[derive(Debug, Default)]
pub(super) struct RawFds(Vec<(Fd, u32)>);

impl RawFds {
    /// Is this descriptor among them?
    pub(super) fn contains(&self, fd: Fd) -> bool {
        self.0.iter().any(|(each, _)| *each == fd)
    }

    /// The slot of a descriptor.
    pub(super) fn slot(&self, fd: Fd) -> io::Result<u32> {
        let found = self.0.iter().find(|(each, _)| *each == fd);
        found.map(|(_, slot)| *slot).ok_or_else(not_registered)
    }

    /// Adds a descriptor.
    pub(super) fn add(&mut self, fd: Fd, slot: u32) {
        self.0.push((fd, slot));
    }

    /// Removes a descriptor and returns its slot.
    pub(super) fn remove(&mut self, fd: Fd) -> io::Result<u32> {
        let slot = self.slot(fd)?;
        self.0.retain(|(each, _)| *each != fd);
        Ok(slot)
    }
}

/// Checks that the host can watch a descriptor for these interests.
///
/// WasmEdge reports a descriptor that it can't watch as an event, but that event doesn't end the
/// call (lib/host/wasi/inode-linux.cpp, `Poller::read`; observed in 0.14.1 and 0.17.1).
pub(super) fn check_watchable(
    context: &mut Context<impl Host>,
    fd: Fd,
    interests: Interest,
) -> io::Result<()> {
    let wanted = Direction::BOTH
        .into_iter()
        .filter(|each| each.is_in(interests));
    let probes = wanted.map(|each| probe_of(fd, each));
    let events = context.poller.probe(&context.host, 1, probes)?;
    let is_refusal =
        |event: &&wasi::Event| event.userdata != Key::CLOCK && event.error != wasi::ERRNO_SUCCESS;
    match events.iter().find(is_refusal) {
        None => Ok(()),
        Some(event) => Err(refused(event.error)),
    }
}

/// The error of a descriptor that the host can't watch.
fn refused(errno: wasi::Errno) -> io::Error {
    let error = host::error(errno);
    match errno {
        wasi::ERRNO_PERM | wasi::ERRNO_NOTCAPABLE => io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!(
                "the host can't watch this descriptor for that: it watches pipes, terminals and \
                 sockets, but no regular files ({error})"
            ),
        ),
        _ => error,
    }
}
