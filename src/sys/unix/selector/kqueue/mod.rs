//! kqueue: Apple systems, FreeBSD, NetBSD, OpenBSD, DragonFly.
//!
//! Each direction of a registration is one filter of the kernel's queue, with the
//! token as its user data, reset when it was reported (EV_CLEAR) and so
//! edge-triggered. A registration change is one `kevent` call that submits both
//! directions and gets a receipt of each; a select is one that writes into the
//! caller's buffer. Nothing is kept here. What can be computed without a kernel
//! is in `translate.rs`.
//!
//! Kernels differ for a writer whose reader is gone when it is registered (`pipe_kqfilter` in
//! the sys_pipe.c of each). FreeBSD and DragonFly refuse the filter with EPIPE, NetBSD with
//! EBADF, and Apple systems with EPIPE although they add it. On all of them a one-shot timer
//! with the same token then reports the end of the writer, which is what the program waits
//! for.

#[cfg(mio_unsupported_force_kqueue)]
mod emulated;
mod event;
pub(in crate::sys::unix) mod numbers;
pub(in crate::sys::unix) mod system;
mod translate;
#[cfg(not(mio_unsupported_force_waker_pipe))]
mod user_event;
#[cfg(not(mio_unsupported_force_waker_pipe))]
mod waker;

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::ptr::null;
use std::time::Duration;

use self::numbers::NUMBERS;
use self::translate::Change;
use crate::sys::contract::{self, Events as _};
use crate::sys::deadline::wait_in_parts;
use crate::sys::posix::{check, new_fd};
use crate::sys::source::descriptor::DescriptorSelector;
use crate::sys::unix::selector::kernel_edge::KernelEdge;
use crate::{Interest, Token};

pub(crate) use self::event::{Event, Events};
#[cfg(not(mio_unsupported_force_waker_pipe))]
pub(crate) use self::waker::Waker;
#[cfg(mio_unsupported_force_waker_pipe)]
pub(crate) use crate::sys::unix::generic::notifier_waker::Waker;

/// What is kept beside each source.
pub(crate) type SourceState = KernelEdge<Kqueue>;

/// A queue of the kernel, or a duplicate of one.
#[derive(Debug)]
pub(crate) struct Kqueue {
    /// The queue.
    queue: OwnedFd,
}

impl Kqueue {
    /// Submits changes, which the kernel replaces by their receipts.
    fn submit(&self, changes: &mut [system::kevent]) -> io::Result<()> {
        let receipts = changes.as_mut_ptr();
        let length = changes.len();
        // SAFETY: the array is both what is read and the memory for as many
        // receipts; the kernel reads each change before it writes its receipt.
        let count = unsafe {
            system::kevent(
                self.queue.as_raw_fd(),
                receipts.cast_const(),
                length as _,
                receipts,
                length as _,
                null(),
            )
        };
        match check::number(count) {
            // The changes were made all the same (kevent(2), EINTR).
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            count => count.map(drop),
        }
    }

    /// Submits changes that all have to succeed.
    pub(in crate::sys::unix) fn submit_all(
        &self,
        changes: &mut [system::kevent],
    ) -> io::Result<()> {
        self.submit(changes)?;
        match changes.iter().find_map(failure) {
            Some(number) => Err(io::Error::from_raw_os_error(number)),
            None => Ok(()),
        }
    }

    /// Makes the changes of a registration, at most one for each direction and one for the
    /// timer. When one of them fails, neither direction is watched any more.
    fn change_interests(&self, fd: RawFd, token: Token, wanted: &[Change]) -> io::Result<()> {
        let result = self.try_interests(fd, token, wanted);
        if result.is_err() {
            // Otherwise one direction would stay registered after an error.
            let _ = self.deregister(fd);
        }
        result
    }

    /// Makes the changes of a registration up to the first that fails.
    fn try_interests(&self, fd: RawFd, token: Token, wanted: &[Change]) -> io::Result<()> {
        let mut changes = [
            system::empty_event(),
            system::empty_event(),
            system::empty_event(),
        ];
        let changes = &mut changes[..wanted.len()];
        for (change, wanted) in changes.iter_mut().zip(wanted) {
            *change = filter(fd, token, *wanted);
        }
        self.submit(changes)?;
        for (change, receipt) in wanted.iter().zip(&*changes) {
            match failure(receipt) {
                None => {}
                // A direction that was not registered can't be deleted, and need not.
                Some(libc::ENOENT) if !NUMBERS.adds(*change) => {}
                Some(libc::EPIPE | libc::EBADF) if NUMBERS.adds_write(*change) && is_open(fd) => {
                    self.submit_all(&mut [writer_end_timer(fd, token)])?;
                }
                Some(number) => return Err(io::Error::from_raw_os_error(number)),
            }
        }
        Ok(())
    }

