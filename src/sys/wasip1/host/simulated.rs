//! A host that unit tests play, in place of the real one: for what real hosts do
//! only in other places, or when nobody looks. WASI preview 1, in tests.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::num::NonZeroI32;

use wasi::{Errno, Event, Fd, Subscription};

use super::{bounds, preview1};

/// Answers a list of subscriptions; the number is the time, which it may put
/// forward.
type Poll = Box<dyn FnMut(&[Subscription], &mut u64) -> Vec<Event>>;

/// Answers a look at a stream, see `preview1::look`; the number is the time.
type Look = Box<dyn FnMut(Fd, &mut u64) -> Result<usize, Errno>>;

/// A host and its clock in nanoseconds.
struct Host {
    /// The time. It goes on by a microsecond whenever it is asked for.
    now: u64,
    /// Its poll.
    poll: Poll,
    /// Its peek, if its sockets are streams.
    look: Option<Look>,
    /// Errors of its sockets.
    errors: HashMap<Fd, NonZeroI32>,
}

thread_local! {
    /// The host that is played now; without one the real host is called.
    static PLAYED: RefCell<Option<Host>> = const { RefCell::new(None) };
}

/// Plays a host from now on, for this thread.
pub(crate) fn play(poll: impl FnMut(&[Subscription], &mut u64) -> Vec<Event> + 'static) {
    let host = Host {
        now: 1_000_000,
        poll: Box::new(poll),
        look: None,
        errors: HashMap::new(),
    };
    PLAYED.with(|played| *played.borrow_mut() = Some(host));
}

/// Makes streams of the sockets of the host that is played, with an answer to looks.
pub(crate) fn play_looks(look: impl FnMut(Fd, &mut u64) -> Result<usize, Errno> + 'static) {
    PLAYED.with(|played| {
        let mut host = played.borrow_mut();
        host.as_mut().expect("a host is played").look = Some(Box::new(look));
    });
}

/// Lets time pass on the host that is played.
pub(crate) fn pass(nanos: u64) {
    PLAYED.with(|played| {
        let mut host = played.borrow_mut();
        host.as_mut().expect("a host is played").now += nanos;
    });
}

/// See `preview1.rs`.
pub(crate) fn look(fd: Fd) -> Result<usize, Errno> {
    PLAYED.with(|played| match &mut *played.borrow_mut() {
        Some(host) => match &mut host.look {
            Some(look) => look(fd, &mut host.now),
            None => Err(wasi::ERRNO_AGAIN),
        },
        None => preview1::look(fd),
    })
}

/// See `wasmedge.rs`. The sockets of a host that is played are connected streams when it
/// has an answer to peeks.
pub(crate) fn is_connected(fd: Fd) -> bool {
    PLAYED.with(|played| match &*played.borrow() {
        Some(host) => host.look.is_some(),
        None => super::nature::is_connected(fd),
    })
}

/// See `wasmedge.rs`.
pub(crate) fn take_error(fd: Fd) -> Option<NonZeroI32> {
    PLAYED.with(|played| match &mut *played.borrow_mut() {
        Some(host) => host.errors.remove(&fd),
        None => super::nature::take_error(fd),
    })
}

/// Gives a socket of the host that is played an error.
pub(crate) fn set_error(fd: Fd, number: NonZeroI32) {
    PLAYED.with(|played| {
        let mut host = played.borrow_mut();
        let errors = &mut host.as_mut().expect("a host is played").errors;
        errors.insert(fd, number);
    });
}

/// See `preview1.rs`.
pub(crate) fn now() -> io::Result<u64> {
    PLAYED.with(|played| match &mut *played.borrow_mut() {
        Some(host) => {
            host.now += 1_000;
            Ok(host.now)
        }
        None => preview1::now(),
    })
}

/// See `preview1.rs`.
pub(crate) fn poll_oneoff(
    subscriptions: &[Subscription],
    events: &mut Vec<Event>,
) -> io::Result<()> {
    PLAYED.with(|played| match &mut *played.borrow_mut() {
        Some(host) => {
            events.clear();
            let answers = (host.poll)(subscriptions, &mut host.now);
            bounds::count(answers.len(), subscriptions.len())?;
            events.extend(answers);
            Ok(())
        }
        None => preview1::poll_oneoff(subscriptions, events),
    })
}
