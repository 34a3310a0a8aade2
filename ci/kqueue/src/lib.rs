//! kqueue over epoll, to run the tests of the kqueue selector on Linux. It is a library of
//! its own, which `ci/unix.sh` links: what users compile holds only the declarations
//! (`src/sys/unix/selector/kqueue/emulated.rs`).
//!
//! A queue is an epoll of epolls, one for each filter. So directions are reported apart, a
//! filter that is added twice is evaluated anew, and a closed descriptor is removed by the
//! system, all as in a kqueue. Which epoll belongs to which queue is read from /proc, so
//! that duplicates of a queue work. The epolls of queues that are gone are closed when the
//! next queue is made.
//!
//! Kernels differ for a pipe whose reader is gone, and some errors can't be provoked: tests
//! choose what happens to a descriptor with `mio_kqueue_emulation_hook`.

mod epolls;
mod hooks;

use std::io::Error;
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::{Duration, Instant};

use libc::{c_int, c_uint, c_void, timespec};

use crate::epolls::{control, watched};
use crate::hooks::Hook;

const EVFILT_READ: i16 = -1;
const EVFILT_WRITE: i16 = -2;
const EVFILT_TIMER: i16 = -7;
const EVFILT_USER: i16 = -11;
const EV_ADD: u16 = 0x1;
const EV_DELETE: u16 = 0x2;
const EV_CLEAR: u16 = 0x20;
const EV_RECEIPT: u16 = 0x40;
const EV_ERROR: u16 = 0x4000;
const EV_EOF: u16 = 0x8000;
const NOTE_TRIGGER: c_uint = 0x0100_0000;

/// A change or an event, laid out as on Apple systems.
#[derive(Clone)]
#[repr(C)]
pub struct KEvent {
    ident: usize,
    filter: i16,
    flags: u16,
    fflags: c_uint,
    data: isize,
    udata: *mut c_void,
}

/// What an epoll of a queue is for.
struct Part {
    filter: i16,
    /// The events to subscribe to.
    events: c_int,
    /// Those that are an end.
    ends: c_int,
}

/// The epolls of a queue. An error is the end of what is no socket.
const PARTS: [Part; 5] = [
    Part {
        filter: EVFILT_READ,
        events: libc::EPOLLIN | libc::EPOLLRDHUP,
        ends: libc::EPOLLRDHUP | libc::EPOLLHUP,
    },
    Part {
        filter: EVFILT_WRITE,
        events: libc::EPOLLOUT,
        ends: libc::EPOLLHUP,
    },
    Part {
        filter: EVFILT_WRITE,
        events: libc::EPOLLOUT,
        ends: libc::EPOLLHUP | libc::EPOLLERR,
    },
    Part {
        filter: EVFILT_USER,
        events: libc::EPOLLIN,
        ends: 0,
    },
    Part {
        filter: EVFILT_TIMER,
        events: libc::EPOLLIN,
        ends: 0,
    },
];
const READ: usize = 0;
const WRITE_SOCKET: usize = 1;
const WRITE_OTHER: usize = 2;
const USER: usize = 3;
const TIMER: usize = 4;

/// The descriptor of a notification by user event or timer: whose it is.
struct Notifier {
    /// The epoll that watches it.
    part: c_int,
    /// The ident of the event.
    ident: usize,
    /// The eventfd or timerfd.
    fd: c_int,
}

/// All notifiers of all queues, and the epolls of all queues.
struct Shared {
    notifiers: Vec<Notifier>,
    parts: Vec<c_int>,
}

static SHARED: Mutex<Shared> = Mutex::new(Shared {
    notifiers: Vec::new(),
    parts: Vec::new(),
});

/// Locks it without waiting inside std, which ThreadSanitizer knows nothing of.
fn shared() -> MutexGuard<'static, Shared> {
    loop {
        match SHARED.try_lock() {
            Ok(shared) => return shared,
            Err(TryLockError::Poisoned(error)) => return error.into_inner(),
            Err(TryLockError::WouldBlock) => std::thread::yield_now(),
        }
    }
}

/// The number of the last error.
fn last_error() -> c_int {
    Error::last_os_error().raw_os_error().unwrap_or(-1)
}

/// Fails a call with an error number.
fn fail(number: c_int) -> c_int {
    // SAFETY: the location is the calling thread's own.
    let location = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    unsafe { location.write(number) };
    -1
}

/// kqueue(2).
#[no_mangle]
pub extern "C" fn mio_kqueue_emulation_kqueue() -> c_int {
    let mut shared = shared();
    shared.close_what_is_unused();
    // SAFETY: takes no memory.
    let queue = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    if queue < 0 {
        return -1;
    }
    for index in 0..PARTS.len() {
        // SAFETY: takes no memory.
        let part = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if part < 0 {
            let number = last_error();
            let made = shared.parts.len() - index;
            for fd in shared.parts.drain(made..).chain([queue]) {
                // SAFETY: only this call has it.
                unsafe { libc::close(fd) };
            }
            return fail(number);
        }
        shared.parts.push(part);
        control(
            queue,
            libc::EPOLL_CTL_ADD,
            part,
            libc::EPOLLIN,
            index as u64,
        );
    }
    queue
}

