//! A TCP server that sends back whatever it receives, to any number of clients,
//! natively and in WebAssembly.
//!
//! ```text
//! cargo run --example tcp_echo -- 127.0.0.1:7878
//!
//! cargo build --release --target wasm32-wasip1 --example tcp_echo
//! wasmedge target/wasm32-wasip1/release/examples/tcp_echo.wasm 127.0.0.1:7878
//! ```
//!
//! Then `nc 127.0.0.1 7878` and type.

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token};

const LISTENER: Token = Token(0);

/// A client, and what it has not taken back yet.
pub(crate) struct Connection {
    stream: TcpStream,
    pending: Vec<u8>,
}

impl Connection {
    /// Does all that can be done now. `false` when the connection has ended.
    pub(crate) fn serve(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 16 * 1024];
        loop {
            // Nothing is read while something waits to be sent: a client that
            // doesn't take its echo is not allowed to fill our memory.
            while !self.pending.is_empty() {
                match self.stream.write(&self.pending) {
                    Ok(sent) => drop(self.pending.drain(..sent)),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                    Err(error) => return Err(error),
                }
            }
            match self.stream.read(&mut buffer) {
                Ok(0) => return Ok(false),
                Ok(count) => self.pending.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            }
        }
    }
}

/// Accepts every connection that waits.
pub(crate) fn accept_all(
    listener: &TcpListener,
    registry: &Registry,
    connections: &mut HashMap<Token, Connection>,
    last_token: &mut usize,
) {
    loop {
        match listener.accept() {
            Ok((mut stream, peer)) => {
                *last_token += 1;
                let token = Token(*last_token);
                let interests = Interest::READABLE | Interest::WRITABLE;
                match registry.register(&mut stream, token, interests) {
                    Ok(()) => {
                        let pending = Vec::new();
                        connections.insert(token, Connection { stream, pending });
                    }
                    Err(error) => eprintln!("{peer}: not registered: {error}"),
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(error) => {
                // One connection, or all descriptors are in use. The listener goes on.
                eprintln!("not accepted: {error}");
                return;
            }
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

    let mut connections = HashMap::new();
    let mut last_token = LISTENER.0;
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            if event.token() == LISTENER {
                accept_all(
                    &listener,
                    poll.registry(),
                    &mut connections,
                    &mut last_token,
                );
            } else if let Some(connection) = connections.get_mut(&event.token()) {
                match connection.serve() {
                    Ok(true) => {}
                    Ok(false) => drop(connections.remove(&event.token())),
                    Err(error) => {
                        eprintln!("connection lost: {error}");
                        connections.remove(&event.token());
                    }
                }
            }
        }
    }
}

fn main() -> ExitCode {
    let address = std::env::args().nth(1).map(|address| address.parse());
    let Some(Ok(address)) = address else {
        eprintln!("usage: tcp_echo ADDRESS:PORT");
        return ExitCode::from(2);
    };
    match run(address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tcp_echo: {address}: {error}");
            ExitCode::FAILURE
        }
    }
}
