//! A chat server: each line that a client sends goes to all the others; natively and in
//! WebAssembly.
//!
//! ```text
//! cargo run --example chat -- 127.0.0.1:7979
//!
//! cargo build --release --target wasm32-wasip1 --example chat
//! wasmedge target/wasm32-wasip1/release/examples/chat.wasm 127.0.0.1:7979
//! ```
//!
//! Then `nc 127.0.0.1 7979` in two windows, and type. Ctrl-C ends the server.

mod server;

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::process::ExitCode;

use mio::net::TcpStream;
use mio::{Registry, Token};

/// Longest line that is passed on, in bytes.
const MAX_LINE: usize = 4 * 1024;
/// A client with more pending bytes than this is dropped.
const MAX_PENDING: usize = 256 * 1024;

struct Client {
    stream: TcpStream,
    /// The incomplete line that was received.
    line: Vec<u8>,
    /// Bytes that would block.
    pending: Vec<u8>,
}

impl Client {
    fn new(stream: TcpStream) -> Self {
        let (line, pending) = (Vec::new(), b"welcome\n".to_vec());
        Self {
            stream,
            line,
            pending,
        }
    }

    /// Reads until it would block: the complete lines, and whether the connection is open.
    fn read_lines(&mut self) -> (Vec<Vec<u8>>, bool) {
        let mut buffer = [0; 4 * 1024];
        let mut lines = Vec::new();
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return (lines, false),
                Ok(count) => self.line.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return (lines, true),
                Err(_) => return (lines, false),
            }
            while let Some(end) = self.line.iter().position(|byte| *byte == b'\n') {
                lines.push(self.line.drain(..=end).collect());
            }
            if self.line.len() > MAX_LINE {
                return (lines, false);
            }
        }
    }

    /// Writes the pending bytes. `false` when the connection has failed or too many remain.
    fn flush(&mut self) -> bool {
        while !self.pending.is_empty() {
            match self.stream.write(&self.pending) {
                Ok(sent) => drop(self.pending.drain(..sent)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return false,
            }
        }
        self.pending.len() <= MAX_PENDING
    }
}

#[derive(Default)]
struct Chat {
    clients: HashMap<Token, Client>,
}

impl Chat {
    /// Sends to all clients but one, and removes those that fail.
    fn send_to_others(&mut self, sender: Token, message: &[u8]) {
        let mut failed = Vec::new();
        self.send(sender, message, &mut failed);
        self.remove(failed);
    }

    fn send(&mut self, sender: Token, message: &[u8], failed: &mut Vec<Token>) {
        for (token, client) in &mut self.clients {
            if *token == sender {
                continue;
            }
            client.pending.extend_from_slice(message);
            if !client.flush() {
                failed.push(*token);
            }
        }
    }

    /// Removes clients and reports it to the others, of which more may fail then.
    fn remove(&mut self, mut failed: Vec<Token>) {
        while let Some(token) = failed.pop() {
            if self.clients.remove(&token).is_some() {
                let message = format!("* {} has left\n", token.0);
                self.send(token, message.as_bytes(), &mut failed);
            }
        }
    }
}

impl server::Server for Chat {
    fn accept(&mut self, stream: TcpStream, token: Token, _: &Registry) {
        self.clients.insert(token, Client::new(stream));
        self.send_to_others(token, format!("* {} has joined\n", token.0).as_bytes());
    }

    fn serve(&mut self, token: Token) {
        let Some(client) = self.clients.get_mut(&token) else {
            return;
        };
        let (lines, is_open) = client.read_lines();
        let is_open = client.flush() && is_open;
        for line in lines {
            let message = [format!("{}: ", token.0).as_bytes(), &line].concat();
            self.send_to_others(token, &message);
        }
        if !is_open {
            self.remove(vec![token]);
        }
    }
}

fn main() -> ExitCode {
    let Some([address]) = server::addresses() else {
        return server::usage("chat IP:PORT");
    };
    let result = server::run(Chat::default(), address, "");
    server::exit("chat", address, result)
}
