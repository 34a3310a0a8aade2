//! A bell by eventfd: a counter in the kernel that is readable when it isn't zero.
//! Linux, Android, ESP-IDF.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, RawFd};

use crate::sys::unix::check;

/// The flags of an eventfd.
#[cfg(not(target_os = "espidf"))]
const EVENTFD_FLAGS: libc::c_int = libc::EFD_CLOEXEC | libc::EFD_NONBLOCK;
/// The flags of an eventfd: none. ESP-IDF starts no programs, and the bell is only read
/// after it has rung.
#[cfg(target_os = "espidf")]
const EVENTFD_FLAGS: libc::c_int = 0;

/// The counter.
#[derive(Debug)]
pub(crate) struct Bell {
    /// The eventfd; a file since std reads and writes that without `unsafe`.
    counter: File,
}

impl Bell {
    /// A bell that has not rung.
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: the call takes no memory.
        let fd = unsafe { libc::eventfd(0, EVENTFD_FLAGS) };
        // SAFETY: the call has just returned it.
        let counter = File::from(unsafe { check::owned_fd(fd) }?);
        Ok(Self { counter })
    }

    /// What becomes readable when it rings.
    pub(crate) fn raw_fd(&self) -> RawFd {
        self.counter.as_raw_fd()
    }

    /// Makes it readable; an edge each time.
    pub(crate) fn ring(&self) -> io::Result<()> {
        match self.add_one() {
            Ok(_) => Ok(()),
            Err(error) => self.ring_after(error),
        }
    }

    /// One write.
    fn add_one(&self) -> io::Result<usize> {
        (&self.counter).write(&1_u64.to_ne_bytes())
    }

    /// Goes on after a write that has failed.
    #[cold]
    fn ring_after(&self, mut error: io::Error) -> io::Result<()> {
        loop {
            match error.kind() {
                // The counter is at its maximum, after 2^64 - 2 times. Emptying
                // it makes room, and the write that follows is the edge.
                io::ErrorKind::WouldBlock => self.silence()?,
                io::ErrorKind::Interrupted => {}
                _ => return Err(error),
            }
            match self.add_one() {
                Ok(_) => return Ok(()),
                Err(another) => error = another,
            }
        }
    }

    /// Makes it unreadable.
    pub(crate) fn silence(&self) -> io::Result<()> {
        match (&self.counter).read(&mut [0; 8]) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(()),
        }
    }
}