impl Shared {
    /// Closes the epolls that no queue watches any more, with their notifiers.
    fn close_what_is_unused(&mut self) {
        let Some(epolls) = epolls::all() else {
            return;
        };
        let watched = epolls.into_iter().flat_map(watched);
        let used: Vec<c_int> = watched.map(|(fd, _)| fd).collect();
        let notifiers = &mut self.notifiers;
        self.parts.retain(|part| {
            let is_used = used.contains(part);
            if !is_used {
                notifiers.retain(|notifier| {
                    if notifier.part == *part {
                        // SAFETY: only this library has it.
                        unsafe { libc::close(notifier.fd) };
                    }
                    notifier.part != *part
                });
                // SAFETY: as above.
                unsafe { libc::close(*part) };
            }
            is_used
        });
    }

    /// The notifier of an event, if it was added.
    fn notifier(&self, part: c_int, ident: usize) -> Option<c_int> {
        let found = self.notifiers.iter();
        let mut found = found.filter(|notifier| (notifier.part, notifier.ident) == (part, ident));
        found.next().map(|notifier| notifier.fd)
    }
}

/// kevent(2). A change list is not waited for.
///
/// # Safety
///
/// `changes` and `events` point to as many elements as the counts say, which may be the
/// same; `timeout` is null or points to a time.
#[no_mangle]
pub unsafe extern "C" fn mio_kqueue_emulation_kevent(
    queue: c_int,
    changes: *const KEvent,
    change_count: c_int,
    events: *mut KEvent,
    event_count: c_int,
    timeout: *const timespec,
) -> c_int {
    let mut parts = [-1; PARTS.len()];
    for (fd, index) in watched(queue) {
        match parts.get_mut(index as usize) {
            Some(part) => *part = fd,
            None => return fail(libc::EBADF),
        }
    }
    if change_count > 0 {
        let (mut receipts, mut is_interrupted) = (0, false);
        for index in 0..change_count as usize {
            // SAFETY: it is within the list, by this function's contract.
            let change = unsafe { changes.add(index) };
            // SAFETY: as above.
            let mut change = unsafe { change.read() };
            is_interrupted |= hooks::of(change.ident as c_int) == Some(Hook::Interrupt);
            change.data = change_one(&parts, &change) as isize;
            if change.flags & EV_RECEIPT == 0 && change.data == 0 {
                continue;
            }
            change.flags = EV_ERROR;
            // SAFETY: the list can hold as many, by this function's contract.
            let receipt = unsafe { events.add(receipts) };
            // SAFETY: as above.
            unsafe { receipt.write(change) };
            receipts += 1;
        }
        // The changes are made nevertheless.
        return if is_interrupted {
            fail(libc::EINTR)
        } else {
            receipts as c_int
        };
    }
    // SAFETY: by this function's contract.
    let timeout = unsafe { timeout.as_ref() };
    let timeout = timeout.map(|time| Duration::new(time.tv_sec as u64, time.tv_nsec as u32));
    // SAFETY: the list can hold as many, by this function's contract.
    unsafe { wait(queue, &parts, events, event_count as usize, timeout) }
}

/// One change; the error's number.
fn change_one(parts: &[c_int; PARTS.len()], change: &KEvent) -> c_int {
    let (fd, data) = (change.ident as c_int, change.udata as u64);
    match change.filter {
        EVFILT_USER if hooks::lacks_user_events() => return libc::EINVAL,
        EVFILT_USER | EVFILT_TIMER => return change_notifier(parts, change),
        EVFILT_READ | EVFILT_WRITE => {}
        _ => return libc::EINVAL,
    }
    let index = match change.filter {
        EVFILT_READ => READ,
        _ if is_socket(fd) => WRITE_SOCKET,
        _ => WRITE_OTHER,
    };
    if change.flags & EV_DELETE != 0 {
        return control(parts[index], libc::EPOLL_CTL_DEL, fd, 0, 0);
    }
    if change.filter == EVFILT_WRITE {
        match hooks::of(fd) {
            Some(Hook::Refuse) => return libc::ENOMEM,
            Some(hook) if index == WRITE_OTHER && has_no_reader(fd) => match hook {
                Hook::FreeBsd => return libc::EPIPE,
                Hook::NetBsd => return libc::EBADF,
                _ => {}
            },
            _ => {}
        }
    }
    let result = add(parts[index], fd, PARTS[index].events, change.flags, data);
    let reports_pipe = index == WRITE_OTHER && hooks::of(fd) == Some(Hook::Apple);
    match result {
        0 if reports_pipe && has_no_reader(fd) => libc::EPIPE,
        result => result,
    }
}

