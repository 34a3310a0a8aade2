//! A connection that misbehaves.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::time::{Duration, Instant};

use mio::net::TcpStream;

use crate::choices::Choices;
use crate::client::Next;
use crate::exchange::{content, Exchange, Protocol};
use crate::totals::Misbehaviour;

/// Time between two small reads of a slow reader.
const SLOW_READ_INTERVAL: Duration = Duration::from_millis(100);
/// Bytes of such a read.
const SLOW_READ: usize = 700;
/// Bytes of its request.
const LARGE: usize = 400_000;
/// Longest time until a server closes a connection that its client has half-closed.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// A misbehaving client.
pub struct MisbehavingClient {
    pub stream: TcpStream,
    pub misbehaviour: Misbehaviour,
    send: Vec<u8>,
    sent: usize,
    shut: bool,
    /// Ends with a reset.
    resets: bool,
    /// When it closes the connection at the latest.
    closes_at: Instant,
}

impl MisbehavingClient {
    pub fn new(
        server: SocketAddr,
        protocol: Protocol,
        seed: u64,
        misbehaviour: Misbehaviour,
        pause: Duration,
    ) -> io::Result<Self> {
        let mut choices = Choices::Seed(seed);
        let pause = pause.as_millis() as usize;
        let whole = Exchange::new(&mut choices, protocol, false).request;
        let cut = choices.below(whole.len());
        let start = whole[..cut].to_vec();
        let (send, stays) = match misbehaviour {
            Misbehaviour::Reset => (choices.pick(&[&start, &whole]).clone(), choices.below(500)),
            Misbehaviour::HalfClose => (start, MAX_WAIT.as_millis() as usize),
            Misbehaviour::SlowReader => (
                large_request(&mut choices, protocol),
                pause + choices.below(2 * pause),
            ),
            Misbehaviour::Garbage => {
                let length = 1 + choices.below(5000);
                let mut bytes = content(&mut choices, length);
                bytes.extend_from_slice(choices.pick(&["", "\r\n\r\n"]).as_bytes());
                (bytes, choices.below(1000))
            }
            Misbehaviour::Abandon => (start, pause / 2 + choices.below(2 * pause)),
        };
        Ok(Self {
            stream: TcpStream::connect(server)?,
            misbehaviour,
            send,
            sent: 0,
            shut: false,
            resets: misbehaviour == Misbehaviour::Reset
                || (misbehaviour == Misbehaviour::SlowReader && choices.below(2) == 0),
            closes_at: Instant::now() + Duration::from_millis(stays as u64),
        })
    }

    /// Does I/O as far as possible. The only error is a server that keeps a half-closed
    /// connection open.
    pub fn proceed(&mut self, buffer: &mut [u8]) -> Result<Next, String> {
        let now = Instant::now();
        if now >= self.closes_at {
            if self.misbehaviour == Misbehaviour::HalfClose {
                return Err("the server keeps a connection whose client has finished".to_owned());
            }
            if self.resets {
                let linger = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
                linger.map_err(|error| format!("set_linger: {error}"))?;
            }
            return Ok(Next::Over);
        }
        // Such a client has to expect errors.
        if self.exchange(buffer).unwrap_or(true) {
            return Ok(Next::Over);
        }
        let left = self.closes_at - now;
        Ok(Next::Pause(match self.misbehaviour {
            Misbehaviour::SlowReader => left.min(SLOW_READ_INTERVAL),
            _ => left,
        }))
    }

    /// Sends and reads; `true` when the server has closed it.
    fn exchange(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
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
        if self.misbehaviour == Misbehaviour::HalfClose
            && self.sent == self.send.len()
            && !self.shut
        {
            match self.stream.shutdown(Shutdown::Write) {
                Err(error) if error.kind() == ErrorKind::NotConnected => return Ok(false),
                result => result?,
            }
            self.shut = true;
        }
        let (most, once) = match self.misbehaviour {
            Misbehaviour::Abandon => return Ok(false),
            Misbehaviour::SlowReader => (SLOW_READ, true),
            _ => (buffer.len(), false),
        };
        loop {
            match self.stream.read(&mut buffer[..most]) {
                Ok(0) => return Ok(true),
                Ok(_) if once => return Ok(false),
                Ok(_) => {}
                Err(error) => return blocks(error).map(|_| false),
            }
        }
    }
}

/// A request whose response fills all buffers.
fn large_request(choices: &mut Choices<'_>, protocol: Protocol) -> Vec<u8> {
    let mut request = match protocol {
        Protocol::Echo => Vec::new(),
        Protocol::Http => format!("POST /echo HTTP/1.1\r\nContent-Length: {LARGE}\r\n\r\n").into(),
    };
    request.extend_from_slice(&content(choices, LARGE));
    request
}
