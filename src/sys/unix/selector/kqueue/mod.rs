//! kqueue: Apple systems, FreeBSD, NetBSD, OpenBSD, DragonFly.
//!
//! Each direction of a registration is one filter of the kernel's queue, with the
//! token as its user data, reset when it was reported (EV_CLEAR) and so
//! edge-triggered. A registration change is one `kevent` call that submits both
//! directions and gets a receipt of each; a select is one that writes into the
//! caller's buffer. Nothing is kept here. What can be computed without a kernel
//! stands in `kqueue_translate.rs`.

mod event;
mod numbers;

use std::io;
use std::mem::zeroed;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::ptr::null;
use std::time::Duration;

use self::numbers::NUMBERS;
use super::kqueue_translate::Change;
use crate::sys::contract::{self, Events as _};
use crate::sys::deadline::wait_in_parts;
use crate::sys::source::descriptor::DescriptorSelector;
use crate::sys::source::kernel_edge::KernelEdge;
use crate::sys::unix::{check, new_fd};
use crate::{Interest, Token};

pub(crate) use self::event::{Event, Events};
pub(crate) use super::handles::impl_selector_handles;
pub(crate) use crate::sys::unix::waker::Waker;

/// What is kept beside each source.
pub(crate) type SourceState = KernelEdge<Kqueue>;

/// A queue of the kernel, or a duplicate of one.
#[derive(Debug)]
pub(crate) struct Kqueue {
    /// The queue.
    queue: OwnedFd,
}

impl Kqueue {
    /// Adds the event of the user that `trigger` is for.
    #[allow(dead_code)] // some of the systems wake by a pipe
    pub(crate) fn add_user_event(&self, token: Token) -> io::Result<()> {
        let flags = NUMBERS.add | NUMBERS.clear | NUMBERS.receipt;
        self.submit(&mut [user_event(token, flags, 0)], &[])
    }

    /// Makes the event of the user ready.
    #[allow(dead_code)] // as above
    pub(crate) fn trigger(&self, token: Token) -> io::Result<()> {
        let flags = NUMBERS.add | NUMBERS.receipt;
        self.submit(&mut [user_event(token, flags, libc::NOTE_TRIGGER)], &[])
    }

    /// Submits changes and looks at their receipts.
    fn submit(&self, changes: &mut [libc::kevent], ignored: &[i32]) -> io::Result<()> {
        let receipts = changes.as_mut_ptr();
        let length = changes.len();
        // SAFETY: the array is both what is read and the room for as many
        // receipts; the kernel reads each change before it writes its receipt.
        let count = unsafe {
            libc::kevent(
                self.queue.as_raw_fd(),
                receipts.cast_const(),
                length as _,
                receipts,
                length as _,
                null(),
            )
        };
        let count = match check::number(count) {
            // The changes were made all the same, kevent(2) says.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            count => count? as usize,
        };
        for receipt in changes.iter().take(count) {
            let failure = NUMBERS.failure(receipt.flags as u32, receipt.data as i64, ignored);
            if let Some(number) = failure {
                return Err(io::Error::from_raw_os_error(number));
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
        let (room, length) = events.room();
        let room = room.cast::<libc::kevent>();
        // SAFETY: there is room for `length` events, `Event` is a transparent wrapper
        // of what the kernel writes, and the timeout is null or outlives the call.
        let count = unsafe {
            libc::kevent(
                self.queue.as_raw_fd(),
                null(),
                0,
                room,
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
        let fd = unsafe { libc::kqueue() };
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
        let [read, write] = NUMBERS.changes(Some(interests));
        match (NUMBERS.adds(read), NUMBERS.adds(write)) {
            (true, true) => self.submit(
                &mut [filter(fd, token, read), filter(fd, token, write)],
                IGNORED_WHEN_ADDING,
            ),
            (true, false) => self.submit(&mut [filter(fd, token, read)], IGNORED_WHEN_ADDING),
            (false, true) => self.submit(&mut [filter(fd, token, write)], IGNORED_WHEN_ADDING),
            (false, false) => Ok(()),
        }
    }

    fn reregister(&self, fd: RawFd, token: Token, interests: Interest) -> io::Result<()> {
        NUMBERS.check(interests)?;
        let changes = NUMBERS.changes(Some(interests));
        let mut changes = changes.map(|change| filter(fd, token, change));
        self.submit(&mut changes, IGNORED_WHEN_CHANGING)
    }

    fn deregister(&self, fd: RawFd) -> io::Result<()> {
        let changes = NUMBERS.changes(None);
        let mut changes = changes.map(|change| filter(fd, Token(0), change));
        self.submit(&mut changes, IGNORED_WHEN_DELETING)
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
fn filter(fd: RawFd, token: Token, change: Change) -> libc::kevent {
    let mut event = empty_event();
    event.ident = fd as _;
    event.filter = change.filter as _;
    event.flags = change.flags as _;
    event.udata = token.0 as _;
    event
}

/// A change of the one event of the user.
fn user_event(token: Token, flags: u32, filter_flags: u32) -> libc::kevent {
    let mut event = empty_event();
    event.filter = NUMBERS.filter_user as _;
    event.flags = flags as _;
    event.fflags = filter_flags;
    event.udata = token.0 as _;
    event
}

/// All zero: systems have fields beyond those that are used here.
fn empty_event() -> libc::kevent {
    // SAFETY: all fields are integers and a pointer, for which zero is a value.
    unsafe { zeroed() }
}

/// The longest wait of one call: NetBSD and OpenBSD refuse more seconds than this with
/// EINVAL (`itimespecfix` and `timespecisvalid` in their sys/kern).
const MAX_WAIT: Duration = Duration::from_secs(100_000_000);

/// Older macOS refuses a pipe whose other end is gone, and reports it all the same.
const IGNORED_WHEN_ADDING: &[i32] = &[libc::EPIPE];

/// A direction that was not there can't be deleted, and need not.
const IGNORED_WHEN_CHANGING: &[i32] = &[libc::EPIPE, libc::ENOENT];

/// As above.
const IGNORED_WHEN_DELETING: &[i32] = &[libc::ENOENT];
