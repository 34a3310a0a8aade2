//! What is registered with a selector of poll(2), and which directions are armed.

use std::io;
use std::os::fd::RawFd;

use libc::{c_short, pollfd, POLLHUP, POLLOUT};

use super::bits::{bits_of, report, Report};
use crate::sys::event::Event;
use crate::sys::posix::check;
use crate::{Interest, Token};

/// The registered descriptors. The index of each stays the same as long as it is
/// registered.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// By index.
    slots: Vec<Slot>,
    /// The indices that are free.
    free: Vec<usize>,
    /// The indices of the slots that have changed since they were copied, each once. Its
    /// capacity is for all slots, so that adding one never allocates.
    changed: Vec<usize>,
}

/// An entry, or a free slot.
#[derive(Debug)]
struct Slot {
    /// The descriptor; negative while the slot is free.
    fd: RawFd,
    /// The token of its events.
    token: Token,
    /// The bits of the interests.
    wanted: c_short,
    /// Those of them that are armed.
    armed: c_short,
    /// Are POLLERR, POLLHUP and POLLNVAL still to be reported? They need no bit in `events`.
    watches_end: bool,
    /// Was POLLHUP reported? Then nothing can be written any more, and some systems report
    /// POLLOUT indefinitely.
    has_hung_up: bool,
    /// Is it registered by its number alone, so that no I/O re-arms it?
    is_raw_fd: bool,
    /// Is it among the changed?
    is_changed: bool,
    /// Was it registered, or registered anew, since it was copied?
    is_new: bool,
}

/// The event of an entry that was reported.
pub(super) struct Reported {
    /// The event.
    pub(super) event: Event,
    /// The bits of its interests that were disarmed.
    pub(super) disarmed: c_short,
    /// Is it registered by its number alone?
    pub(super) is_raw_fd: bool,
}

impl Slot {
    /// The element of the array.
    fn to_pollfd(&self) -> pollfd {
        let is_watched = self.armed != 0 || self.watches_end;
        pollfd {
            fd: if is_watched { self.fd } else { UNWATCHED },
            events: self.armed,
            revents: 0,
        }
    }
}

impl Entries {
    /// Adds a descriptor, armed in all directions of its interests. Returns its index.
    pub(super) fn add(
        &mut self,
        fd: RawFd,
        token: Token,
        interests: Interest,
    ) -> io::Result<usize> {
        let wanted = bits_of(interests)?;
        let index = self.free.pop().unwrap_or(self.slots.len());
        if index == self.slots.len() {
            self.slots.push(Slot {
                fd: UNWATCHED,
                token,
                wanted: 0,
                armed: 0,
                watches_end: false,
                has_hung_up: false,
                is_raw_fd: false,
                is_changed: false,
                is_new: false,
            });
            let missing = self.slots.len() - self.changed.len();
            self.changed.reserve(missing);
        }
        self.slots[index].fd = fd;
        self.slots[index].is_raw_fd = false;
        self.arm_all(index, token, wanted);
        Ok(index)
    }

    /// As [`Entries::add`], for a descriptor that is registered by its number alone.
    pub(super) fn add_raw_fd(
        &mut self,
        fd: RawFd,
        token: Token,
        interests: Interest,
    ) -> io::Result<usize> {
        let index = self.add(fd, token, interests)?;
        self.slots[index].is_raw_fd = true;
        Ok(index)
    }

    /// Replaces token and interests, and arms all directions.
    pub(super) fn change(
        &mut self,
        index: usize,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        let wanted = bits_of(interests)?;
        self.arm_all(index, token, wanted);
        Ok(())
    }

    /// Frees a slot.
    pub(super) fn remove(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        slot.fd = UNWATCHED;
        slot.wanted = 0;
        slot.armed = 0;
        slot.watches_end = false;
        slot.is_new = false;
        self.free.push(index);
        self.mark_changed(index);
    }

