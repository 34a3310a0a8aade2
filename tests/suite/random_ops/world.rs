//! The sockets of one run, and the operations on them.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;

use mio::net::{TcpListener, UdpSocket};
use mio::{Events, Interest, Poll, Token, Waker};

use super::choices::Choices;
use super::handle::Handle;
use super::model::{Kind, Model};
use crate::support::local;

/// Most sockets at a time.
pub(super) const SOCKETS: usize = 16;
/// Most bytes of one read or write.
pub(super) const MAX_LENGTH: usize = 64 * 1024;
/// Length of the pattern that is sent, in bytes.
pub(super) const PERIOD: usize = 251;
/// How many operations a failure prints.
const LAST: usize = 80;
/// The token of the waker.
pub(super) const WAKER: Token = Token(usize::MAX);

/// One socket. A client that has not been accepted has a peer without a handle.
pub(super) struct End {
    pub(super) handle: Option<Handle>,
    pub(super) model: Model,
    /// Index of its peer.
    pub(super) peer: usize,
    /// The address of the peer, once that is closed.
    pub(super) closed_peer: Option<SocketAddr>,
}

impl End {
    /// A new one, whose peer has or will have the index `peer`.
    pub(super) fn new(handle: Option<Handle>, kind: Kind, peer: usize) -> Box<Self> {
        Box::new(Self {
            handle,
            model: Model::new(kind),
            peer,
            closed_peer: None,
        })
    }
}

/// The state of one run.
pub(crate) struct World<'a> {
    pub(crate) choices: Choices<'a>,
    /// Name of the run, for messages.
    name: String,
    /// The last operations, each with its step.
    last: VecDeque<(usize, &'static str, usize, usize)>,
    pub(crate) step: usize,
    /// Print each operation.
    is_traced: bool,
    pub(super) poll: Poll,
    /// Buffers of different capacities.
    pub(super) buffers: Vec<Events>,
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
    /// An address that no other test uses, with any free port.
    pub(super) elsewhere: SocketAddr,
    /// The system has no Unix sockets, or doesn't permit them.
    pub(super) lacks_unix: bool,
    /// Numbers of polls, of those that a signal has interrupted, and of events.
    pub(crate) polls: usize,
    pub(crate) interruptions: usize,
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
            last: VecDeque::with_capacity(LAST),
            step: 0,
            is_traced: std::env::var_os("MIO_RANDOM_TRACE").is_some(),
            poll,
            buffers: [1, 2, 3, 64].map(Events::with_capacity).into(),
            waker,
            wakes: 0,
            listener: TcpListener::bind(local()).unwrap(),
            at_listener: Model::new(Kind::Tcp),
            ends: (0..SOCKETS).map(|_| None).collect(),
            next_token: 0,
            idle: Vec::new(),
            pattern: (0..PERIOD + MAX_LENGTH)
                .map(|at| (at % PERIOD) as u8)
                .collect(),
            buffer: vec![0; MAX_LENGTH],
            elsewhere: elsewhere(),
            lacks_unix: false,
            polls: 0,
            interruptions: 0,
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
        for (step, what, index, number) in &self.last {
            println!("{step}: {what} {index} {number}");
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
        if self.last.len() == LAST {
            self.last.pop_front();
        }
        self.last.push_back((self.step, what, index, number));
        if self.is_traced {
            println!("{}: {what} {index} {number}", self.step);
        }
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
        let peer = self.ends[end.peer].as_mut()?;
        peer.model.unasked = 0;
        Some(&mut peer.model)
    }

    /// Bytes that an end has sent and its peer has not read.
    pub(super) fn in_transit(&mut self, end: &End) -> usize {
        self.peer(end).map_or(0, |peer| peer.waiting)
    }

    /// A random end that has a handle, taken out of its place, to be put back.
    pub(super) fn take(&mut self) -> Option<(usize, Box<End>)> {
        let index = self.choices.below(SOCKETS);
        self.take_at(index)
    }

    /// The same for the end in this place.
    pub(super) fn take_at(&mut self, index: usize) -> Option<(usize, Box<End>)> {
        let mut end = self.ends[index].take()?;
        if end.handle.is_none() {
            self.ends[index] = Some(end);
            return None;
        }
        end.model.unasked = 0;
        Some((index, end))
    }

    /// Does something with the end in this place.
    pub(super) fn at(&mut self, index: usize, mut act: impl FnMut(&mut Self, usize, &mut End)) {
        if let Some((index, mut end)) = self.take_at(index) {
            act(self, index, &mut end);
            self.ends[index] = Some(end);
        }
    }

    /// A random place whose end is of a certain state.
    pub(super) fn find(&mut self, is_wanted: impl Fn(&End) -> bool) -> Option<usize> {
        let start = self.choices.below(SOCKETS);
        let mut places = (start..SOCKETS).chain(0..start);
        places.find(|index| {
            let end = self.ends[*index].as_deref();
            end.is_some_and(|end| end.handle.is_some() && is_wanted(end))
        })
    }

    /// Two free places.
    pub(super) fn places(&self) -> Option<(usize, usize)> {
        let mut free = (0..SOCKETS).filter(|index| self.ends[*index].is_none());
        Some((free.next()?, free.next()?))
    }
}

/// An address that no other test uses: some send to ports that they expect to be free.
fn elsewhere() -> SocketAddr {
    let address: SocketAddr = "127.0.0.3:0".parse().expect("an address");
    // Some systems have one loopback address only, and Wine delivers nothing to another one.
    match UdpSocket::bind(address) {
        Ok(_) if !cfg!(windows) => address,
        _ => local(),
    }
}
