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
//! Then `nc 127.0.0.1 7979` in two windows, and type.

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token};

const LISTENER: Token = Token(0);
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

    /// Reads all there is, and tells the whole lines of it. `None` when it has left.
    fn read_lines(&mut self) -> Option<Vec<Vec<u8>>> {
        let mut buffer = [0; 4 * 1024];
        let mut lines = Vec::new();
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return None,
                Ok(count) => self.line.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Some(lines),
                Err(_) => return None,
            }
            while let Some(end) = self.line.iter().position(|byte| *byte == b'\n') {
                lines.push(self.line.drain(..=end).collect());
            }
            if self.line.len() > LONGEST_LINE {
                return None;
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
    last_token: usize,
}

impl Room {
    fn accept_all(&mut self, listener: &TcpListener, registry: &Registry) {
        // Until nobody waits. After another error the listener goes on later.
        while let Ok((mut stream, peer)) = listener.accept() {
            self.last_token += 1;
            let token = Token(self.last_token);
            let interests = Interest::READABLE | Interest::WRITABLE;
            if let Err(error) = registry.register(&mut stream, token, interests) {
                eprintln!("{peer}: not registered: {error}");
                continue;
            }
            let client = Client::new(stream);
            self.clients.insert(token, client);
            self.tell_others(token, format!("* {} has come\n", token.0).as_bytes());
        }
    }

    /// Sends to everybody but one. Who can't be sent to is gone, which the others are
    /// told in turn.
    fn tell_others(&mut self, sender: Token, message: &[u8]) {
        let mut gone = Vec::new();
        for (token, client) in &mut self.clients {
            if *token != sender {
                client.pending.extend_from_slice(message);
            }
            if !client.flush() {
                gone.push(*token);
            }
        }
        for token in gone {
            self.remove(token);
        }
    }

    fn remove(&mut self, token: Token) {
        if self.clients.remove(&token).is_some() {
            self.tell_others(token, format!("* {} has left\n", token.0).as_bytes());
        }
    }

    fn serve(&mut self, token: Token) {
        let Some(client) = self.clients.get_mut(&token) else {
            return;
        };
        let Some(lines) = client.read_lines().filter(|_| client.flush()) else {
            return self.remove(token);
        };
        for line in lines {
            let message = [format!("{}: ", token.0).as_bytes(), &line].concat();
            self.tell_others(token, &message);
        }
    }
}

fn run(address: SocketAddr) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(256);
    let mut listener = TcpListener::bind(address)?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("listening on {}", listener.local_addr()?);

    let mut room = Room::default();
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            match event.token() {
                LISTENER => room.accept_all(&listener, poll.registry()),
                token => room.serve(token),
            }
        }
    }
}

fn main() -> ExitCode {
    let address = std::env::args().nth(1).map(|address| address.parse());
    let Some(Ok(address)) = address else {
        eprintln!("usage: chat ADDRESS:PORT");
        return ExitCode::from(2);
    };
    if let Err(error) = run(address) {
        eprintln!("chat: {address}: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
