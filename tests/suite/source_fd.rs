//! Descriptors that belong to someone else: eventfd, timerfd, files. Linux.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Interest, Token};

use crate::support::{cpu_time, Fixture, TempPath};

const FD: Token = Token(1);

/// Adds to a counter.
fn set(mut counter: &File, count: u64) {
    counter.write_all(&count.to_ne_bytes()).unwrap();
}

/// Reads a counter, which is 0 then.
fn take(mut counter: &File) -> u64 {
    let mut bytes = [0; 8];
    counter.read_exact(&mut bytes).unwrap();
    u64::from_ne_bytes(bytes)
}

/// How many events come within this time.
fn events_within(fixture: &mut Fixture, time: Duration) -> usize {
    let end = Instant::now() + time;
    let mut count = 0;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return count;
        }
        fixture
            .poll
            .poll(&mut fixture.events, Some(left))
            .expect("poll");
        count += fixture.events.iter().count();
    }
}

/// An eventfd with this count.
fn eventfd(count: u32) -> File {
    // SAFETY: the call takes no memory.
    let fd = unsafe { libc::eventfd(count, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
    assert!(fd >= 0);
    // SAFETY: the call has just made it.
    unsafe { File::from_raw_fd(fd) }
}

/// A timerfd that expires once, within a second.
fn timerfd(after: Duration) -> File {
    let flags = libc::TFD_CLOEXEC | libc::TFD_NONBLOCK;
    // SAFETY: the call takes no memory.
    let fd = unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, flags) };
    assert!(fd >= 0);
    // SAFETY: the call has just made it.
    let timer = unsafe { File::from_raw_fd(fd) };
    let never = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let times = libc::itimerspec {
        it_interval: never,
        it_value: libc::timespec {
            tv_sec: 0,
            tv_nsec: after.subsec_nanos() as _,
        },
    };
    // SAFETY: the new value outlives the call, and no old one is requested.
    let result = unsafe { libc::timerfd_settime(fd, 0, &times, std::ptr::null_mut()) };
    assert_eq!(result, 0);
    timer
}

#[track_caller]
fn reregister(fixture: &Fixture, fd: RawFd, interests: Interest) {
    let registry = fixture.poll.registry();
    registry
        .reregister(&mut SourceFd(&fd), FD, interests)
        .unwrap();
}

#[test]
fn eventfd_is_readable_when_counted() {
    let mut fixture = Fixture::new();
    let mut counter = eventfd(0);
    let fd = counter.as_raw_fd();
    fixture.register(&mut SourceFd(&fd), FD, Interest::READABLE);
    fixture.expect_silence(FD);
    for count in 1..4_u64 {
        counter.write_all(&count.to_ne_bytes()).unwrap();
        assert!(!fixture.expect_readable(FD).writable);
        let mut bytes = [0; 8];
        counter.read_exact(&mut bytes).unwrap();
        assert_eq!(u64::from_ne_bytes(bytes), count);
        // Where the system keeps no edges this arms the direction.
        reregister(&fixture, fd, Interest::READABLE);
        fixture.expect_silence(FD);
    }
}

#[test]
fn counts_are_reported_without_reregistering() {
    let mut fixture = Fixture::new();
    let counter = eventfd(0);
    let fd = counter.as_raw_fd();
    fixture.register(&mut SourceFd(&fd), FD, Interest::READABLE);
    for count in 1..200_u64 {
        set(&counter, count);
        fixture.expect_readable(FD);
        assert_eq!(take(&counter), count);
        if count % 10 == 0 {
            // A poll observes that the count is zero.
            fixture.expect_silence(FD);
        }
    }
}

