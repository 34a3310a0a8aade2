//! A TCP proxy: forwards each accepted connection over one of its own to another server.
//! When one side would block, the other is not read, so memory stays bounded; a half-close
//! of one side is forwarded to the other. Natively and in WebAssembly.
//!
//! ```text
//! cargo run --example proxy -- 127.0.0.1:7000 127.0.0.1:7878
//!
//! cargo build --release --target wasm32-wasip1 --example proxy
//! wasmedge target/wasm32-wasip1/release/examples/proxy.wasm 127.0.0.1:7000 127.0.0.1:7878
//! ```
//!
//! `tcp_echo` is a server behind it to try it with: then `nc 127.0.0.1 7000` and type.
//! Ctrl-C ends the proxy.

mod server;

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::process::ExitCode;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

/// Most bytes that are buffered in one direction.
const MAX_BUFFERED: usize = 64 * 1024;

/// Bytes read on one side and not yet written on the other.
#[derive(Default)]
struct Direction {
    bytes: Vec<u8>,
    has_ended: bool,
    is_shut: bool,
}

impl Direction {
    /// Forwards until it would block.
    fn forward(&mut self, from: &mut TcpStream, to: &mut TcpStream) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        loop {
            while !self.bytes.is_empty() {
                match to.write(&self.bytes) {
                    Ok(sent) => drop(self.bytes.drain(..sent)),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
            if self.has_ended {
                if self.bytes.is_empty() && !self.is_shut {
                    to.shutdown(Shutdown::Write)?;
                    self.is_shut = true;
                }
                return Ok(());
            }
            // Full: the other side has to become writable first.
            let free = (MAX_BUFFERED - self.bytes.len()).min(buffer.len());
            if free == 0 {
                return Ok(());
            }
            match from.read(&mut buffer[..free]) {
                Ok(0) => self.has_ended = true,
                Ok(count) => self.bytes.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

/// A client's connection and the one to the server.
struct Pair {
    client: TcpStream,
    server: TcpStream,
    up: Direction,
    down: Direction,
    /// Is the connection to the server established?
    is_connected: bool,
}

impl Pair {
    /// Connects to the server, registered with the token of the client's connection: an
    /// event of either serves both.
    fn new(
        client: TcpStream,
        target: SocketAddr,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Self> {
        let mut server = TcpStream::connect(target)?;
        let interests = Interest::READABLE | Interest::WRITABLE;
        registry.register(&mut server, token, interests)?;
        let (up, down) = (Direction::default(), Direction::default());
        Ok(Self {
            client,
            server,
            up,
            down,
            is_connected: false,
        })
    }

    /// Forwards until it would block. `false` when both directions have ended.
    fn forward(&mut self) -> io::Result<bool> {
        if let Some(error) = self.server.take_error()? {
            return Err(error);
        }
        // Nothing is read before the connection is established.
        self.is_connected = self.is_connected || self.server.peer_addr().is_ok();
        if !self.is_connected {
            return Ok(true);
        }
        self.up.forward(&mut self.client, &mut self.server)?;
        self.down.forward(&mut self.server, &mut self.client)?;
        Ok(!(self.up.is_shut && self.down.is_shut))
    }
}

/// All pairs, and the server's address.
struct Proxy {
    pairs: HashMap<Token, Pair>,
    target: SocketAddr,
}

impl server::Server for Proxy {
    fn accept(&mut self, stream: TcpStream, token: Token, registry: &Registry) {
        match Pair::new(stream, self.target, registry, token) {
            Ok(pair) => drop(self.pairs.insert(token, pair)),
            Err(error) => eprintln!("{}: {error}", self.target),
        }
    }

    fn serve(&mut self, token: Token) {
        match self.pairs.get_mut(&token).map_or(Ok(true), Pair::forward) {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => eprintln!("connection {}: {error}", token.0),
        }
        self.pairs.remove(&token);
    }
}

fn main() -> ExitCode {
    let Some([address, target]) = server::addresses() else {
        return server::usage("proxy IP:PORT TARGET-IP:PORT");
    };
    let pairs = HashMap::new();
    let result = server::run(Proxy { pairs, target }, address, "");
    server::exit("proxy", address, result)
}
