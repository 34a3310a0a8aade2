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

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::process::ExitCode;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token};

const LISTENER: Token = Token(0);
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
                    Err(error) if is_early(&error) => break,
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
                Err(error) if is_early(&error) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

/// Is there nothing to do yet, or no connection?
fn is_early(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::NotConnected
    )
}

/// Two connections that are joined.
struct Pair {
    client: TcpStream,
    server: TcpStream,
    up: Way,
    down: Way,
}

impl Pair {
    /// A connection to the server for that of a client, both watched. They share a
    /// token: whatever happens to one concerns both.
    fn new(
        mut client: TcpStream,
        target: SocketAddr,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Self> {
        let mut server = TcpStream::connect(target)?;
        let interests = Interest::READABLE | Interest::WRITABLE;
        registry.register(&mut client, token, interests)?;
        registry.register(&mut server, token, interests)?;
        let (up, down) = (Way::default(), Way::default());
        Ok(Self {
            client,
            server,
            up,
            down,
        })
    }

    /// Moves what can be moved. `false` when both ways have ended.
    fn carry(&mut self) -> io::Result<bool> {
        if let Some(error) = self.server.take_error()? {
            return Err(error);
        }
        self.up.carry(&mut self.client, &mut self.server)?;
        self.down.carry(&mut self.server, &mut self.client)?;
        Ok(!(self.up.is_shut && self.down.is_shut))
    }
}

fn run(address: SocketAddr, target: SocketAddr) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(256);
    let mut listener = TcpListener::bind(address)?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("listening on {}", listener.local_addr()?);

    let mut pairs = HashMap::new();
    let mut last_token = LISTENER.0;
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            let token = event.token();
            // Until nobody waits. After another error the listener goes on later.
            if token == LISTENER {
                while let Ok((client, _)) = listener.accept() {
                    last_token += 1;
                    match Pair::new(client, target, poll.registry(), Token(last_token)) {
                        Ok(pair) => drop(pairs.insert(Token(last_token), pair)),
                        Err(error) => eprintln!("{target}: {error}"),
                    }
                }
                continue;
            }
            let result = pairs.get_mut(&token).map_or(Ok(true), Pair::carry);
            match result {
                Ok(true) => {}
                Ok(false) => drop(pairs.remove(&token)),
                Err(error) => {
                    eprintln!("connection {}: {error}", token.0);
                    pairs.remove(&token);
                }
            }
        }
    }
}

fn main() -> ExitCode {
    let addresses: Vec<_> = std::env::args().skip(1).map(|text| text.parse()).collect();
    let [Ok(address), Ok(target)] = addresses[..] else {
        eprintln!("usage: proxy ADDRESS:PORT TARGET:PORT");
        return ExitCode::from(2);
    };
    if let Err(error) = run(address, target) {
        eprintln!("proxy: {address}: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