#[test]
fn counts_taken_during_a_poll_are_reported_anew() {
    const ROUNDS: u64 = 50;
    let mut fixture = Fixture::new();
    let counter = eventfd(0);
    let fd = counter.as_raw_fd();
    fixture.register(&mut SourceFd(&fd), FD, Interest::READABLE);
    let taken = &counter;
    thread::scope(|scope| {
        let (reported, next) = channel();
        let taker = scope.spawn(move || {
            // Reads each count as soon as it was reported, and sets another at once:
            // the thread that polls may not observe the zero in between.
            for count in 1..=ROUNDS {
                set(taken, count);
                next.recv().unwrap();
                assert_eq!(take(taken), count);
            }
        });
        for _ in 0..ROUNDS {
            fixture.expect_readable(FD);
            reported.send(()).unwrap();
        }
        // ThreadSanitizer synchronises on this, not on the end of the scope.
        taker.join().unwrap();
    });
}

#[test]
fn write_readiness_returns_without_reregistering() {
    let mut fixture = Fixture::new();
    let counter = eventfd(0);
    let fd = counter.as_raw_fd();
    let both = Interest::READABLE | Interest::WRITABLE;
    fixture.register(&mut SourceFd(&fd), FD, both);
    for _ in 0..50 {
        fixture.expect_writable(FD);
        // The maximum: a further write would block.
        (&counter).write_all(&(u64::MAX - 1).to_ne_bytes()).unwrap();
        let full = (&counter).write(&1_u64.to_ne_bytes()).unwrap_err();
        assert_eq!(full.kind(), ErrorKind::WouldBlock);
        fixture.expect_readable(FD);
        take(&counter);
    }
}

#[test]
fn unread_count_costs_little_cpu() {
    let mut fixture = Fixture::new();
    let counter = eventfd(1);
    let fd = counter.as_raw_fd();
    fixture.register(&mut SourceFd(&fd), FD, Interest::READABLE);
    let before = cpu_time();
    let count = events_within(&mut fixture, Duration::from_millis(400));
    if let (Some(before), Some(after)) = (before, cpu_time()) {
        let used = after - before;
        assert!(used < Duration::from_millis(40), "{used:?} of CPU time");
    }
    if cfg!(mio_unsupported_force_poll_poll) {
        // Whether it was read and set meanwhile is unknown, so the event is repeated,
        // with growing backoff.
        assert!((2..80).contains(&count), "{count} events");
    } else {
        assert_eq!(count, 1);
    }
}

#[test]
fn hang_up_is_reported_once() {
    let mut fixture = Fixture::new();
    let (sender, receiver) = mio::unix::pipe::new().unwrap();
    let fd = receiver.as_raw_fd();
    fixture.register(&mut SourceFd(&fd), FD, Interest::READABLE);
    drop(sender);
    fixture.expect(FD, "closed", |ready| ready.read_closed);
    assert_eq!(events_within(&mut fixture, Duration::from_millis(100)), 0);
}

#[test]
fn end_behind_unread_data_is_reported_and_does_not_repeat() {
    let mut fixture = Fixture::new();
    let (here, mut there) = crate::support::tcp_pair();
    let fd = here.as_raw_fd();
    let mut source = SourceFd(&fd);
    fixture.register(&mut source, FD, Interest::READABLE);
    there.write_all(b"unread").unwrap();
    let ready = fixture.expect_readable(FD);
    assert!(!ready.read_closed, "{ready:?}");
    drop(there);
    fixture.expect(FD, "at its end", |ready| ready.read_closed);
    assert_eq!(events_within(&mut fixture, Duration::from_millis(100)), 0);
}

#[test]
fn timerfd_is_readable_when_expired() {
    let mut fixture = Fixture::new();
    let mut timer = timerfd(Duration::from_millis(5));
    let fd = timer.as_raw_fd();
    fixture.register(&mut SourceFd(&fd), FD, Interest::READABLE);
    fixture.expect_readable(FD);
    let mut bytes = [0; 8];
    timer.read_exact(&mut bytes).unwrap();
    assert_eq!(u64::from_ne_bytes(bytes), 1);
}

