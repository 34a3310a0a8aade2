//! A well-behaved connection, which compares every byte.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::time::{Duration, Instant};

use mio::net::TcpStream;

use crate::choices::Choices;
use crate::exchange::{Exchange, Protocol, Sum};
use crate::totals::Totals;

/// What a client waits for next.
pub enum Next {
    /// An event of its socket.
    Event,
    /// This time, or an event.
    Pause(Duration),
    /// Nothing: it has ended as expected.
    Over,
}

/// Which side closes after the last exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The client closes.
    Ours,
    /// The client has half-closed or sent `Connection: close`: the server closes.
    Theirs,
}

/// A well-behaved client.
pub struct Client {
    pub stream: TcpStream,
    protocol: Protocol,
    choices: Choices<'static>,
    exchange: Exchange,
    /// Bytes of the request that are sent, and of the response that are received.
    sent: usize,
    received: usize,
    sum: Sum,
    /// Remaining exchanges, with this one.
    pub left: usize,
    end: End,
    /// The longest pause between exchanges.
    pause: Duration,
    /// Between two exchanges, when the next one starts.
    paused_until: Option<Instant>,
    connected: bool,
    shut: bool,
    /// Time of the last progress.
    pub progress: Instant,
}

impl Client {
    pub fn new(
        server: SocketAddr,
        protocol: Protocol,
        seed: u64,
        exchanges: usize,
        pause: Duration,
    ) -> io::Result<Self> {
        let mut choices = Choices::Seed(seed);
        Ok(Self {
            stream: TcpStream::connect(server)?,
            protocol,
            left: 1 + choices.below(exchanges),
            end: choices.pick(&[End::Ours, End::Theirs, End::Theirs]),
            choices,
            exchange: Exchange::default(),
            sent: 0,
            received: 0,
            sum: Sum::default(),
            pause,
            paused_until: Some(Instant::now()),
            connected: false,
            shut: false,
            progress: Instant::now(),
        })
    }

    /// Does I/O as far as possible; an error says what the server did wrong.
    pub fn proceed(&mut self, totals: &mut Totals, buffer: &mut [u8]) -> Result<Next, String> {
        if !self.connected && !self.connect()? {
            return Ok(Next::Event);
        }
        if let Some(until) = self.paused_until {
            if until > Instant::now() {
                // No data may arrive without a request.
                return match self.read(totals, buffer)? {
                    true => Err(format!("closed between exchanges: {}", self.state())),
                    false => Ok(Next::Pause(until - Instant::now())),
                };
            }
            self.start_exchange(totals);
        }
        loop {
            let blocked = self.write()?;
            let ended = self.read(totals, buffer)?;
            let complete = self.sent == self.exchange.request.len()
                && self.received == self.exchange.answer.len();
            if ended && !(complete && self.left == 1 && self.end == End::Theirs) {
                return Err(format!("ended early: {}", self.state()));
            }
            if complete && (ended || self.left > 1 || self.end == End::Ours) {
                return Ok(self.end_exchange(totals));
            }
            if blocked || self.sent == self.exchange.request.len() {
                return Ok(Next::Event);
            }
        }
    }

    /// Is it connected now? Queried only until it is: a connection that both sides have
    /// shut down has no peer either.
    fn connect(&mut self) -> Result<bool, String> {
        match self.stream.peer_addr() {
            Ok(_) => self.connected = true,
            Err(error) if error.kind() == ErrorKind::NotConnected => {
                let failed = self
                    .stream
                    .take_error()
                    .map_err(|error| error.to_string())?;
                return failed.map_or(Ok(false), |error| Err(format!("connect: {error}")));
            }
            Err(error) => return Err(format!("peer_addr: {error}")),
        }
        Ok(true)
    }

    /// Its progress, for messages.
    pub fn state(&self) -> String {
        let Exchange { request, answer } = &self.exchange;
        format!(
            "{} of {} bytes received, {} of {} sent, {} exchanges left, {:?} closes",
            self.received,
            answer.len(),
            self.sent,
            request.len(),
            self.left,
            self.end
        )
    }

    fn start_exchange(&mut self, totals: &mut Totals) {
        self.paused_until = None;
        let close = self.left == 1 && self.end == End::Theirs;
        self.exchange = Exchange::new(&mut self.choices, self.protocol, close);
        (self.sent, self.received, self.sum) = (0, 0, Sum::default());
        self.progress = Instant::now();
        totals.expect(&self.exchange.answer);
    }

    fn end_exchange(&mut self, totals: &mut Totals) -> Next {
        totals.received_sum = totals.received_sum.wrapping_add(self.sum.0);
        self.left -= 1;
        if self.left == 0 {
            totals.good += 1;
            return Next::Over;
        }
        let pause = self.pause.mul_f64(self.choices.below(1000) as f64 / 1000.0);
        self.paused_until = Some(Instant::now() + pause);
        Next::Pause(pause)
    }

    /// Writes as far as possible; `true` when it would block.
    fn write(&mut self) -> Result<bool, String> {
        while self.sent < self.exchange.request.len() {
            match self.stream.write(&self.exchange.request[self.sent..]) {
                Ok(count) => {
                    self.sent += count;
                    self.progress = Instant::now();
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(format!("write: {error}")),
            }
        }
        let last = self.left == 1 && self.end == End::Theirs && !self.shut;
        if last && self.protocol == Protocol::Echo {
            self.shut = true;
            let result = self.stream.shutdown(Shutdown::Write);
            result.map_err(|error| format!("shutdown: {error}"))?;
        }
        Ok(false)
    }

    /// Reads until it would block or ends; `true` for the end.
    fn read(&mut self, totals: &mut Totals, buffer: &mut [u8]) -> Result<bool, String> {
        loop {
            let count = match self.stream.read(buffer) {
                Ok(0) => return Ok(true),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(format!("read: {error}")),
            };
            let expected = self
                .exchange
                .answer
                .get(self.received..self.received + count);
            if expected != Some(&buffer[..count]) {
                return Err(format!(
                    "wrong bytes: {count} at {} of {}",
                    self.received,
                    self.exchange.answer.len()
                ));
            }
            self.sum.add(&buffer[..count]);
            self.received += count;
            totals.received += count as u64;
            self.progress = Instant::now();
        }
    }
}
