//! All connections, and the loop that drives them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::choices::Choices;
use crate::client::{Client, Next};
use crate::figures::queues;
use crate::misbehaving::MisbehavingClient;
use crate::totals::{Totals, MISBEHAVIOURS};
use crate::Server;

/// Longest time without progress of a well-behaved client.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// How often progress is checked.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// Most failures that are printed.
const MAX_PRINTED: usize = 10;

/// Options of all clients.
pub struct Options {
    pub connections: usize,
    pub exchanges: usize,
    pub pause: Duration,
    pub bad: usize,
    pub seed: u64,
}

impl Default for Options {
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

/// The connection of a slot.
enum Connection {
    None,
    Client(Box<Client>),
    Misbehaving(Box<MisbehavingClient>),
}

/// A slot for one connection at a time.
struct Slot {
    connection: Connection,
    /// Number of its last timer: earlier ones are stale.
    number: u64,
}

/// All slots, some for each server.
pub struct Clients {
    poll: Poll,
    servers: Vec<Server>,
    options: Options,
    choices: Choices<'static>,
    slots: Vec<Slot>,
    /// When a slot continues without an event.
    timers: BinaryHeap<Reverse<(Instant, usize, u64)>>,
    open: usize,
    closing: bool,
    buffer: Vec<u8>,
    pub totals: Totals,
}

impl Clients {
    pub fn new(servers: &[Server], options: Options) -> io::Result<Self> {
        let count = servers.len() * options.connections;
        let slot = |_| Slot {
            connection: Connection::None,
            number: 0,
        };
        Ok(Self {
            poll: Poll::new()?,
            servers: servers.to_vec(),
            choices: Choices::Seed(options.seed),
            options,
            slots: (0..count).map(slot).collect(),
            timers: BinaryHeap::new(),
            open: 0,
            closing: false,
            buffer: vec![0; 64 * 1024],
            totals: Totals::default(),
        })
    }

    /// Opens and closes connections for this time, and then closes all.
    pub fn run(&mut self, length: Duration) -> io::Result<()> {
        let end = Instant::now() + length;
        self.closing = false;
        self.timers.clear();
        for at in 0..self.slots.len() {
            // Not all at the same time.
            let pause = self.choices.below(1000) as u64;
            self.schedule(at, Duration::from_millis(pause));
        }
        let mut events = Events::with_capacity(512);
        let mut next_check = Instant::now() + CHECK_INTERVAL;
        while !self.closing || self.open > 0 {
            let now = Instant::now();
            if now >= end && !self.closing {
                self.close();
            }
            if now >= next_check {
                next_check = now + CHECK_INTERVAL;
                self.check_progress(now);
            }
            let due = self
                .timers
                .peek()
                .map_or(next_check, |Reverse((at, ..))| *at);
            let wait = due
                .min(next_check)
                .saturating_duration_since(Instant::now());
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

    /// No connection is opened any more, and the open ones end soon.
    fn close(&mut self) {
        self.closing = true;
        for slot in &mut self.slots {
            if let Connection::Client(client) = &mut slot.connection {
                client.left = client.left.min(2);
            }
        }
    }

    /// A connection without progress for too long has failed.
    fn check_progress(&mut self, now: Instant) {
        for at in 0..self.slots.len() {
            let Connection::Client(client) = &self.slots[at].connection else {
                continue;
            };
            if now.duration_since(client.progress) > MAX_WAIT + self.options.pause {
                let port = client
                    .stream
                    .local_addr()
                    .map_or(0, |address| address.port());
                let what = format!("no progress: {}, {}", client.state(), queues(port));
                self.fail(at, &what);
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
            if number != self.slots[at].number {
                continue;
            }
            match self.slots[at].connection {
                Connection::None if self.closing => {}
                Connection::None => self.open(at)?,
                _ => self.proceed(at),
            }
        }
        Ok(())
    }

    /// Opens a connection.
    fn open(&mut self, at: usize) -> io::Result<()> {
        let server = self.servers[at % self.servers.len()];
        let seed = (self.choices.below(1 << 32) as u64) << 32 | self.choices.below(1 << 32) as u64;
        let (exchanges, pause) = (self.options.exchanges, self.options.pause);
        let mut connection = if self.choices.below(100) < self.options.bad {
            let misbehaviour = self.choices.pick(&MISBEHAVIOURS);
            let client =
                MisbehavingClient::new(server.address, server.protocol, seed, misbehaviour, pause)?;
            Connection::Misbehaving(Box::new(client))
        } else {
            let client = Client::new(server.address, server.protocol, seed, exchanges, pause)?;
            Connection::Client(Box::new(client))
        };
        let interests = Interest::READABLE | Interest::WRITABLE;
        let registry = self.poll.registry();
        if let Some(stream) = connection.stream() {
            registry.register(stream, Token(at), interests)?;
        }
        self.slots[at].connection = connection;
        self.open += 1;
        self.totals.most = self.totals.most.max(self.open);
        Ok(())
    }

    /// Continues a connection.
    fn proceed(&mut self, at: usize) {
        let slot = &mut self.slots[at];
        let (buffer, totals) = (&mut self.buffer, &mut self.totals);
        let next = match &mut slot.connection {
            Connection::None => return,
            Connection::Client(client) => client.proceed(totals, buffer),
            Connection::Misbehaving(client) => client.proceed(buffer),
        };
        match next {
            Ok(Next::Event) => {}
            Ok(Next::Pause(length)) => {
                // Replaces the timer before.
                slot.number += 1;
                let timer = (Instant::now() + length, at, slot.number);
                self.timers.push(Reverse(timer));
            }
            Ok(Next::Over) => {
                if let Connection::Misbehaving(client) = &slot.connection {
                    totals.has_misbehaved(client.misbehaviour);
                }
                self.close_slot(at);
            }
            Err(what) => self.fail(at, &what),
        }
    }

    /// Counts and closes a connection that has failed.
    fn fail(&mut self, at: usize, what: &str) {
        self.totals.failed += 1;
        if self.totals.failed <= MAX_PRINTED {
            let server = self.servers[at % self.servers.len()];
            eprintln!("{:?}, slot {at}: {what}", server.protocol);
        }
        self.close_slot(at);
    }

    /// Closes a connection.
    fn close_slot(&mut self, at: usize) {
        self.slots[at].connection = Connection::None;
        self.open -= 1;
        let pause = self.choices.below(500) as u64;
        self.schedule(at, Duration::from_millis(pause));
    }

    /// Opens the next connection of a slot after this time.
    fn schedule(&mut self, at: usize, length: Duration) {
        self.slots[at].number += 1;
        let timer = (Instant::now() + length, at, self.slots[at].number);
        self.timers.push(Reverse(timer));
    }
}

impl Connection {
    fn stream(&mut self) -> Option<&mut TcpStream> {
        match self {
            Self::None => None,
            Self::Client(client) => Some(&mut client.stream),
            Self::Misbehaving(client) => Some(&mut client.stream),
        }
    }
}
