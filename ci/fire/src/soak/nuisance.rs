//! One connection to a server, that misbehaves.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::time::{Duration, Instant};

use mio::net::TcpStream;

use crate::choices::Choices;
use crate::exchange::{content, Exchange, Protocol};
use crate::totals::Misdeed;
use crate::visit::Next;

/// How long a slow reader sleeps between two small reads.
const SLOWNESS: Duration = Duration::from_millis(100);
/// How much it reads then.
const DROP: usize = 700;
/// What it asks for.
const LOT: usize = 400_000;
/// How long a server may keep a connection whose client has said that this was all.
const PATIENCE: Duration = Duration::from_secs(60);

/// A visit that misbehaves.
pub struct Nuisance {
    pub stream: TcpStream,
    pub misdeed: Misdeed,
    send: Vec<u8>,
    sent: usize,
    shut: bool,
    /// The end by a reset.
    resets: bool,
    /// When it goes, whatever there is.
    goes_at: Instant,
}

impl Nuisance {
    pub fn new(
        server: SocketAddr,
        protocol: Protocol,
        seed: u64,
        misdeed: Misdeed,
        pause: Duration,
    ) -> io::Result<Self> {
        let mut choices = Choices::Seed(seed);
        let pause = pause.as_millis() as usize;
        let whole = Exchange::new(&mut choices, protocol, false).request;
        let cut = choices.below(whole.len());
        let start = whole[..cut].to_vec();
        let (send, stays) = match misdeed {
            Misdeed::Reset => (choices.pick(&[&start, &whole]).clone(), choices.below(500)),
            Misdeed::HalfClose => (start, PATIENCE.as_millis() as usize),
            Misdeed::SlowReader => (lot(&mut choices, protocol), pause + choices.below(2 * pause)),
            Misdeed::Garbage => {
                let length = 1 + choices.below(5000);
                let mut bytes = content(&mut choices, length);
                bytes.extend_from_slice(choices.pick(&["", "\r\n\r\n"]).as_bytes());
                (bytes, choices.below(1000))
            }
            Misdeed::Abandon => (start, pause / 2 + choices.below(2 * pause)),
        };
        Ok(Self {
            stream: TcpStream::connect(server)?,
            misdeed,
            send,
            sent: 0,
            shut: false,
            resets: misdeed == Misdeed::Reset
                || (misdeed == Misdeed::SlowReader && choices.below(2) == 0),
            goes_at: Instant::now() + Duration::from_millis(stays as u64),
        })
    }

    /// Goes on. Only a server that keeps a half-closed connection for ever is an error.
    pub fn proceed(&mut self, room: &mut [u8]) -> Result<Next, String> {
        let now = Instant::now();
        if now >= self.goes_at {
            if self.misdeed == Misdeed::HalfClose {
                return Err("the server keeps a connection whose client has finished".to_owned());
            }
            if self.resets {
                let linger = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
                linger.map_err(|error| format!("set_linger: {error}"))?;
            }
            return Ok(Next::Over);
        }
        // Errors are what such a client has to expect.
        if self.exchange(room).unwrap_or(true) {
            return Ok(Next::Over);
        }
        let left = self.goes_at - now;
        Ok(Next::Pause(match self.misdeed {
            Misdeed::SlowReader => left.min(SLOWNESS),
            _ => left,
        }))
    }

    /// Sends and reads; `true` when the server has ended it.
    fn exchange(&mut self, room: &mut [u8]) -> io::Result<bool> {
        let blocks = |error: io::Error| match error.kind() {
            // Not connected yet.
            ErrorKind::WouldBlock | ErrorKind::NotConnected => Ok(0),
            _ => Err(error),
        };
        while self.sent < self.send.len() {
            match self.stream.write(&self.send[self.sent..]).or_else(blocks)? {
                0 => break,
                count => self.sent += count,
            }
        }
        if self.misdeed == Misdeed::HalfClose && self.sent == self.send.len() && !self.shut {
            match self.stream.shutdown(Shutdown::Write) {
                Err(error) if error.kind() == ErrorKind::NotConnected => return Ok(false),
                result => result?,
            }
            self.shut = true;
        }
        let (most, once) = match self.misdeed {
            Misdeed::Abandon => return Ok(false),
            Misdeed::SlowReader => (DROP, true),
            _ => (room.len(), false),
        };
        loop {
            match self.stream.read(&mut room[..most]) {
                Ok(0) => return Ok(true),
                Ok(_) if once => return Ok(false),
                Ok(_) => {}
                Err(error) => return blocks(error).map(|_| false),
            }
        }
    }
}

/// A request whose answer fills all buffers.
fn lot(choices: &mut Choices<'_>, protocol: Protocol) -> Vec<u8> {
    let mut request = match protocol {
        Protocol::Echo => Vec::new(),
        Protocol::Http => format!("POST /echo HTTP/1.1\r\nContent-Length: {LOT}\r\n\r\n").into(),
    };
    request.extend_from_slice(&content(choices, LOT));
    request
}
