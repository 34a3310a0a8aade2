//! The sockets of one run, and the operations on them.

use std::fmt::Debug;
use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use mio::event::Source;
use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::{Events, Interest, Poll, Token, Waker};

use super::choices::Choices;
use super::model::Model;
use crate::support::{local, KQUEUE};

/// Most sockets at a time.
pub(super) const SOCKETS: usize = 16;
/// Most bytes of one read or write.
pub(super) const MAX_LENGTH: usize = 64 * 1024;
/// Length of the pattern that is sent, in bytes.
pub(super) const PERIOD: usize = 251;
/// How long a pending event may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// The token of the waker.
const WAKER: Token = Token(usize::MAX);

/// One socket. A client that has not been accepted has a peer without a handle.
pub(super) struct End {
    pub(super) handle: Option<Handle>,
    pub(super) model: Model,
    /// Index of its peer.
    pub(super) peer: usize,
}

impl End {
    /// A new one, whose peer has or will have the index `peer`.
    pub(super) fn new(handle: Option<Handle>, udp: bool, peer: usize) -> Box<Self> {
        Box::new(Self {
            handle,
            model: Model::new(udp),
            peer,
        })
    }
}

/// The socket of an end.
pub(super) enum Handle {
    Tcp(TcpStream),
    Udp(UdpSocket),
}

impl Handle {
    /// The source that is registered.
    pub(super) fn source(&mut self) -> &mut dyn Source {
        match self {
            Self::Tcp(stream) => stream,
            Self::Udp(socket) => socket,
        }
    }
}

