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

/// Pause between two requests on idle connections.
const COLD_PAUSE: Duration = Duration::from_millis(2);

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

/// What a run has measured.
pub struct Outcome {
    /// Responses per second of the busy connections.
    pub rate: f64,
    /// Time of each of them in microseconds, ascending.
    pub busy: Vec<f64>,
    /// The same of requests on idle connections in between.
    pub cold: Vec<f64>,
}

/// A connection and the response it waits for.
struct Connection {
    stream: TcpStream,
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
            for index in first..count.min(first + AT_ONCE) {
                // Blocking until it is established: requests need no waiting then.
                let stream = std::net::TcpStream::connect(self.server)?;
                stream.set_nodelay(true)?;
                stream.set_nonblocking(true)?;
                let mut stream = TcpStream::from_std(stream);
                let token = Token(index);
                let registry = self.poll.registry();
                registry.register(&mut stream, token, Interest::READABLE)?;
                self.connections.push(Connection {
                    stream,
                    sent_at: None,
                    received: 0,
                });
                self.send(index)?;
            }
            let mut missing = self.connections.len() - first;
            while missing > 0 {
                self.wait(MAX_WAIT)?;
                missing -= self.completed.len();
            }
        }
        Ok(())
    }

    /// Keeps the first `busy` connections busy; with `cold`, sends a
    /// request on one of the others from time to time.
    pub fn run(&mut self, busy: usize, until: Until, cold: bool) -> io::Result<Outcome> {
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
        let mut answers = 0;
        for index in 0..busy {
            self.send(index)?;
        }
        let mut cold_next = Instant::now() + setup;
        let mut cold_index = busy;
        let mut cold_pending = false;
        loop {
            let wait = if cold && !cold_pending {
                cold_next.saturating_duration_since(Instant::now())
            } else {
                MAX_WAIT
            };
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
                    cold_pending = false;
                    cold_next = now + COLD_PAUSE;
                    continue;
                }
                if now >= started {
                    answers += 1;
                    outcome.busy.push(micros);
                }
                self.send(index)?;
            }
            if cold && !cold_pending && now >= cold_next {
                // A prime step through the idle ones, so that one is used at long intervals.
                let idle = self.connections.len() - busy;
                cold_index = busy + (cold_index - busy + 97) % idle;
                self.send(cold_index)?;
                cold_pending = true;
            }
        }
        outcome.rate = answers as f64 / started.elapsed().as_secs_f64();
        self.wait_for_all()?;
        outcome.busy.sort_by(f64::total_cmp);
        outcome.cold.sort_by(f64::total_cmp);
        Ok(outcome)
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
        let sent = connection.stream.write(&self.exchange.request)?;
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
            let connection = &mut self.connections[index];
            loop {
                match connection.stream.read(&mut self.buffer) {
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
