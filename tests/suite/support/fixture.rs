//! A poll that records its events, and waits with a deadline.

use std::io;
use std::time::{Duration, Instant};

use mio::event::{Event, Source};
use mio::{Events, Interest, Poll, Token, Waker};

/// How long a test waits for an event.
const DEADLINE: Duration = Duration::from_secs(5);

/// The token of the waker that proves silence.
const FENCE: Token = Token(usize::MAX - 1);

/// The flags of one or more events of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ready {
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    pub(crate) error: bool,
    pub(crate) read_closed: bool,
    pub(crate) write_closed: bool,
    pub(crate) priority: bool,
}

impl Ready {
    /// Adds the flags of an event.
    fn add(&mut self, event: &Event) {
        self.readable |= event.is_readable();
        self.writable |= event.is_writable();
        self.error |= event.is_error();
        self.read_closed |= event.is_read_closed();
        self.write_closed |= event.is_write_closed();
        self.priority |= event.is_priority();
    }
}

/// A poll, its buffer, and the events that no test has consumed yet.
pub(crate) struct Fixture {
    pub(crate) poll: Poll,
    pub(crate) events: Events,
    /// Events by token, merged.
    seen: Vec<(Token, Ready)>,
    /// Created when silence is proved for the first time.
    fence: Option<Waker>,
}

impl Fixture {
    /// A poll without registrations.
    pub(crate) fn new() -> Self {
        // Fails when a logger is installed already, which is fine.
        let _ = env_logger::try_init();
        Self {
            poll: Poll::new().expect("a poll"),
            events: Events::with_capacity(64),
            seen: Vec::new(),
            fence: None,
        }
    }

    /// Registers a source.
    #[track_caller]
    pub(crate) fn register(
        &self,
        source: &mut (impl Source + ?Sized),
        token: Token,
        interests: Interest,
    ) {
        self.poll
            .registry()
            .register(source, token, interests)
            .expect("registering a source");
    }

    /// Polls once and records the events.
    #[track_caller]
    pub(crate) fn poll_for(&mut self, timeout: Duration) {
        match self.poll.poll(&mut self.events, Some(timeout)) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return,
            Err(error) => panic!("poll failed: {error}"),
        }
        for event in &self.events {
            let token = event.token();
            match self.seen.iter_mut().find(|(other, _)| *other == token) {
                Some((_, ready)) => ready.add(event),
                None => {
                    let mut ready = Ready::default();
                    ready.add(event);
                    self.seen.push((token, ready));
                }
            }
        }
    }

    /// Calls `step` until it returns something, polling in between.
    #[track_caller]
    pub(crate) fn until<R>(
        &mut self,
        what: &str,
        mut step: impl FnMut(&mut Self) -> Option<R>,
    ) -> R {
        let start = Instant::now();
        loop {
            if let Some(result) = step(self) {
                return result;
            }
            let left = DEADLINE.checked_sub(start.elapsed());
            let left = left.unwrap_or_else(|| {
                panic!("waited too long for {what}; other events: {:?}", self.seen)
            });
            self.poll_for(left.min(Duration::from_millis(250)));
        }
    }

    /// Waits until the events of a token together fulfil a condition, and
    /// consumes them.
    #[track_caller]
    pub(crate) fn expect(
        &mut self,
        token: Token,
        what: &str,
        mut enough: impl FnMut(Ready) -> bool,
    ) -> Ready {
        self.until(&format!("{token:?} to be {what}"), |fixture| {
            let at = fixture
                .seen
                .iter()
                .position(|(other, ready)| *other == token && enough(*ready))?;
            Some(fixture.seen.swap_remove(at).1)
        })
    }

    /// Waits for a readable event.
    #[track_caller]
    pub(crate) fn expect_readable(&mut self, token: Token) -> Ready {
        self.expect(token, "readable", |ready| ready.readable)
    }

    /// Waits for a writable event.
    #[track_caller]
    pub(crate) fn expect_writable(&mut self, token: Token) -> Ready {
        self.expect(token, "writable", |ready| ready.writable)
    }

    /// Discards the events recorded so far.
    pub(crate) fn forget(&mut self) {
        self.seen.clear();
    }

    /// Proves that a token has no event now: a wake-up made now is reported, and no
    /// event of the token with it or before.
    #[track_caller]
    pub(crate) fn expect_silence(&mut self, token: Token) {
        if self.fence.is_none() {
            self.fence = Some(Waker::new(self.poll.registry(), FENCE).expect("a waker"));
        }
        // Twice: an event of the first poll may have hidden another.
        for _ in 0..2 {
            self.fence.as_ref().unwrap().wake().expect("a wake-up");
            self.expect_readable(FENCE);
        }
        if let Some((_, ready)) = self.seen.iter().find(|(other, _)| *other == token) {
            panic!("{token:?} should be silent, but has {ready:?}");
        }
    }
}