/// The state of one run.
pub(crate) struct World<'a> {
    pub(crate) choices: Choices<'a>,
    /// Name of the run, for messages.
    name: String,
    /// The last operations, as a ring buffer.
    last: [(&'static str, usize, usize); 48],
    pub(crate) step: usize,
    pub(super) poll: Poll,
    /// Buffers of different capacities.
    buffers: Vec<Events>,
    pub(super) waker: Waker,
    /// Wakes since its last event.
    pub(super) wakes: usize,
    pub(super) listener: TcpListener,
    /// Its waiting connections count as bytes.
    pub(super) at_listener: Model,
    pub(super) ends: Vec<Option<Box<End>>>,
    /// No token is used twice, so that stale events are detected.
    next_token: usize,
    /// Registered, and never ready.
    idle: Vec<UdpSocket>,
    /// The data that is sent, from any offset within its period.
    pub(super) pattern: Vec<u8>,
    pub(super) buffer: Vec<u8>,
    /// Numbers of polls and of events.
    pub(crate) polls: usize,
    pub(crate) events: usize,
}

impl<'a> World<'a> {
    /// A listener and a waker.
    pub(crate) fn new(choices: Choices<'a>, name: String) -> Self {
        let poll = Poll::new().unwrap();
        let waker = Waker::new(poll.registry(), WAKER).unwrap();
        let mut world = World {
            choices,
            name,
            last: [("", 0, 0); 48],
            step: 0,
            poll,
            buffers: [1, 2, 3, 64].map(Events::with_capacity).into(),
            waker,
            wakes: 0,
            listener: TcpListener::bind(local()).unwrap(),
            at_listener: Model::new(false),
            ends: (0..SOCKETS).map(|_| None).collect(),
            next_token: 0,
            idle: Vec::new(),
            pattern: (0..PERIOD + MAX_LENGTH)
                .map(|at| (at % PERIOD) as u8)
                .collect(),
            buffer: vec![0; MAX_LENGTH],
            polls: 0,
            events: 0,
        };
        let token = world.token();
        let registry = world.poll.registry();
        let registered = registry.register(&mut world.listener, token, Interest::READABLE);
        world.ok("registering the listener", registered);
        world.at_listener.register(token, Interest::READABLE, 0);
        world
    }

    /// Adds sockets that never become ready: backends may poll differently with many of
    /// them. They have another address than the sockets of other tests, which send to
    /// ports that they expect to be free.
    pub(crate) fn add_idle(&mut self, count: usize) {
        for _ in 0..count {
            let bound = UdpSocket::bind("127.0.0.2:0".parse().unwrap());
            // Some systems have one loopback address only.
            let mut socket = self.ok("bind", bound.or_else(|_| UdpSocket::bind(local())));
            let token = self.token();
            let registry = self.poll.registry();
            let registered = registry.register(&mut socket, token, Interest::READABLE);
            self.ok("registering an idle socket", registered);
            self.idle.push(socket);
        }
    }

    /// Ends the run.
    #[track_caller]
    pub(super) fn fail(&self, what: impl Debug) -> ! {
        println!("{} fails in step {}: {what:?}", self.name, self.step);
        println!("listener: {:?}", self.at_listener);
        for (index, end) in self.ends.iter().enumerate() {
            if let Some(end) = end {
                println!("socket {index}, peer {}: {:?}", end.peer, end.model);
            }
        }
        let turn = self.step % self.last.len();
        let (newer, older) = self.last.split_at(turn);
        for (what, index, number) in older.iter().chain(newer) {
            println!("{what} {index} {number}");
        }
        panic!("{} fails in step {}: {what:?}", self.name, self.step);
    }

    /// The value of a call that must not fail.
    #[track_caller]
    pub(super) fn ok<R>(&self, what: &'static str, result: io::Result<R>) -> R {
        result.unwrap_or_else(|error| self.fail((what, error)))
    }

    /// Records an operation.
    pub(super) fn note(&mut self, what: &'static str, index: usize, number: usize) {
        let turn = self.step % self.last.len();
        self.last[turn] = (what, index, number);
    }

    pub(super) fn token(&mut self) -> Token {
        self.next_token += 1;
        Token(self.next_token)
    }

    pub(super) fn interests(&mut self) -> Interest {
        let both = Interest::READABLE | Interest::WRITABLE;
        self.choices
            .pick(&[Interest::READABLE, Interest::WRITABLE, both, both])
    }

    /// The model of an end's peer, unless that is closed.
    pub(super) fn peer(&mut self, end: &End) -> Option<&mut Model> {
        if end.model.peer_closed {
            return None;
        }
        self.ends[end.peer].as_mut().map(|peer| &mut peer.model)
    }

    /// Bytes that an end has sent and its peer has not read.
    pub(super) fn in_transit(&mut self, end: &End) -> usize {
        self.peer(end).map_or(0, |peer| peer.waiting)
    }

    /// A random end that has a handle, taken out of its place, to be put back.
    pub(super) fn take(&mut self) -> Option<(usize, Box<End>)> {
        let index = self.choices.below(SOCKETS);
        let end = self.ends[index].take()?;
        if end.handle.is_none() {
            self.ends[index] = Some(end);
            return None;
        }
        Some((index, end))
    }

    /// Two free places.
    pub(super) fn places(&self) -> Option<(usize, usize)> {
        let mut free = (0..SOCKETS).filter(|index| self.ends[*index].is_none());
        Some((free.next()?, free.next()?))
    }

    /// One poll, and the check of what it reports.
    pub(crate) fn poll(&mut self, timeout: Duration) {
        let at = self.choices.below(self.buffers.len());
        let mut events = self.buffers.swap_remove(at);
        self.note("poll", events.capacity(), timeout.as_millis() as usize);
        match self.poll.poll(&mut events, Some(timeout)) {
            Err(error) if error.kind() != ErrorKind::Interrupted => self.fail(("poll", error)),
            _ => {}
        }
        let count = events.iter().count();
        if count > events.capacity() {
            self.fail("more events than the capacity");
        }
        self.polls += 1;
        self.events += count;
        for (nth, event) in events.iter().enumerate() {
            let token = event.token();
            let is_repeated = |other: &mio::event::Event| {
                let is_same = !KQUEUE || other.is_readable() == event.is_readable();
                other.token() == token && is_same
            };
            if events.iter().take(nth).any(is_repeated) {
                self.fail((event, "the second event of its token"));
            }
            self.report(event);
        }
        self.buffers.push(events);
    }

    /// Checks one event.
    fn report(&mut self, event: &mio::event::Event) {
        if event.token() == WAKER {
            if self.wakes == 0 || !event.is_readable() {
                self.fail((event, "a wake-up that was not made"));
            }
            self.wakes = 0;
            return;
        }
        let ends = self.ends.iter_mut().flatten().map(|end| &mut end.model);
        let whose = ends.chain([&mut self.at_listener]).find(|model| {
            model
                .registered
                .is_some_and(|(token, _)| token == event.token())
        });
        let verdict = match whose {
            Some(model) => model.report(event),
            None => Err("no source is registered with this token"),
        };
        if let Err(what) = verdict {
            self.fail((event, what));
        }
    }

    /// Polls until all pending events were reported.
    pub(crate) fn poll_until_reported(&mut self) {
        let start = Instant::now();
        while self.wakes > 0
            || self.at_listener.is_pending()
            || self.ends.iter().flatten().any(|end| end.model.is_pending())
        {
            match DEADLINE.checked_sub(start.elapsed()) {
                Some(left) => self.poll(left),
                None => self.fail("an event was lost"),
            }
        }
    }
}
