//! What is registered with poll(2).

mod again;

use std::collections::HashMap;
use std::io;
use std::os::fd::RawFd;

use libc::{c_short, pollfd, POLLHUP, POLLOUT};

use self::again::Again;
use super::report::{bits_of, report, Report};
use super::Event;
use crate::sys::retry::Backoff;
use crate::sys::unix::check;
use crate::sys::{already_registered, not_registered};
use crate::{Interest, Token};

/// The registered descriptors. Each has a place, which stays the same as long as
/// it is registered.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// By place.
    slots: Vec<Slot>,
    /// The places that are free.
    free: Vec<usize>,
    /// The places that have changed since they were copied, each once. Has room
    /// for all places, so that noting one never allocates.
    changed: Vec<usize>,
    /// The places of those that are registered by their number alone.
    by_number: HashMap<RawFd, usize>,
    /// Those of them that were reported.
    again: Again,
}

/// One place.
#[derive(Debug)]
struct Slot {
    /// The descriptor; negative while the place is free.
    fd: RawFd,
    /// The token of its events.
    token: Token,
    /// The bits that the registration asks for.
    wanted: c_short,
    /// Those of them that are armed.
    armed: c_short,
    /// Is the end, which comes unasked, still to be reported?
    awaits_end: bool,
    /// Was a hang-up reported? Then nothing can be written any more, and room to
    /// write would be reported for ever.
    has_hung_up: bool,
    /// Is it registered by its number alone, so that no I/O arms it?
    is_by_number: bool,
    /// How often the pause of each direction has doubled (see `again.rs`).
    pauses: [Backoff; 2],
    /// Does it stand among the changed?
    is_changed: bool,
}

impl Slot {
    /// What the call is given for this place.
    fn to_pollfd(&self) -> pollfd {
        let is_watched = self.armed != 0 || self.awaits_end;
        pollfd {
            fd: if is_watched { self.fd } else { UNWATCHED },
            events: self.armed,
            revents: 0,
        }
    }
}

impl Entries {
    /// Adds a descriptor, armed in all directions, and tells its place.
    pub(super) fn add(
        &mut self,
        fd: RawFd,
        token: Token,
        interests: Interest,
    ) -> io::Result<usize> {
        let wanted = bits_of(interests)?;
        let place = self.free.pop().unwrap_or(self.slots.len());
        if place == self.slots.len() {
            self.slots.push(Slot {
                fd: UNWATCHED,
                token,
                wanted: 0,
                armed: 0,
                awaits_end: false,
                has_hung_up: false,
                is_by_number: false,
                pauses: Default::default(),
                is_changed: false,
            });
            let missing = self.slots.len() - self.changed.len();
            self.changed.reserve(missing);
        }
        self.slots[place].fd = fd;
        self.slots[place].is_by_number = false;
        self.arm_all(place, token, wanted);
        Ok(place)
    }

    /// Replaces token and interests, and arms all directions.
    pub(super) fn change(
        &mut self,
        place: usize,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        let wanted = bits_of(interests)?;
        self.arm_all(place, token, wanted);
        Ok(())
    }

    /// Frees a place.
    pub(super) fn remove(&mut self, place: usize) {
        let slot = &mut self.slots[place];
        slot.fd = UNWATCHED;
        slot.wanted = 0;
        slot.armed = 0;
        slot.awaits_end = false;
        self.free.push(place);
        self.note(place);
    }

    /// Arms those of these bits that the registration asks for. Was that a
    /// change?
    pub(super) fn arm(&mut self, place: usize, bits: c_short) -> bool {
        let slot = &mut self.slots[place];
        let useless = if slot.has_hung_up { POLLOUT } else { 0 };
        let armed = slot.armed | (slot.wanted & bits & !useless);
        let is_change = armed != slot.armed;
        if is_change {
            slot.armed = armed;
            self.note(place);
        }
        is_change
    }

    /// Is nothing registered?
    pub(super) fn is_empty(&self) -> bool {
        self.free.len() == self.slots.len()
    }

    /// Is any direction of any of them armed?
    pub(super) fn is_any_armed(&self) -> bool {
        self.slots.iter().any(|slot| slot.armed != 0)
    }

    /// Arms all directions of all of them.
    pub(super) fn arm_everything(&mut self) {
        for place in 0..self.slots.len() {
            self.arm(place, !0);
        }
    }

    /// As [`Entries::add`], but remembered by its number.
    pub(super) fn add_by_number(
        &mut self,
        fd: RawFd,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        if self.by_number.contains_key(&fd) {
            return Err(already_registered());
        }
        let place = self.add(fd, token, interests)?;
        self.slots[place].is_by_number = true;
        self.by_number.insert(fd, place);
        Ok(())
    }

    /// As [`Entries::change`], by number.
    pub(super) fn change_by_number(
        &mut self,
        fd: RawFd,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        match self.by_number.get(&fd) {
            Some(&place) => {
                self.change(place, token, interests)?;
                self.again.forget(place);
                Ok(())
            }
            None => Err(not_registered()),
        }
    }

    /// As [`Entries::remove`], by number.
    pub(super) fn remove_by_number(&mut self, fd: RawFd) -> io::Result<()> {
        let place = self.by_number.remove(&fd).ok_or_else(not_registered)?;
        self.again.forget(place);
        self.remove(place);
        Ok(())
    }