    /// One wait, which replaces what is in `events`.
    fn wait(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        let timeout = timeout.map(|timeout| libc::timespec {
            tv_sec: timeout.as_secs() as _,
            tv_nsec: timeout.subsec_nanos() as _,
        });
        let timeout = timeout
            .as_ref()
            .map_or(null(), |timeout| timeout as *const _);
        let (output, length) = events.spare();
        let output = output.cast::<system::kevent>();
        // SAFETY: there is memory for `length` events, `Event` is a transparent wrapper
        // of what the kernel writes, and the timeout is null or outlives the call.
        let count = unsafe {
            system::kevent(
                self.queue.as_raw_fd(),
                null(),
                0,
                output,
                length as _,
                timeout,
            )
        };
        let count = check::number(count)?;
        // SAFETY: the kernel has written this many events.
        unsafe { events.set_length(count as usize) };
        Ok(())
    }
}

impl contract::Selector for Kqueue {
    type Events = Events;

    fn new() -> io::Result<Self> {
        // SAFETY: the call takes no memory.
        let fd = unsafe { system::kqueue() };
        // SAFETY: the call has just returned it.
        let queue = unsafe { check::owned_fd(fd) }?;
        // Only programs that are started by exec inherit a queue.
        new_fd::set_close_on_exec(queue.as_fd())?;
        Ok(Self { queue })
    }

    fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            queue: self.queue.try_clone()?,
        })
    }

    fn select(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        events.prepare()?;
        wait_in_parts(timeout, MAX_WAIT, |part| {
            self.wait(events, part)?;
            Ok(events.len() > 0)
        })
    }
}

impl DescriptorSelector for Kqueue {
    fn register(&self, fd: RawFd, token: Token, interests: Interest) -> io::Result<()> {
        NUMBERS.check(interests)?;
        let wanted = NUMBERS.changes(Some(interests));
        let [read, write] = wanted.map(|change| NUMBERS.adds(change));
        // A direction that the interests don't include is not registered: no change.
        match (read, write) {
            (true, true) => self.change_interests(fd, token, &wanted),
            (true, false) => self.change_interests(fd, token, &wanted[..1]),
            (false, true) => self.change_interests(fd, token, &wanted[1..]),
            (false, false) => Ok(()),
        }
    }

    fn reregister(&self, fd: RawFd, token: Token, interests: Interest) -> io::Result<()> {
        NUMBERS.check(interests)?;
        let [read, write] = NUMBERS.changes(Some(interests));
        // A timer of the old registration would report its token.
        self.change_interests(fd, token, &[read, write, NUMBERS.delete_writer_end_timer()])
    }

    fn deregister(&self, fd: RawFd) -> io::Result<()> {
        let [read, write] = NUMBERS.changes(None);
        let mut changes = [read, write, NUMBERS.delete_writer_end_timer()]
            .map(|change| filter(fd, Token(0), change));
        self.submit(&mut changes)?;
        let mut failures = changes.iter().filter_map(failure);
        match failures.find(|number| *number != libc::ENOENT) {
            Some(number) => Err(io::Error::from_raw_os_error(number)),
            None => Ok(()),
        }
    }
}

impl AsRawFd for Kqueue {
    fn as_raw_fd(&self) -> RawFd {
        self.queue.as_raw_fd()
    }
}

impl AsFd for Kqueue {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.queue.as_fd()
    }
}

/// A change of a descriptor's filter.
fn filter(fd: RawFd, token: Token, change: Change) -> system::kevent {
    let mut event = system::empty_event();
    event.ident = fd as _;
    event.filter = change.filter as _;
    event.flags = change.flags as _;
    event.udata = token.0 as _;
    event
}

/// The error number of a receipt.
fn failure(receipt: &system::kevent) -> Option<i32> {
    NUMBERS.failure(receipt.flags as u32, receipt.data as i64)
}

/// A timer that reports the end of a writer whose filter was refused.
fn writer_end_timer(fd: RawFd, token: Token) -> system::kevent {
    let mut event = filter(fd, token, NUMBERS.writer_end_timer());
    // A millisecond, since some systems refuse 0.
    event.data = 1;
    event
}

/// Is this an open descriptor? NetBSD returns EBADF also for a writer without a reader.
fn is_open(fd: RawFd) -> bool {
    // SAFETY: the command takes no memory.
    check::done(unsafe { libc::fcntl(fd, libc::F_GETFD) }).is_ok()
}

/// The longest wait of one call: NetBSD and OpenBSD refuse more seconds than this with
/// EINVAL (`itimespecfix` and `timespecisvalid` in their sys/kern).
const MAX_WAIT: Duration = Duration::from_secs(100_000_000);