    /// Arms those of these bits that the interests include. Returns whether that is a
    /// change.
    pub(super) fn arm(&mut self, index: usize, bits: c_short) -> bool {
        let slot = &mut self.slots[index];
        let useless = if slot.has_hung_up { POLLOUT } else { 0 };
        let armed = slot.armed | (slot.wanted & bits & !useless);
        let is_change = armed != slot.armed;
        if is_change {
            slot.armed = armed;
            self.mark_changed(index);
        }
        is_change
    }

    /// Arms bits and the end of both directions.
    pub(super) fn arm_with_end(&mut self, index: usize, bits: c_short) {
        self.slots[index].watches_end = true;
        self.arm(index, bits);
    }

    /// The descriptor of an entry.
    pub(super) fn fd(&self, index: usize) -> RawFd {
        self.slots[index].fd
    }

    /// Is nothing registered?
    pub(super) fn is_empty(&self) -> bool {
        self.free.len() == self.slots.len()
    }

    /// Is any direction of any entry armed?
    pub(super) fn is_any_armed(&self) -> bool {
        self.slots.iter().any(|slot| slot.armed != 0)
    }

    /// Arms all directions of all entries.
    pub(super) fn arm_everything(&mut self) {
        for index in 0..self.slots.len() {
            self.arm(index, !0);
        }
    }

    /// Brings the array of the call up to date. The entry `n` is its element `n + 1`. Calls
    /// `note_registered` with the element's index for each new registration.
    pub(super) fn copy_changes(
        &mut self,
        fds: &mut Vec<pollfd>,
        mut note_registered: impl FnMut(usize),
    ) {
        for index in self.changed.drain(..) {
            let slot = &mut self.slots[index];
            slot.is_changed = false;
            while fds.len() <= index + 1 {
                fds.push(pollfd {
                    fd: UNWATCHED,
                    events: 0,
                    revents: 0,
                });
            }
            fds[index + 1] = slot.to_pollfd();
            if std::mem::take(&mut slot.is_new) {
                note_registered(index + 1);
            }
        }
        // The interrupt's stays, whatever its number.
        while fds.len() > 1 && fds.last().is_some_and(|last| last.fd == UNWATCHED) {
            fds.pop();
        }
    }

    /// Makes an event of the bits that a call has reported, and disarms them. `None` when the
    /// entry has changed since the call began: the bits are those of an earlier registration,
    /// or will be reported by the next call.
    pub(super) fn report(&mut self, index: usize, bits: c_short) -> Option<Reported> {
        let slot = &mut self.slots[index];
        if slot.is_changed {
            return None;
        }
        let Report {
            readiness,
            disarmed,
            is_end,
        } = report(bits, slot.wanted);
        slot.armed &= !disarmed;
        slot.watches_end &= !is_end;
        slot.has_hung_up |= bits & POLLHUP != 0;
        let reported = Reported {
            event: Event::new(slot.token, readiness),
            disarmed: slot.wanted & disarmed,
            is_raw_fd: slot.is_raw_fd,
        };
        self.mark_changed(index);
        Some(reported)
    }

    /// Sets the interests, and arms all of them.
    fn arm_all(&mut self, index: usize, token: Token, wanted: c_short) {
        let slot = &mut self.slots[index];
        slot.token = token;
        slot.wanted = wanted;
        slot.armed = wanted;
        slot.watches_end = true;
        slot.has_hung_up = false;
        slot.is_new = true;
        self.mark_changed(index);
    }

    /// Adds a slot to the changed.
    fn mark_changed(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        if !slot.is_changed {
            slot.is_changed = true;
            self.changed.push(index);
        }
    }
}

/// Fails when there is no such descriptor, as a registration with a kernel would. By F_GETFL,
/// since F_GETFD always succeeds in wasi-libc (cloudlibc/src/libc/fcntl/fcntl.c).
pub(super) fn check_open(fd: RawFd) -> io::Result<()> {
    // SAFETY: the command takes no memory.
    check::done(unsafe { libc::fcntl(fd, libc::F_GETFL) })
}

