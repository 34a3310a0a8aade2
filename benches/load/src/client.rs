//! Many connections to one server, some of them busy: each busy one sends its
//! next request as soon as the response is complete.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

/// Longest time without a response before the measurement fails.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// How many connections are opened at a time; fewer than a listener's backlog.
const AT_ONCE: usize = 100;

/// Duration of a busy run before it is measured.
const SETUP_TIME: Duration = Duration::from_millis(300);

/// A request, and the length of its response.
pub struct Exchange {
    pub request: Vec<u8>,
    pub answer: usize,
}

/// When a run ends.
#[derive(Clone, Copy)]
pub enum Until {
    Passed(Duration),
    Answered(usize),
}

/// The connection of a cold request.
#[derive(Clone, Copy, PartialEq)]
pub enum ColdKind {
    /// One of the idle ones, each in its turn.
    Idle,
    /// A new one, which is closed after the response.
    New,
}

/// The requests beside those of the busy connections.
#[derive(Clone, Copy)]
pub struct Cold {
    pub kind: ColdKind,
    /// How many a second, whether the last one has had its response or not.
    pub rate: f64,
}

/// When a cold request is due, on which connection.
struct Schedule {
    cold: Cold,
    next: Instant,
    /// The connection of the last one.
    index: usize,
    /// The state of the pauses' random numbers.
    random: u64,
}

/// What a run has measured.
pub struct Outcome {
    /// Responses per second of the busy connections.
    pub rate: f64,
    /// Time of each of them in microseconds, ascending.
    pub busy: Vec<f64>,
    /// The same of the cold requests in between. That of a new connection begins with connect.
    pub cold: Vec<f64>,
}

/// A connection and the response it waits for.
struct Connection {
    /// `None` when it was a new one and had its response.
    stream: Option<TcpStream>,
    /// When the request was sent; `None` without a pending request.
    sent_at: Option<Instant>,
    /// Received bytes of the response.
    received: usize,
}

/// All connections of this process.
pub struct Clients {
    poll: Poll,
    events: Events,
    server: SocketAddr,
    exchange: Exchange,
    connections: Vec<Connection>,
    /// The connections whose responses the last `wait` has completed, and when the requests were sent.
    completed: Vec<(usize, Instant)>,
    buffer: Vec<u8>,
}

