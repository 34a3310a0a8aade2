//! Requests to the servers, and the expected responses.

use crate::choices::Choices;

/// The server's protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Echo,
    Http,
}

/// A request and its exact response.
#[derive(Default)]
pub struct Exchange {
    pub request: Vec<u8>,
    pub answer: Vec<u8>,
}

/// Lengths of requests: mostly small.
const LENGTHS: [usize; 8] = [1, 10, 64, 64, 500, 1400, 9_000, 40_000];

/// Pseudo-random bytes.
pub fn content(choices: &mut Choices<'_>, length: usize) -> Vec<u8> {
    let mut content = Vec::with_capacity(length + 8);
    while content.len() < length {
        let eight = (choices.below(1 << 32) as u64) << 32 | choices.below(1 << 32) as u64;
        content.extend_from_slice(&eight.to_le_bytes());
    }
    content.truncate(length);
    content
}

/// One of `LENGTHS`, up to doubled.
fn length(choices: &mut Choices<'_>) -> usize {
    let about = choices.pick(&LENGTHS);
    about + choices.below(about)
}

impl Exchange {
    /// A valid one. With `close`, the last request of an HTTP connection has
    /// `Connection: close`.
    pub fn new(choices: &mut Choices<'_>, protocol: Protocol, close: bool) -> Self {
        let mut exchange = Self::default();
        match protocol {
            Protocol::Echo => {
                let length = length(choices);
                exchange.request = content(choices, length);
                exchange.answer = exchange.request.clone();
            }
            Protocol::Http => {
                // Some are pipelined.
                let count = choices.pick(&[1, 1, 1, 2, 3]);
                for nth in 1..=count {
                    exchange.add_http(choices, close && nth == count);
                }
            }
        }
        exchange
    }

    fn add_http(&mut self, choices: &mut Choices<'_>, close: bool) {
        let wish = if close { "Connection: close\r\n" } else { "" };
        let body = if choices.below(3) == 0 {
            let head = format!("GET / HTTP/1.1\r\nHost: here\r\n{wish}\r\n");
            self.request.extend_from_slice(head.as_bytes());
            b"Hello from mio_wasi!\n".to_vec()
        } else {
            let length = length(choices);
            let body = content(choices, length);
            let head = format!("POST /echo HTTP/1.1\r\nContent-Length: {length}\r\n{wish}\r\n");
            self.request.extend_from_slice(head.as_bytes());
            self.request.extend_from_slice(&body);
            body
        };
        let connection = if close { "close" } else { "keep-alive" };
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
             Connection: {connection}\r\n\r\n",
            body.len()
        );
        self.answer.extend_from_slice(head.as_bytes());
        self.answer.extend_from_slice(&body);
    }
}

/// A checksum of bytes in their order (FNV-1a), to be continued.
#[derive(Clone, Copy)]
pub struct Sum(pub u64);

impl Default for Sum {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Sum {
    pub fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
