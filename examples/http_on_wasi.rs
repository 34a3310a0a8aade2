//! A small HTTP/1.1 server on `Poll` alone: keep-alive, pipelining, several
//! connections, 400 for what is not HTTP; natively and in WebAssembly.
//!
//! ```text
//! cargo run --example http_on_wasi -- 127.0.0.1:8080
//!
//! cargo build --release --target wasm32-wasip1 --example http_on_wasi
//! wasmedge target/wasm32-wasip1/release/examples/http_on_wasi.wasm 127.0.0.1:8080
//! ```
//!
//! Then `curl http://127.0.0.1:8080/` or `curl --data hello http://127.0.0.1:8080/echo`.
//! Ctrl-C ends the server.

mod http;
pub(crate) mod server; // ci/soak runs these connections too

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::process::ExitCode;

use mio::net::TcpStream;
use mio::{Registry, Token};

/// A connection with its unparsed input and its unsent output.
pub(crate) struct Connection {
    stream: TcpStream,
    input: Vec<u8>,
    output: Vec<u8>,
    /// Bytes of the output that are sent.
    sent: usize,
    /// No further request is served: the connection is closed when the output is sent.
    closing: bool,
    /// The write direction is shut down.
    shut: bool,
}

impl Connection {
    /// Does I/O until it would block. `false` when the connection has ended.
    fn serve(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 8 * 1024];
        loop {
            self.respond_to_all();
            while self.sent < self.output.len() {
                match self.stream.write(&self.output[self.sent..]) {
                    Ok(count) => self.sent += count,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                    Err(error) => return Err(error),
                }
            }
            self.output.clear();
            self.sent = 0;
            if self.closing && !self.shut {
                self.stream.shutdown(Shutdown::Write)?;
                self.shut = true;
            }
            match self.stream.read(&mut buffer) {
                Ok(0) => return Ok(false),
                // What follows is discarded. Closed with unread data, the stream would be
                // reset, and the client might lose the response.
                Ok(_) if self.closing => {}
                Ok(count) => self.input.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            }
        }
    }

    /// Responds to the complete requests.
    fn respond_to_all(&mut self) {
        let mut used = 0;
        while !self.closing {
            match http::parse(&self.input[used..]) {
                Ok(Some(request)) => {
                    http::respond(&request, &mut self.output);
                    self.closing = !request.keep_alive;
                    used += request.length;
                }
                Ok(None) => break,
                Err(status) => {
                    http::answer(&mut self.output, status, false, true, b"request refused\n");
                    self.closing = true;
                }
            }
        }
        self.input.drain(..used);
    }
}

/// The server's connections by token.
#[derive(Default)]
pub(crate) struct Connections {
    pub(crate) open: HashMap<Token, Connection>,
}

impl server::Server for Connections {
    fn accept(&mut self, stream: TcpStream, token: Token, _: &Registry) {
        let connection = Connection {
            stream,
            input: Vec::new(),
            output: Vec::new(),
            sent: 0,
            closing: false,
            shut: false,
        };
        self.open.insert(token, connection);
    }

    fn serve(&mut self, token: Token) {
        if let Some(connection) = self.open.get_mut(&token) {
            // A failed connection doesn't end the server.
            if !connection.serve().unwrap_or(false) {
                self.open.remove(&token);
            }
        }
    }
}

fn main() -> ExitCode {
    let Some([address]) = server::addresses() else {
        return server::usage("http_on_wasi IP:PORT");
    };
    let result = server::run(Connections::default(), address, "http://");
    server::exit("http_on_wasi", address, result)
}
