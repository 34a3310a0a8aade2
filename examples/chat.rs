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

/// The longest line that is passed on.
const LONGEST_LINE: usize = 4 * 1024;
/// A client that leaves more than this untaken is dropped.
const MOST_PENDING: usize = 256 * 1024;

struct Client {
    stream: TcpStream,
    /// What it has sent of a line so far.
    line: Vec<u8>,
    /// What it has not taken yet.
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

    /// Reads all there is, and tells the whole lines of it, and whether the client is
    /// still there.
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
            if self.line.len() > LONGEST_LINE {
                return (lines, false);
            }
        }
    }

    /// Sends what waits to be sent. `false` when it has left, or takes nothing.
    fn flush(&mut self) -> bool {
        while !self.pending.is_empty() {
            match self.stream.write(&self.pending) {
                Ok(sent) => drop(self.pending.drain(..sent)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return false,
            }
        }
        self.pending.len() <= MOST_PENDING
    }
}

#[derive(Default)]
struct Room {
    clients: HashMap<Token, Client>,
}

impl Room {
    /// Sends to everybody but one. Who can't be sent to is gone.
    fn tell_others(&mut self, sender: Token, message: &[u8]) {
        let mut gone = Vec::new();
        self.send(sender, message, &mut gone);
        self.remove(gone);
    }

    fn send(&mut self, sender: Token, message: &[u8], gone: &mut Vec<Token>) {
        for (token, client) in &mut self.clients {
            if *token == sender {
                continue;
            }
            client.pending.extend_from_slice(message);
            if !client.flush() {
                gone.push(*token);
            }
        }
    }

    /// Removes those who are gone. Telling the others of it may show that more are.
    fn remove(&mut self, mut gone: Vec<Token>) {
        while let Some(token) = gone.pop() {
            if self.clients.remove(&token).is_some() {
                let message = format!("* {} has left\n", token.0);
                self.send(token, message.as_bytes(), &mut gone);
            }
        }
    }
}

impl server::Server for Room {
    fn accept(&mut self, stream: TcpStream, token: Token, _: &Registry) {
        self.clients.insert(token, Client::new(stream));
        self.tell_others(token, format!("* {} has come\n", token.0).as_bytes());
    }

    fn serve(&mut self, token: Token) {
        let Some(client) = self.clients.get_mut(&token) else {
            return;
        };
        let (lines, there) = client.read_lines();
        let there = client.flush() && there;
        for line in lines {
            let message = [format!("{}: ", token.0).as_bytes(), &line].concat();
            self.tell_others(token, &message);
        }
        if !there {
            self.remove(vec![token]);
        }
    }
}

fn main() -> ExitCode {
    let Some([address]) = server::addresses() else {
        return server::usage("chat IP:PORT");
    };
    let result = server::run(Room::default(), address, "");
    server::exit("chat", address, result)
}
