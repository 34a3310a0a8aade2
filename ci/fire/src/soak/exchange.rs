//! What is sent to the servers, and what has to come back for it.

use crate::choices::Choices;

/// Which server it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Echo,
    Http,
}

/// Bytes to send, and the exact answer.
#[derive(Default)]
pub struct Exchange {
    pub request: Vec<u8>,
    pub answer: Vec<u8>,
}

/// Lengths of what is sent: mostly small.
const LENGTHS: [usize; 8] = [1, 10, 64, 64, 500, 1400, 9_000, 40_000];

/// Bytes that no two exchanges have in common.
pub fn content(choices: &mut Choices<'_>, length: usize) -> Vec<u8> {
    let mut content = Vec::with_capacity(length + 8);
    while content.len() < length {
        let eight = (choices.below(1 << 32) as u64) << 32 | choices.below(1 << 32) as u64;
        content.extend_from_slice(&eight.to_le_bytes());
    }
    content.truncate(length);
    content
}

/// A length at about one of the usual ones.
fn length(choices: &mut Choices<'_>) -> usize {
    let about = choices.pick(&LENGTHS);
    about + choices.below(about)
}

impl Exchange {
    /// One that the server understands. The last one of an HTTP connection may ask
    /// the server to close.
    pub fn new(choices: &mut Choices<'_>, protocol: Protocol, close: bool) -> Self {
        let mut exchange = Self::default();
        match protocol {
            Protocol::Echo => {
                let length = length(choices);
                exchange.request = content(choices, length);
                exchange.answer = exchange.request.clone();
            }
            Protocol::Http => {
                // Some come in one go.
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