#[test]
fn regular_file_is_refused_by_epoll_and_ready_for_poll() {
    let path = TempPath::new();
    let mut fixture = Fixture::new();
    let file = File::create(&path).unwrap();
    let fd = file.as_raw_fd();
    let both = Interest::READABLE | Interest::WRITABLE;
    let registry = fixture.poll.registry();
    let result = registry.register(&mut SourceFd(&fd), FD, both);
    if cfg!(mio_unsupported_force_poll_poll) {
        result.unwrap();
        fixture.expect(FD, "ready", |ready| ready.readable && ready.writable);
    } else {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::PermissionDenied);
    }
}

#[cfg(not(mio_unsupported_force_kqueue))] // kqueue allows all of it
#[test]
fn registrations_are_known_by_the_number() {
    let fixture = Fixture::new();
    let counter = eventfd(0);
    let fd = counter.as_raw_fd();
    let registry = fixture.poll.registry();
    let unknown = registry.deregister(&mut SourceFd(&fd)).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
    let unknown = registry.reregister(&mut SourceFd(&fd), FD, Interest::READABLE);
    assert_eq!(unknown.unwrap_err().kind(), ErrorKind::NotFound);
    fixture.register(&mut SourceFd(&fd), FD, Interest::READABLE);
    let twice = registry.register(&mut SourceFd(&fd), FD, Interest::READABLE);
    assert_eq!(twice.unwrap_err().kind(), ErrorKind::AlreadyExists);
    registry.deregister(&mut SourceFd(&fd)).unwrap();
    fixture.register(&mut SourceFd(&fd), FD, Interest::READABLE);
}

#[test]
fn deregistered_number_is_silent() {
    let mut fixture = Fixture::new();
    let counter = eventfd(1);
    let fd = counter.as_raw_fd();
    fixture.register(&mut SourceFd(&fd), FD, Interest::READABLE);
    let registry = fixture.poll.registry();
    registry.deregister(&mut SourceFd(&fd)).unwrap();
    fixture.expect_silence(FD);
}

#[test]
fn closed_number_is_refused() {
    let fixture = Fixture::new();
    // No process has this many.
    let result =
        fixture
            .poll
            .registry()
            .register(&mut SourceFd(&RawFd::MAX), FD, Interest::READABLE);
    assert_eq!(result.unwrap_err().raw_os_error(), Some(libc::EBADF));
}

#[test]
fn descriptor_closed_outside_the_library_fails_no_poll() {
    let mut fixture = Fixture::new();
    let mut counter = eventfd(0);
    let fd = counter.as_raw_fd();
    // A number so high that no other test gets it when it is free.
    // SAFETY: the command takes an int and no memory.
    let closed_fd = unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 1000) };
    assert!(closed_fd >= 1000);
    // SAFETY: it has just been made.
    let closed = unsafe { File::from_raw_fd(closed_fd) };
    let closed_token = Token(2);
    fixture.register(&mut SourceFd(&closed_fd), closed_token, Interest::READABLE);
    fixture.register(&mut SourceFd(&fd), FD, Interest::READABLE);
    drop(closed);
    if cfg!(mio_unsupported_force_poll_poll) {
        let ready = fixture.expect_readable(closed_token);
        assert!(ready.error && !ready.read_closed && !ready.writable);
        fixture.expect_silence(closed_token);
        let registry = fixture.poll.registry();
        registry.deregister(&mut SourceFd(&closed_fd)).unwrap();
    }
    counter.write_all(&1_u64.to_ne_bytes()).unwrap();
    fixture.expect_readable(FD);
}

#[test]
fn dropping_changes_nothing() {
    let mut fixture = Fixture::new();
    let mut counter = eventfd(0);
    let fd = counter.as_raw_fd();
    {
        let mut source = SourceFd(&fd);
        fixture.register(&mut source, FD, Interest::READABLE);
        assert!(format!("{source:?}").contains(&fd.to_string()));
    }
    counter.write_all(&1_u64.to_ne_bytes()).unwrap();
    fixture.expect_readable(FD);
}