/// The descriptor of an element that the call leaves out.
const UNWATCHED: RawFd = -1;

#[cfg(test)]
mod tests {
    use libc::{POLLIN, POLLOUT};

    use super::*;
    use crate::sys::contract::Event as _;

    /// The descriptors of the array, and their bits.
    fn watched(fds: &[pollfd]) -> Vec<(RawFd, c_short)> {
        fds[1..].iter().map(|fd| (fd.fd, fd.events)).collect()
    }

    /// Entries with these descriptors, registered as writable under their own number, and
    /// copied.
    fn writable(numbers: &[RawFd]) -> (Entries, Vec<pollfd>) {
        let mut entries = Entries::default();
        // In place of the interrupt's.
        let mut fds = vec![pollfd {
            fd: 0,
            events: POLLIN,
            revents: 0,
        }];
        for &number in numbers {
            let token = Token(number as usize);
            entries.add(number, token, Interest::WRITABLE).unwrap();
        }
        entries.copy_changes(&mut fds, |_| ());
        (entries, fds)
    }

    #[test]
    fn reported_direction_is_watched_when_it_is_rearmed() {
        let (mut entries, mut fds) = writable(&[7]);
        assert_eq!(watched(&fds), [(7, POLLOUT)]);
        let event = entries.report(0, POLLOUT).unwrap().event;
        assert!(event.token() == Token(7) && event.is_writable());
        entries.copy_changes(&mut fds, |_| ());
        assert_eq!(watched(&fds), [(7, 0)], "its end is still watched");
        assert!(!entries.arm(0, POLLIN), "its interests don't include this");
        assert!(entries.arm(0, POLLOUT) && !entries.arm(0, POLLOUT));
        entries.copy_changes(&mut fds, |_| ());
        assert_eq!(watched(&fds), [(7, POLLOUT)]);
    }

    #[test]
    fn what_has_changed_during_the_call_is_not_reported() {
        let (mut entries, mut fds) = writable(&[7, 8]);
        entries.change(0, Token(70), Interest::READABLE).unwrap();
        entries.remove(1);
        // The slot of the one that is gone.
        assert_eq!(entries.add(9, Token(90), Interest::WRITABLE).unwrap(), 1);
        assert!(entries.report(0, POLLOUT).is_none());
        assert!(entries.report(1, POLLOUT).is_none());
        entries.copy_changes(&mut fds, |_| ());
        assert_eq!(entries.report(0, POLLIN).unwrap().event.token(), Token(70));
        assert_eq!(entries.report(1, POLLOUT).unwrap().event.token(), Token(90));
    }

    #[test]
    fn array_ends_with_the_last_watched_entry() {
        let (mut entries, mut fds) = writable(&[7, 8, 9]);
        entries.remove(1);
        entries.copy_changes(&mut fds, |_| ());
        assert_eq!(watched(&fds), [(7, POLLOUT), (UNWATCHED, 0), (9, POLLOUT)]);
        entries.remove(2);
        entries.copy_changes(&mut fds, |_| ());
        assert_eq!(watched(&fds), [(7, POLLOUT)]);
        entries.add(10, Token(10), Interest::WRITABLE).unwrap();
        entries.add(11, Token(11), Interest::WRITABLE).unwrap();
        entries.copy_changes(&mut fds, |_| ());
        assert_eq!(fds.len(), 4);
    }

    #[test]
    #[cfg_attr(not(unix), ignore = "no file is there in every host")]
    fn closed_descriptors_are_refused() {
        let file = std::fs::File::open("/dev/null").unwrap();
        check_open(std::os::fd::AsRawFd::as_raw_fd(&file)).unwrap();
        let error = check_open(RawFd::MAX).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EBADF));
    }
}
