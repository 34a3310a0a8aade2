//! All connections, and the loop that drives them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::choices::Choices;
use crate::figures::queues;
use crate::nuisance::Nuisance;
use crate::totals::{Totals, MISDEEDS};
use crate::visit::{Next, Visit};
use crate::Server;

/// How long a visit that behaves may wait for its server.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often this is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How many failures are told in words.
const TOLD: usize = 10;

/// What the visitors are like.
pub struct Habits {
    pub connections: usize,
    pub exchanges: usize,
    pub pause: Duration,
    pub bad: usize,
    pub seed: u64,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            connections: 1000,
            exchanges: 40,
            pause: Duration::from_millis(2000),
            bad: 5,
            seed: 1,
        }
    }
}

/// Who has a place now.
enum Guest {
    Nobody,
    Visit(Box<Visit>),
    Nuisance(Box<Nuisance>),
}

/// A place for one connection at a time.
struct Place {
    guest: Guest,
    /// Of its last timer: earlier ones are void.
    number: u64,
}

/// All places, some for each server.
pub struct Visitors {
    poll: Poll,
    servers: Vec<Server>,
    habits: Habits,
    choices: Choices<'static>,
    places: Vec<Place>,
    /// When a place wants to go on, whatever its socket says.
    timers: BinaryHeap<Reverse<(Instant, usize, u64)>>,
    guests: usize,
    closing: bool,
    room: Vec<u8>,
    pub totals: Totals,
}

impl Visitors {
    pub fn new(servers: &[Server], habits: Habits) -> io::Result<Self> {
        let count = servers.len() * habits.connections;
        let place = |_| Place {
            guest: Guest::Nobody,
            number: 0,
        };
        Ok(Self {
            poll: Poll::new()?,
            servers: servers.to_vec(),
            choices: Choices::Seed(habits.seed),
            habits,
            places: (0..count).map(place).collect(),
            timers: BinaryHeap::new(),
            guests: 0,
            closing: false,
            room: vec![0; 64 * 1024],
            totals: Totals::default(),
        })
    }

    /// Lets them come and go for a while, and then only go.
    pub fn run(&mut self, length: Duration) -> io::Result<()> {
        let end = Instant::now() + length;
        self.closing = false;
        self.timers.clear();
        for at in 0..self.places.len() {
            // Not all in one moment.
            let pause = self.choices.below(1000) as u64;
            self.rest(at, Duration::from_millis(pause));
        }
        let mut events = Events::with_capacity(512);
        let mut look = Instant::now() + LOOK;
        while !self.closing || self.guests > 0 {
            let now = Instant::now();
            if now >= end && !self.closing {
                self.close();
            }
            if now >= look {
                look = now + LOOK;
                self.look(now);
            }
            let due = self.timers.peek().map_or(look, |Reverse((at, ..))| *at);
            let wait = due.min(look).saturating_duration_since(Instant::now());
            match self.poll.poll(&mut events, Some(wait)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                result => result?,
            }
            for event in &events {
                self.proceed(event.token().0);
            }
            self.expire()?;
        }
        Ok(())
    }

    /// Nobody comes any more, and who is there ends soon.
    fn close(&mut self) {
        self.closing = true;
        for place in &mut self.places {
            if let Guest::Visit(visit) = &mut place.guest {
                visit.left = visit.left.min(2);
            }
        }
    }

    /// Whoever has waited for too long has lost something.
    fn look(&mut self, now: Instant) {
        for at in 0..self.places.len() {
            let Guest::Visit(visit) = &self.places[at].guest else {
                continue;
            };
            if now.duration_since(visit.progress) > PATIENCE + self.habits.pause {
                let port = visit
                    .stream
                    .local_addr()
                    .map_or(0, |address| address.port());
                let what = format!("nothing happens: {}, {}", visit.state(), queues(port));
                self.lose(at, &what);
            }
        }
    }

    /// Serves the timers that have expired.
    fn expire(&mut self) -> io::Result<()> {
        while let Some(Reverse((time, at, number))) = self.timers.peek().copied() {
            if time > Instant::now() {
                break;
            }
            self.timers.pop();
            if number != self.places[at].number {
                continue;
            }
            match self.places[at].guest {
                Guest::Nobody if self.closing => {}
                Guest::Nobody => self.open(at)?,
                _ => self.proceed(at),
            }
        }
        Ok(())
    }

    /// Opens a connection.
    fn open(&mut self, at: usize) -> io::Result<()> {
        let server = self.servers[at % self.servers.len()];
        let seed = (self.choices.below(1 << 32) as u64) << 32 | self.choices.below(1 << 32) as u64;
        let (exchanges, pause) = (self.habits.exchanges, self.habits.pause);
        let mut guest = if self.choices.below(100) < self.habits.bad {
            let misdeed = self.choices.pick(&MISDEEDS);
            let nuisance = Nuisance::new(server.address, server.protocol, seed, misdeed, pause)?;
            Guest::Nuisance(Box::new(nuisance))
        } else {
            let visit = Visit::new(server.address, server.protocol, seed, exchanges, pause)?;
            Guest::Visit(Box::new(visit))
        };
        let interests = Interest::READABLE | Interest::WRITABLE;
        let registry = self.poll.registry();
        if let Some(stream) = guest.stream() {
            registry.register(stream, Token(at), interests)?;
        }
        self.places[at].guest = guest;
        self.guests += 1;
        self.totals.most = self.totals.most.max(self.guests);
        Ok(())
    }

    /// Lets a connection go on.
    fn proceed(&mut self, at: usize) {
        let place = &mut self.places[at];
        let (room, totals) = (&mut self.room, &mut self.totals);
        let next = match &mut place.guest {
            Guest::Nobody => return,
            Guest::Visit(visit) => visit.proceed(totals, room),
            Guest::Nuisance(nuisance) => nuisance.proceed(room),
        };
        match next {
            Ok(Next::Event) => {}
            Ok(Next::Pause(length)) => {
                // The last one counts.
                place.number += 1;
                let timer = (Instant::now() + length, at, place.number);
                self.timers.push(Reverse(timer));
            }
            Ok(Next::Over) => {
                if let Guest::Nuisance(nuisance) = &place.guest {
                    totals.has_misbehaved(nuisance.misdeed);
                }
                self.leave(at);
            }
            Err(what) => self.lose(at, &what),
        }
    }

    /// A visit that went wrong.
    fn lose(&mut self, at: usize, what: &str) {
        self.totals.lost += 1;
        if self.totals.lost <= TOLD {
            let server = self.servers[at % self.servers.len()];
            eprintln!("{:?}, place {at}: {what}", server.protocol);
        }
        self.leave(at);
    }

    /// Closes a connection.
    fn leave(&mut self, at: usize) {
        self.places[at].guest = Guest::Nobody;
        self.guests -= 1;
        let pause = self.choices.below(500) as u64;
        self.rest(at, Duration::from_millis(pause));
    }

    /// The next visitor of a place comes in a while.
    fn rest(&mut self, at: usize, length: Duration) {
        self.places[at].number += 1;
        let timer = (Instant::now() + length, at, self.places[at].number);
        self.timers.push(Reverse(timer));
    }
}

impl Guest {
    fn stream(&mut self) -> Option<&mut TcpStream> {
        match self {
            Self::Nobody => None,
            Self::Visit(visit) => Some(&mut visit.stream),
            Self::Nuisance(nuisance) => Some(&mut nuisance.stream),
        }
    }
}