    /// Brings the array of the call up to date. The place `n` is its element
    /// `n + 1`.
    pub(super) fn copy_changes(&mut self, fds: &mut Vec<pollfd>) {
        for place in self.changed.drain(..) {
            let slot = &mut self.slots[place];
            slot.is_changed = false;
            while fds.len() <= place + 1 {
                fds.push(pollfd {
                    fd: UNWATCHED,
                    events: 0,
                    revents: 0,
                });
            }
            fds[place + 1] = slot.to_pollfd();
        }
        // The bell's stays, whatever its number.
        while fds.len() > 1 && fds.last().is_some_and(|last| last.fd == UNWATCHED) {
            fds.pop();
        }
    }

    /// Makes an event of the bits that a call has reported for a place, and
    /// disarms what it tells. None when the place has changed since the call
    /// began: the bits are those of another registration, or will come again.
    pub(super) fn report(&mut self, place: usize, bits: c_short) -> Option<Event> {
        let slot = &mut self.slots[place];
        if slot.is_changed {
            return None;
        }
        let Report {
            readiness,
            disarmed,
            is_end,
        } = report(bits, slot.wanted);
        slot.armed &= !disarmed;
        slot.awaits_end &= !is_end;
        slot.has_hung_up |= bits & POLLHUP != 0;
        let event = Event::new(slot.token, readiness);
        if slot.is_by_number {
            self.note_reported(place, bits, disarmed);
        }
        self.note(place);
        Some(event)
    }

    /// Sets what is asked for, and arms all of it.
    fn arm_all(&mut self, place: usize, token: Token, wanted: c_short) {
        let slot = &mut self.slots[place];
        slot.token = token;
        slot.wanted = wanted;
        slot.armed = wanted;
        slot.awaits_end = true;
        slot.has_hung_up = false;
        slot.pauses = Default::default();
        self.note(place);
    }

    /// Notes that a place has changed.
    fn note(&mut self, place: usize) {
        let slot = &mut self.slots[place];
        if !slot.is_changed {
            slot.is_changed = true;
            self.changed.push(place);
        }
    }
}

/// Fails when there is no such descriptor, as a registration with the kernel would.
/// (Asking for the other flags, those of the descriptor, always succeeds on WASI
/// preview 2.)
pub(super) fn check_open(fd: RawFd) -> io::Result<()> {
    // SAFETY: the command takes no memory.
    check::done(unsafe { libc::fcntl(fd, libc::F_GETFL) })
}

/// The descriptor that a call leaves out.
const UNWATCHED: RawFd = -1;

#[cfg(test)]
mod tests {
    use libc::{POLLIN, POLLOUT};

    use super::*;
    use crate::sys::contract::Event as _;

    /// The descriptors of the array and what they are asked for.
    fn asked(fds: &[pollfd]) -> Vec<(RawFd, c_short)> {
        fds[1..].iter().map(|fd| (fd.fd, fd.events)).collect()
    }

    /// Entries with these descriptors, registered as writable under their own
    /// number and copied.
    fn writable(numbers: &[RawFd]) -> (Entries, Vec<pollfd>) {
        let mut entries = Entries::default();
        // As if it were the doorbell's.
        let mut fds = vec![pollfd {
            fd: 0,
            events: POLLIN,
            revents: 0,
        }];
        for &number in numbers {
            let token = Token(number as usize);
            entries.add(number, token, Interest::WRITABLE).unwrap();
        }
        entries.copy_changes(&mut fds);
        (entries, fds)
    }

    #[test]
    fn reported_direction_is_asked_for_again_when_armed() {
        let (mut entries, mut fds) = writable(&[7]);
        assert_eq!(asked(&fds), [(7, POLLOUT)]);
        let event = entries.report(0, POLLOUT).unwrap();
        assert!(event.token() == Token(7) && event.is_writable());
        entries.copy_changes(&mut fds);
        assert_eq!(asked(&fds), [(7, 0)], "its end is still awaited");
        assert!(!entries.arm(0, POLLIN), "it doesn't ask for this");
        assert!(entries.arm(0, POLLOUT) && !entries.arm(0, POLLOUT));
        entries.copy_changes(&mut fds);
        assert_eq!(asked(&fds), [(7, POLLOUT)]);
    }

    #[test]
    fn what_has_changed_during_the_call_is_not_reported() {
        let (mut entries, mut fds) = writable(&[7, 8]);
        entries.change(0, Token(70), Interest::READABLE).unwrap();
        entries.remove(1);
        // The place of the one that is gone.
        assert_eq!(entries.add(9, Token(90), Interest::WRITABLE).unwrap(), 1);
        assert!(entries.report(0, POLLOUT).is_none());
        assert!(entries.report(1, POLLOUT).is_none());
        entries.copy_changes(&mut fds);
        assert_eq!(entries.report(0, POLLIN).unwrap().token(), Token(70));
        assert_eq!(entries.report(1, POLLOUT).unwrap().token(), Token(90));
    }

    #[test]
    fn array_ends_with_the_last_that_is_watched() {
        let (mut entries, mut fds) = writable(&[7, 8, 9]);
        entries.remove(1);
        entries.copy_changes(&mut fds);
        assert_eq!(asked(&fds), [(7, POLLOUT), (UNWATCHED, 0), (9, POLLOUT)]);
        entries.remove(2);
        entries.copy_changes(&mut fds);
        assert_eq!(asked(&fds), [(7, POLLOUT)]);
        entries.add(10, Token(10), Interest::WRITABLE).unwrap();
        entries.add(11, Token(11), Interest::WRITABLE).unwrap();
        entries.copy_changes(&mut fds);
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
