//! A host that plays a script, for the tests of the selector: what real hosts do only in other
//! places, or only when they are disturbed. WASI preview 1, in tests.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::num::NonZeroI32;
use std::rc::Rc;

use wasi::{Errno, Event, Fd, Subscription};

use super::bounds;
use super::calls::Host;

/// Answers a list of subscriptions; may advance the time, which is the number.
type OnPoll = Box<dyn FnMut(&[Subscription], &mut u64) -> Vec<Event>>;

/// Answers a peek at a stream; may advance the time, which is the number.
type OnPeek = Box<dyn FnMut(Fd, &mut u64) -> Result<usize, Errno>>;

/// The script, and the state of the host.
struct Script {
    /// The time in nanoseconds. Reading it advances it by a microsecond.
    now: u64,
    /// The answer to polls.
    on_poll: OnPoll,
    /// The answer to peeks, if the sockets are connected streams.
    on_peek: Option<OnPeek>,
    /// Errors of the sockets.
    errors: HashMap<Fd, NonZeroI32>,
    /// A socket that is always writable.
    always_writable: Option<Fd>,
}

/// A handle of a scripted host.
#[derive(Clone)]
pub(in super::super) struct Scripted(Rc<RefCell<Script>>);

impl Scripted {
    /// A host whose polls end at once, by their first subscription.
    pub(in super::super) fn new() -> Self {
        Self(Rc::new(RefCell::new(Script {
            now: 1_000_000,
            on_poll: Box::new(|list, now| {
                *now += 1;
                vec![Event {
                    userdata: list[0].userdata,
                    error: wasi::ERRNO_SUCCESS,
                    type_: wasi::EVENTTYPE_CLOCK,
                    fd_readwrite: wasi::EventFdReadwrite {
                        nbytes: 0,
                        flags: 0,
                    },
                }]
            }),
            on_peek: None,
            errors: HashMap::new(),
            always_writable: None,
        })))
    }

    /// Sets the answer to polls.
    pub(in super::super) fn on_poll(
        &self,
        answer: impl FnMut(&[Subscription], &mut u64) -> Vec<Event> + 'static,
    ) {
        self.0.borrow_mut().on_poll = Box::new(answer);
    }

    /// Makes all sockets connected streams, and sets the answer to peeks.
    pub(in super::super) fn on_peek(
        &self,
        answer: impl FnMut(Fd, &mut u64) -> Result<usize, Errno> + 'static,
    ) {
        self.0.borrow_mut().on_peek = Some(Box::new(answer));
    }

    /// Advances the time.
    pub(in super::super) fn advance(&self, nanos: u64) {
        self.0.borrow_mut().now += nanos;
    }

    /// The time.
    pub(in super::super) fn time(&self) -> u64 {
        self.now().expect("a clock that never fails")
    }

    /// Gives the host a socket that is always writable.
    pub(in super::super) fn set_always_writable(&self, fd: Fd) {
        self.0.borrow_mut().always_writable = Some(fd);
    }

    /// Gives a socket an error.
    pub(in super::super) fn set_error(&self, fd: Fd, number: NonZeroI32) {
        self.0.borrow_mut().errors.insert(fd, number);
    }
}

impl Host for Scripted {
    fn now(&self) -> io::Result<u64> {
        let mut script = self.0.borrow_mut();
        script.now += 1_000;
        Ok(script.now)
    }

    fn poll_oneoff(
        &self,
        subscriptions: &[Subscription],
        events: &mut Vec<Event>,
    ) -> io::Result<()> {
        let script = &mut *self.0.borrow_mut();
        events.clear();
        let answer = (script.on_poll)(subscriptions, &mut script.now);
        bounds::count(answer.len(), subscriptions.len())?;
        events.extend(answer);
        Ok(())
    }

    fn peek(&self, fd: Fd) -> Result<usize, Errno> {
        let script = &mut *self.0.borrow_mut();
        match &mut script.on_peek {
            Some(on_peek) => on_peek(fd, &mut script.now),
            None => Err(wasi::ERRNO_AGAIN),
        }
    }

    fn yield_now(&self) {}

    fn has_peer(&self, _: Fd) -> Option<bool> {
        self.0.borrow().on_peek.as_ref().map(|_| true)
    }

    fn always_writable(&self) -> Option<Fd> {
        self.0.borrow().always_writable
    }

    fn take_error(&self, fd: Fd) -> Option<NonZeroI32> {
        self.0.borrow_mut().errors.remove(&fd)
    }
}
