//! A host that unit tests play, in place of the real one: for what real hosts do
//! only in other places, or when nobody looks. WASI preview 1, in tests.

use std::cell::RefCell;
use std::io;

use wasi::{Event, Subscription};

use super::{claims, preview1};

/// Answers a list of subscriptions; the number is the time, which it may put
/// forward.
type Poll = Box<dyn FnMut(&[Subscription], &mut u64) -> Vec<Event>>;

/// A host and its clock in nanoseconds.
struct Host {
    /// The time. It goes on by a microsecond whenever it is asked for.
    now: u64,
    /// Its poll.
    poll: Poll,
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
    };
    PLAYED.with(|played| *played.borrow_mut() = Some(host));
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
            claims::count(answers.len(), subscriptions.len())?;
            events.extend(answers);
            Ok(())
        }
        None => preview1::poll_oneoff(subscriptions, events),
    })
}