/// A change of a user event or a timer; the error's number.
fn change_notifier(parts: &[c_int; PARTS.len()], change: &KEvent) -> c_int {
    let is_user = change.filter == EVFILT_USER;
    let part = parts[if is_user { USER } else { TIMER }];
    let mut shared = shared();
    let known = shared.notifier(part, change.ident);
    if change.flags & EV_DELETE != 0 {
        let Some(fd) = known else {
            return libc::ENOENT;
        };
        shared.notifiers.retain(|notifier| notifier.fd != fd);
        // SAFETY: only this library has it.
        unsafe { libc::close(fd) };
        return 0;
    }
    let fd = match known {
        Some(fd) => fd,
        None if change.flags & EV_ADD == 0 => return libc::ENOENT,
        // SAFETY: takes no memory.
        None if is_user => unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) },
        // SAFETY: takes no memory.
        None => unsafe {
            libc::timerfd_create(
                libc::CLOCK_MONOTONIC,
                libc::TFD_CLOEXEC | libc::TFD_NONBLOCK,
            )
        },
    };
    if fd < 0 {
        return last_error();
    }
    if known.is_none() {
        let ident = change.ident;
        shared.notifiers.push(Notifier { part, ident, fd });
        // A timer fires once here, so its event is an edge.
        let flags = if is_user { change.flags } else { EV_CLEAR };
        add(part, fd, libc::EPOLLIN, flags, change.udata as u64);
    } else {
        // The event keeps its mode, and takes the new data.
        let edge = if is_user {
            EV_CLEAR
        } else {
            change.flags | EV_CLEAR
        };
        add(part, fd, libc::EPOLLIN, edge, change.udata as u64);
    }
    if is_user && change.fflags & NOTE_TRIGGER != 0 {
        // SAFETY: takes no memory of ours.
        unsafe { libc::eventfd_write(fd, 1) };
    } else if !is_user {
        let millis = change.data.max(1) as i64;
        let time = libc::itimerspec {
            it_interval: timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value: timespec {
                tv_sec: millis / 1_000,
                tv_nsec: millis % 1_000 * 1_000_000,
            },
        };
        // SAFETY: the call reads the time.
        unsafe { libc::timerfd_settime(fd, 0, &time, std::ptr::null_mut()) };
    }
    0
}

/// Adds a descriptor, or evaluates it anew. Without EV_CLEAR it is reported for as long as
/// it is ready.
fn add(epoll: c_int, fd: c_int, events: c_int, flags: u16, data: u64) -> c_int {
    let edge = if flags & EV_CLEAR != 0 {
        libc::EPOLLET
    } else {
        0
    };
    let events = events | edge;
    match control(epoll, libc::EPOLL_CTL_ADD, fd, events, data) {
        libc::EEXIST => control(epoll, libc::EPOLL_CTL_MOD, fd, events, data),
        other => other,
    }
}

fn is_socket(fd: c_int) -> bool {
    // SAFETY: all zero is a value.
    let mut stat: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: the call writes into a value of its type.
    unsafe { libc::fstat(fd, &mut stat) == 0 && stat.st_mode & libc::S_IFMT == libc::S_IFSOCK }
}

/// Is it a pipe without a reader?
fn has_no_reader(fd: c_int) -> bool {
    let mut fd = libc::pollfd {
        fd,
        events: libc::POLLOUT,
        revents: 0,
    };
    // SAFETY: there is one element.
    unsafe { libc::poll(&mut fd, 1, 0) == 1 && fd.revents & libc::POLLERR != 0 }
}

/// Waits until a part has something, and takes it.
///
/// # Safety
///
/// `events` points to at least `capacity` elements.
unsafe fn wait(
    queue: c_int,
    parts: &[c_int; PARTS.len()],
    events: *mut KEvent,
    capacity: usize,
    timeout: Option<Duration>,
) -> c_int {
    let end = timeout.map(|timeout| Instant::now() + timeout);
    let mut reports = vec![libc::epoll_event { events: 0, u64: 0 }; capacity];
    loop {
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        let millis = left.map_or(-1, |left| {
            ((left.as_nanos() + 999_999) / 1_000_000).min(1 << 30) as c_int
        });
        let mut any = libc::epoll_event { events: 0, u64: 0 };
        // SAFETY: there is capacity for one event.
        if unsafe { libc::epoll_wait(queue, &mut any, 1, millis) } < 0 {
            return -1;
        }
        let mut count = 0;
        for (epoll, part) in parts.iter().zip(&PARTS) {
            if count == capacity {
                break;
            }
            let max = (capacity - count) as c_int;
            // SAFETY: there is capacity for as many.
            let got = unsafe { libc::epoll_wait(*epoll, reports.as_mut_ptr(), max, 0) };
            for report in reports.iter().take(got.max(0) as usize) {
                // SAFETY: by this function's contract.
                let place = unsafe { events.add(count) };
                // SAFETY: as above.
                unsafe { place.write(event_of(part, *report)) };
                count += 1;
            }
        }
        if count > 0 || left.is_some_and(|left| left.is_zero()) {
            return count as c_int;
        }
    }
}

/// What a filter reports.
fn event_of(part: &Part, report: libc::epoll_event) -> KEvent {
    let bits = report.events as c_int;
    let is_end = bits & part.ends != 0;
    KEvent {
        ident: 0,
        filter: part.filter,
        flags: EV_CLEAR | if is_end { EV_EOF } else { 0 },
        fflags: (is_end && bits & libc::EPOLLERR != 0).into(),
        data: 0,
        udata: report.u64 as usize as *mut c_void,
    }
}
