//! A TCP proxy: joins each connection that it takes with one of its own to another
//! server. A side that takes nothing holds the other one up, so memory stays bounded;
//! an end on one side becomes an end on the other. Natively and in WebAssembly.
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

/// How much may be on its way in one direction.
const ROOM: usize = 64 * 1024;

/// What was read on one side and not yet written on the other.
#[derive(Default)]
struct Way {
    bytes: Vec<u8>,
    has_ended: bool,
    is_shut: bool,
}

impl Way {
    /// Moves what can be moved now.
    fn carry(&mut self, from: &mut TcpStream, to: &mut TcpStream) -> io::Result<()> {
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
            // Full: the other side has to take something first.
            let room = (ROOM - self.bytes.len()).min(buffer.len());
            if room == 0 {
                return Ok(());
            }
            match from.read(&mut buffer[..room]) {
                Ok(0) => self.has_ended = true,
                Ok(count) => self.bytes.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

/// Two connections that are joined.
struct Pair {
    client: TcpStream,
    server: TcpStream,
    up: Way,
    down: Way,
    /// Is the server there?
    is_connected: bool,
}

impl Pair {
    /// A connection to the server for that of a client, watched under the same token:
    /// whatever happens to one concerns both.
    fn new(
        client: TcpStream,
        target: SocketAddr,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Self> {
        let mut server = TcpStream::connect(target)?;
        let interests = Interest::READABLE | Interest::WRITABLE;
        registry.register(&mut server, token, interests)?;
        let (up, down) = (Way::default(), Way::default());
        Ok(Self {
            client,
            server,
            up,
            down,
            is_connected: false,
        })
    }

    /// Moves what can be moved. `false` when both ways have ended.
    fn carry(&mut self) -> io::Result<bool> {
        if let Some(error) = self.server.take_error()? {
            return Err(error);
        }
        // Nothing is read before there is where it can go.
        self.is_connected = self.is_connected || self.server.peer_addr().is_ok();
        if !self.is_connected {
            return Ok(true);
        }
        self.up.carry(&mut self.client, &mut self.server)?;
        self.down.carry(&mut self.server, &mut self.client)?;
        Ok(!(self.up.is_shut && self.down.is_shut))
    }
}

/// All pairs, and where the connections go.
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
        match self.pairs.get_mut(&token).map_or(Ok(true), Pair::carry) {
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
