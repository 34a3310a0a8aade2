//! A notifier by eventfd(2): a counter in the kernel, which is readable while it isn't
//! zero. Linux, Android, ESP-IDF.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, RawFd};

use crate::sys::posix::{check, system};

/// The flags of an eventfd. EFD_CLOEXEC and EFD_NONBLOCK are O_CLOEXEC and O_NONBLOCK on Linux
/// (include/uapi/linux/eventfd.h). ESP-IDF has neither, and refuses them with EINVAL (`eventfd`
/// in components/vfs/vfs_eventfd.c): it starts no programs, and the selector reads the counter
/// only when it isn't zero.
const FLAGS: libc::c_int = if system::HAS_EXEC {
    libc::O_CLOEXEC | libc::O_NONBLOCK
} else {
    0
};

/// The counter.
#[derive(Debug)]
pub(crate) struct Notifier {
    /// The eventfd; a file, since std reads and writes that without `unsafe`.
    counter: File,
}

impl Notifier {
    /// A notifier that isn't readable.
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: the call takes no memory.
        let fd = unsafe { libc::eventfd(0, FLAGS) };
        // SAFETY: the call has just returned it.
        let counter = File::from(unsafe { check::owned_fd(fd) }?);
        Ok(Self { counter })
    }

    /// The descriptor that `notify` makes readable.
    pub(crate) fn raw_fd(&self) -> RawFd {
        self.counter.as_raw_fd()
    }

    /// Makes it readable. Each call is an edge, also when it is readable.
    pub(crate) fn notify(&self) -> io::Result<()> {
        match self.add_one() {
            Ok(_) => Ok(()),
            Err(error) => self.notify_after(error),
        }
    }

    /// One write.
    fn add_one(&self) -> io::Result<usize> {
        (&self.counter).write(&1_u64.to_ne_bytes())
    }

    /// Retries after a write that has failed.
    #[cold]
    fn notify_after(&self, mut error: io::Error) -> io::Result<()> {
        loop {
            match error.kind() {
                // The counter is at its maximum, after 2^64 - 2 writes (eventfd(2)). It is
                // reset, and the write that follows is the edge.
                io::ErrorKind::WouldBlock => self.drain()?,
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
    pub(crate) fn drain(&self) -> io::Result<()> {
        match (&self.counter).read(&mut [0; 8]) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(()),
        }
    }
}
