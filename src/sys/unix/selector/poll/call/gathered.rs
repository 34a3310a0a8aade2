//! The call of wasi-libc on preview 2, which makes one list of the host's pollables
//! out of the array. Some versions of it:
//!
//! - refuse negative descriptors beside sockets;
//! - report a descriptor that is asked for nothing, at once and with nothing to tell;
//! - fail as a whole when one descriptor is closed, or can't be polled;
//! - fail when sockets and other descriptors are asked for together;
//! - report an attempt to connect that has failed as ready, and as nothing else.
//!
//! The host traps when it is to wait for nothing, without a limit. And wasmtime, asked
//! again and again without being given time, tells of no stream that is ready any more:
//! its runtime has a budget of questions, which a wait renews.

use std::io;
use std::mem::size_of_val;
use std::os::fd::RawFd;

use libc::{c_int, c_short, pollfd, POLLERR, POLLHUP};

pub(crate) use libc::POLLNVAL;

/// The bit for urgent data: the libc has none.
pub(crate) const POLLPRI: c_short = 0;
/// The bit for a peer that has stopped sending: the libc has none.
pub(crate) const POLLRDHUP: c_short = 0;

/// What a call is made with, kept so that it isn't allocated anew.
pub(crate) struct Call {
    /// The descriptors that are asked for something.
    asked: Vec<pollfd>,
    /// Where each of them stands in the array.
    places: Vec<usize>,
    /// How many calls in a row were not to wait.
    hasty: u32,
}

impl Call {
    /// Can nobody change what is registered, or wake, while a call waits? There are no
    /// threads.
    pub(crate) const IS_ALONE: bool = true;

    /// Nothing is kept yet.
    pub(crate) fn new() -> Self {
        Self {
            asked: Vec::new(),
            places: Vec::new(),
            hasty: 0,
        }
    }

    /// Waits for any of `fds`, and tells how many have something to report. It may
    /// return before the time is over, with nothing.
    pub(crate) fn poll(&mut self, fds: &mut [pollfd], millis: c_int) -> io::Result<usize> {
        self.gather(fds);
        if self.asked.is_empty() {
            return wait(millis);
        }
        let millis = self.patient(millis);
        let count = match super::poll(&mut self.asked, millis) {
            Ok(count) => count,
            Err(_) => self.poll_each(millis)?,
        };
        for (asked, place) in self.asked.iter().zip(&self.places) {
            fds[*place].revents = asked.revents;
            if asked.revents != 0 && has_failed(asked.fd) {
                fds[*place].revents |= POLLERR | POLLHUP;
            }
        }
        Ok(count)
    }

    /// The milliseconds to wait, which now and then are one instead of none. There is
    /// always a limit: a closed descriptor may be left out of what the host is asked.
    fn patient(&mut self, millis: c_int) -> c_int {
        let millis = if millis < 0 { LONGEST } else { millis };
        self.hasty = if millis == 0 { self.hasty + 1 } else { 0 };
        if self.hasty < HASTE {
            return millis;
        }
        self.hasty = 0;
        1
    }

    /// Picks the descriptors that are asked for something.
    fn gather(&mut self, fds: &mut [pollfd]) {
        self.asked.clear();
        self.places.clear();
        for (place, fd) in fds.iter_mut().enumerate() {
            fd.revents = 0;
            if fd.fd >= 0 && fd.events != 0 {
                self.asked.push(*fd);
                self.places.push(place);
            }
        }
    }

    /// Asks for one after the other without waiting, since they can't be asked for
    /// together: who can't be asked at all is reported as closed. When there is nothing
    /// to tell, it waits for a moment.
    fn poll_each(&mut self, millis: c_int) -> io::Result<usize> {
        let mut count = 0;
        for fd in &mut self.asked {
            fd.revents = 0;
            if super::poll(std::slice::from_mut(fd), 0).is_err() {
                fd.revents = POLLNVAL;
            }
            count += usize::from(fd.revents != 0);
        }
        if count == 0 {
            wait(if millis < 0 {
                MOMENT
            } else {
                millis.min(MOMENT)
            })?;
        }
        Ok(count)
    }
}

/// Is it a socket that could not be connected? (The libc knows; the host isn't asked.)
fn has_failed(fd: RawFd) -> bool {
    let mut value: c_int = 0;
    let mut size = size_of_val(&value) as libc::socklen_t;
    let room: *mut c_int = &mut value;
    // SAFETY: the option is an int, and `room` and `size` are of one.
    let result =
        unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_ERROR, room.cast(), &mut size) };
    result == 0 && value != 0 && value != libc::EINPROGRESS
}

/// Waits for the time alone; for at most `LONGEST`.
fn wait(millis: c_int) -> io::Result<usize> {
    let millis = if millis < 0 { LONGEST } else { millis };
    super::poll(&mut [], millis)
}

/// How long to wait until descriptors are asked for again one after the other, in
/// milliseconds.
const MOMENT: c_int = 5;

/// Which of the calls in a row that are not to wait does, for a millisecond if nothing is
/// ready. The budget of wasmtime is 128 questions, one for each stream and call.
const HASTE: u32 = 32;

/// As long as a wait without limit is at a time, in milliseconds: half an hour.
const LONGEST: c_int = 1_800_000;
