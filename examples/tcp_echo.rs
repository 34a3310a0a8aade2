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
//! Then `nc 127.0.0.1 7878` and type. Ctrl-C ends the server.

pub(crate) mod server; // ci/soak runs these connections too

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::process::ExitCode;

use mio::net::TcpStream;
use mio::{Registry, Token};

/// A connection, and the bytes that could not be echoed yet.
pub(crate) struct Connection {
    stream: TcpStream,
    pending: Vec<u8>,
}

impl Connection {
    /// Does I/O until it would block. `false` when the connection has ended.
    fn serve(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 16 * 1024];
        loop {
            // Nothing is read while bytes are pending: a client that reads nothing
            // must not make the buffer grow.
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

/// All clients.
#[derive(Default)]
pub(crate) struct Echo {
    pub(crate) open: HashMap<Token, Connection>,
}

impl server::Server for Echo {
    fn accept(&mut self, stream: TcpStream, token: Token, _: &Registry) {
        let pending = Vec::new();
        self.open.insert(token, Connection { stream, pending });
    }

    fn serve(&mut self, token: Token) {
        let Some(connection) = self.open.get_mut(&token) else {
            return;
        };
        match connection.serve() {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => eprintln!("connection lost: {error}"),
        }
        // Dropping closes and deregisters it.
        self.open.remove(&token);
    }
}

fn main() -> ExitCode {
    let Some([address]) = server::addresses() else {
        return server::usage("tcp_echo IP:PORT");
    };
    let result = server::run(Echo::default(), address, "");
    server::exit("tcp_echo", address, result)
}
