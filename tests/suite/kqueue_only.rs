//! Differences between the kernels with kqueue that can't be provoked, on the emulated one.

use std::io::{ErrorKind, Write};
use std::os::fd::{AsRawFd, RawFd};

use mio::unix::{pipe, SourceFd};
use mio::{Interest, Token, Waker};

use crate::support::{tcp_pair, Fixture};

const HERE: Token = Token(1);
const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// EPIPE at EV_ADD, and nothing is added.
const FREEBSD: i32 = 1;
/// EPIPE at EV_ADD, and the filter is added.
const APPLE: i32 = 2;
/// EBADF at EV_ADD, and nothing is added.
const NETBSD: i32 = 3;
/// The write filter is refused.
const REFUSE: i32 = 4;
/// The call is interrupted after its changes.
const INTERRUPT: i32 = 5;

extern "C" {
    fn mio_kqueue_emulation_hook(fd: RawFd, number: i32);
}

/// Selects the behaviour of a descriptor until it is dropped.
struct Hook(RawFd);

impl Hook {
    fn new(source: &impl AsRawFd, number: i32) -> Self {
        let fd = source.as_raw_fd();
        // SAFETY: the function takes numbers.
        unsafe { mio_kqueue_emulation_hook(fd, number) };
        Self(fd)
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe { mio_kqueue_emulation_hook(self.0, 0) };
    }
}

#[test]
fn writer_without_a_reader_is_write_closed_on_every_kernel() {
    for kernel in [FREEBSD, APPLE, NETBSD] {
        let mut fixture = Fixture::new();
        let (mut sender, receiver) = pipe::new().unwrap();
        let _hook = Hook::new(&sender, kernel);
        drop(receiver);
        fixture.register(&mut sender, HERE, Interest::WRITABLE);
        let ready = fixture.expect(HERE, "write closed", |ready| ready.write_closed);
        assert!(
            ready.writable && !ready.readable,
            "kernel {kernel}: {ready:?}"
        );
        fixture.forget();
        // Reregistering repeats the event, with the new token.
        let registry = fixture.poll.registry();
        registry
            .reregister(&mut sender, Token(2), Interest::WRITABLE)
            .unwrap();
        fixture.expect(Token(2), "write closed", |ready| ready.write_closed);
        fixture.forget();
        // Another change before it is reported leaves nothing of the old one.
        for (token, interests) in [
            (Token(3), Interest::WRITABLE),
            (Token(4), Interest::READABLE),
        ] {
            let registry = fixture.poll.registry();
            registry.reregister(&mut sender, token, interests).unwrap();
        }
        let begin = std::time::Instant::now();
        while begin.elapsed() < std::time::Duration::from_millis(20) {
            fixture.poll_for(std::time::Duration::from_millis(5));
        }
        fixture.expect_silence(Token(3));
        fixture.forget();
        let registry = fixture.poll.registry();
        registry
            .reregister(&mut sender, HERE, Interest::WRITABLE)
            .unwrap();
        registry.deregister(&mut sender).unwrap();
        fixture.expect_silence(HERE);
        assert_eq!(
            sender.write(b"x").unwrap_err().kind(),
            ErrorKind::BrokenPipe
        );
    }
}

#[test]
fn writer_whose_reader_is_dropped_after_registration_is_write_closed() {
    for kernel in [FREEBSD, APPLE, NETBSD] {
        let mut fixture = Fixture::new();
        let (mut sender, receiver) = pipe::new().unwrap();
        let _hook = Hook::new(&sender, kernel);
        fixture.register(&mut sender, HERE, Interest::WRITABLE);
        let ready = fixture.expect_writable(HERE);
        assert!(!ready.write_closed, "kernel {kernel}: {ready:?}");
        drop(receiver);
        fixture.expect(HERE, "write closed", |ready| ready.write_closed);
    }
}

#[test]
fn half_a_registration_is_undone() {
    let mut fixture = Fixture::new();
    let (mut here, mut there) = tcp_pair();
    let hook = Hook::new(&here, REFUSE);
    let registry = fixture.poll.registry();
    let error = registry.register(&mut here, HERE, BOTH).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::ENOMEM));
    there.write_all(b"hello").unwrap();
    fixture.expect_silence(HERE);

    // The same for a change: a failed one leaves neither direction.
    let fd = here.as_raw_fd();
    fixture.register(&mut SourceFd(&fd), HERE, Interest::READABLE);
    fixture.expect_readable(HERE);
    let registry = fixture.poll.registry();
    let error = registry
        .reregister(&mut SourceFd(&fd), HERE, BOTH)
        .unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::ENOMEM));
    there.write_all(b"again").unwrap();
    fixture.expect_silence(HERE);

    drop(hook);
    fixture.register(&mut here, HERE, BOTH);
    fixture.expect(HERE, "ready both ways", |ready| {
        ready.readable && ready.writable
    });
}

#[test]
fn changes_of_an_interrupted_call_are_made() {
    let mut fixture = Fixture::new();
    let (mut here, mut there) = tcp_pair();
    let _hook = Hook::new(&here, INTERRUPT);
    fixture.register(&mut here, HERE, Interest::READABLE);
    there.write_all(b"hello").unwrap();
    fixture.expect_readable(HERE);
    fixture.poll.registry().deregister(&mut here).unwrap();
    there.write_all(b"again").unwrap();
    fixture.expect_silence(HERE);
}

#[cfg(not(debug_assertions))] // debug builds allow one waker
#[test]
fn wakers_have_events_of_their_own() {
    let mut fixture = Fixture::new();
    let registry = fixture.poll.registry();
    let wakers = [2, 3].map(|token| Waker::new(registry, Token(token)).unwrap());
    for (waker, token) in wakers.iter().zip([2, 3]) {
        waker.wake().unwrap();
        fixture.expect_readable(Token(token));
        fixture.expect_silence(Token(5 - token));
    }
}

#[cfg(debug_assertions)]
#[test]
fn waker_is_silent_until_it_is_used() {
    let mut fixture = Fixture::new();
    let waker = Waker::new(fixture.poll.registry(), Token(2)).unwrap();
    fixture.poll_for(std::time::Duration::ZERO);
    assert!(fixture.events.is_empty(), "{:?}", fixture.events);
    waker.wake().unwrap();
    fixture.expect_readable(Token(2));
}
