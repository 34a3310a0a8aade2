//! Registering descriptors by their number, with nothing kept beside them. WASI
//! preview 1.
//!
//! The selector itself remembers which slot a number has. There are few of these
//! in a program (its standard input, a socket of another library), so a list that
//! is searched from its start is enough.

use std::io;
use std::os::fd::RawFd;

use super::key::{clock, probe_of, Direction, Key};
use super::{check_interests, host_poll, lock, no_more_slots, PollOneoff, State};
use crate::sys::source::descriptor::DescriptorSelector;
use crate::sys::wasip1::host;
use crate::sys::wasip1::source::{Kind, RawSource};
use crate::sys::{already_registered, not_registered};
use crate::{Interest, Token};

/// One registration by number.
#[derive(Debug)]
pub(super) struct Numbered {
    /// The descriptor.
    fd: wasi::Fd,
    /// Its slot in the table.
    slot: u32,
    /// The directions, of both, that the host has agreed to watch.
    checked: [bool; 2],
}

impl State {
    /// Is this descriptor registered by its number?
    pub(super) fn is_numbered(&self, fd: wasi::Fd) -> bool {
        self.numbered.iter().any(|entry| entry.fd == fd)
    }

    /// The place of a number in the list.
    fn place_of(&self, fd: wasi::Fd) -> io::Result<usize> {
        let place = self.numbered.iter().position(|entry| entry.fd == fd);
        place.ok_or_else(not_registered)
    }

    /// Asks the host whether it can watch a descriptor in the directions of
    /// `interests` that are not `checked`, and adds them.
    ///
    /// What it can't watch it would never report, and wouldn't even say so before
    /// something else ends its poll.
    fn check_watchable(
        &mut self,
        fd: wasi::Fd,
        interests: Interest,
        mut checked: [bool; 2],
    ) -> io::Result<[bool; 2]> {
        self.probe.clear();
        self.probe.push(clock(1));
        for direction in Direction::BOTH {
            let known = checked[direction as usize];
            let wanted = direction.is_in(interests);
            if wanted && !known {
                self.probe.push(probe_of(fd, direction));
            }
            checked[direction as usize] |= wanted;
        }
        if self.probe.len() > 1 {
            host_poll::wait(&mut self.probe, &mut self.answers)?;
            let refusal = self.answers.iter().find(|answer| {
                answer.userdata != Key::CLOCK && answer.error != wasi::ERRNO_SUCCESS
            });
            if let Some(answer) = refusal {
                return Err(refused(answer.error));
            }
        }
        Ok(checked)
    }
}

impl DescriptorSelector for PollOneoff {
    fn register(&self, fd: RawFd, token: Token, interests: Interest) -> io::Result<()> {
        check_interests(interests)?;
        let fd = fd as wasi::Fd;
        let mut state = lock(&self.shared);
        if state.table.has_descriptor(fd) {
            return Err(already_registered());
        }
        let checked = state.check_watchable(fd, interests, [false; 2])?;
        let kind = match host::is_datagram(fd) {
            true => Kind::NumberedDatagram,
            false => Kind::Numbered,
        };
        let slot = state.register(RawSource { fd, kind }, token, interests);
        let slot = slot.ok_or_else(no_more_slots)?;
        state.numbered.push(Numbered { fd, slot, checked });
        Ok(())
    }

    fn reregister(&self, fd: RawFd, token: Token, interests: Interest) -> io::Result<()> {
        check_interests(interests)?;
        let fd = fd as wasi::Fd;
        let mut state = lock(&self.shared);
        let place = state.place_of(fd)?;
        let Numbered { slot, checked, .. } = state.numbered[place];
        state.numbered[place].checked = state.check_watchable(fd, interests, checked)?;
        state.change(slot, token, interests);
        Ok(())
    }

    fn deregister(&self, fd: RawFd) -> io::Result<()> {
        let mut state = lock(&self.shared);
        let place = state.place_of(fd as wasi::Fd)?;
        let Numbered { slot, .. } = state.numbered.swap_remove(place);
        state.table.remove(slot);
        Ok(())
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