impl Clients {
    /// No connection yet.
    pub fn new(server: SocketAddr, exchange: Exchange) -> io::Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(1024),
            server,
            exchange,
            connections: Vec::new(),
            completed: Vec::new(),
            buffer: vec![0; 64 * 1024],
        })
    }

    /// Opens connections until there are `count`. Each has had one response then, so
    /// the server has registered it.
    pub fn open(&mut self, count: usize) -> io::Result<()> {
        while self.connections.len() < count {
            let first = self.connections.len();
            for _ in first..count.min(first + AT_ONCE) {
                self.open_one()?;
            }
            let mut missing = self.connections.len() - first;
            while missing > 0 {
                self.wait(MAX_WAIT)?;
                missing -= self.completed.len();
            }
        }
        Ok(())
    }

    /// Opens one connection and sends its first request.
    fn open_one(&mut self) -> io::Result<()> {
        let started = Instant::now();
        let index = self.connections.len();
        // Blocking until it is established: requests need no waiting then.
        let stream = std::net::TcpStream::connect(self.server)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        let registry = self.poll.registry();
        registry.register(&mut stream, Token(index), Interest::READABLE)?;
        self.connections.push(Connection {
            stream: Some(stream),
            sent_at: None,
            received: 0,
        });
        self.send(index)?;
        self.connections[index].sent_at = Some(started);
        Ok(())
    }

    /// Keeps the first `busy` connections busy, and sends cold requests in between.
    pub fn run(&mut self, busy: usize, until: Until, cold: Option<Cold>) -> io::Result<Outcome> {
        let mut outcome = Outcome {
            rate: 0.0,
            busy: Vec::new(),
            cold: Vec::new(),
        };
        let setup = match until {
            Until::Passed(_) => SETUP_TIME,
            Until::Answered(_) => Duration::ZERO,
        };
        let started = Instant::now() + setup;
        let open = self.connections.len();
        let mut schedule = cold.map(|cold| Schedule::new(cold, started, busy));
        let mut answers = 0;
        for index in 0..busy {
            self.send(index)?;
        }
        loop {
            let wait = schedule.as_ref().map_or(MAX_WAIT, |schedule| {
                schedule.next.saturating_duration_since(Instant::now())
            });
            self.wait(wait)?;
            let now = Instant::now();
            let over = match until {
                Until::Passed(length) => now >= started + length,
                Until::Answered(count) => answers >= count,
            };
            if over {
                break;
            }
            for at in 0..self.completed.len() {
                let (index, sent_at) = self.completed[at];
                let micros = now.duration_since(sent_at).as_nanos() as f64 / 1000.0;
                if index >= busy {
                    outcome.cold.push(micros);
                    if index >= open {
                        self.connections[index].stream = None;
                    }
                    continue;
                }
                if now >= started {
                    answers += 1;
                    outcome.busy.push(micros);
                }
                self.send(index)?;
            }
            if let Some(schedule) = schedule.as_mut().filter(|schedule| now >= schedule.next) {
                schedule.advance();
                self.send_cold(schedule, busy, open)?;
            }
        }
        outcome.rate = answers as f64 / started.elapsed().as_secs_f64();
        self.wait_for_all()?;
        self.connections.truncate(open);
        outcome.busy.sort_by(f64::total_cmp);
        outcome.cold.sort_by(f64::total_cmp);
        Ok(outcome)
    }

    /// Sends a cold request, where `busy..open` are the idle connections.
    fn send_cold(&mut self, schedule: &mut Schedule, busy: usize, open: usize) -> io::Result<()> {
        if schedule.cold.kind == ColdKind::New {
            return self.open_one();
        }
        if busy == open {
            return Err(io::Error::new(
                ErrorKind::InvalidInput,
                "cold requests need idle connections",
            ));
        }
        // A prime step through the idle ones, so that one is used at long intervals.
        schedule.index = busy + (schedule.index - busy + 97) % (open - busy);
        if self.connections[schedule.index].sent_at.is_none() {
            self.send(schedule.index)?;
        }
        Ok(())
    }

    /// Waits for all pending responses.
    fn wait_for_all(&mut self) -> io::Result<()> {
        while self.connections.iter().any(|one| one.sent_at.is_some()) {
            self.wait(MAX_WAIT)?;
        }
        Ok(())
    }

    /// Sends the request.
    fn send(&mut self, index: usize) -> io::Result<()> {
        let connection = &mut self.connections[index];
        connection.received = 0;
        connection.sent_at = Some(Instant::now());
        let stream = connection.stream.as_mut().ok_or(ErrorKind::NotConnected)?;
        let sent = stream.write(&self.exchange.request)?;
        if sent != self.exchange.request.len() {
            return Err(io::Error::new(
                ErrorKind::WriteZero,
                "a request went out in parts",
            ));
        }
        Ok(())
    }

    /// Waits once, and sets `completed`.
    fn wait(&mut self, limit: Duration) -> io::Result<()> {
        self.completed.clear();
        match self.poll.poll(&mut self.events, Some(limit)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            result => result?,
        }
        if self.events.is_empty() && limit == MAX_WAIT {
            return Err(io::Error::new(
                ErrorKind::TimedOut,
                "the server doesn't answer",
            ));
        }
        for event in &self.events {
            let index = event.token().0;
            // The events of one that has gone are left over from its last wait.
            let Some(connection) = self.connections.get_mut(index) else {
                continue;
            };
            let Some(stream) = connection.stream.as_mut() else {
                continue;
            };
            loop {
                match stream.read(&mut self.buffer) {
                    Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                    Ok(count) => connection.received += count,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
                if connection.received >= self.exchange.answer {
                    break;
                }
            }
            if connection.received > self.exchange.answer {
                return Err(io::Error::new(
                    ErrorKind::InvalidData,
                    "an answer is too long",
                ));
            }
            if connection.received == self.exchange.answer {
                if let Some(sent_at) = connection.sent_at.take() {
                    self.completed.push((index, sent_at));
                }
            }
        }
        Ok(())
    }
}

impl Schedule {
    /// The first one is due a pause after `start`.
    fn new(cold: Cold, start: Instant, busy: usize) -> Self {
        let mut schedule = Self {
            cold,
            next: start,
            index: busy,
            random: 0x9E37_79B9_7F4A_7C15,
        };
        schedule.advance();
        schedule
    }

    /// Sets the next one's time: 0.5 to 1.5 of the mean pause later, so that it doesn't keep
    /// step with what the server does at regular times.
    fn advance(&mut self) {
        // xorshift64.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let share = 0.5 + (self.random >> 11) as f64 / (1_u64 << 53) as f64;
        self.next += Duration::from_secs_f64(share / self.cold.rate);
    }
}
