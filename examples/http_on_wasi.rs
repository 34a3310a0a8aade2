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

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::str;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token};

const LISTENER: Token = Token(0);
/// More than any honest head of a request.
const LONGEST_HEAD: usize = 16 * 1024;
/// More than anybody needs to see echoed.
const LONGEST_BODY: u64 = 1024 * 1024;

/// A request whose bytes are all there.
pub(crate) struct Request<'a> {
    method: &'a str,
    path: &'a str,
    body: &'a [u8],
    keep_alive: bool,
    /// How many bytes it takes, head and body.
    pub(crate) length: usize,
}

/// The first request in the bytes; `None` when it isn't complete, the status line
/// of an answer when it never will be one.
pub(crate) fn parse(bytes: &[u8]) -> Result<Option<Request<'_>>, &'static str> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return match bytes.len() {
            0..=LONGEST_HEAD => Ok(None),
            _ => Err("431 Request Header Fields Too Large"),
        };
    };
    let head = str::from_utf8(&bytes[..end]).map_err(|_| "400 Bad Request")?;
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or("").split(' ');
    let (method, path, version) = match (words.next(), words.next(), words.next(), words.next()) {
        (Some(method), Some(path), Some(version), None) => (method, path, version),
        _ => return Err("400 Bad Request"),
    };
    let known = ["HTTP/1.1", "HTTP/1.0"].contains(&version);
    let token = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    if !known || !token || !path.starts_with('/') {
        return Err("400 Bad Request");
    }

    let mut length_given: Option<u64> = None;
    let mut keep_alive = version == "HTTP/1.1";
    for line in lines {
        let (name, value) = line.split_once(':').ok_or("400 Bad Request")?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            let length = parse_length(value).ok_or("400 Bad Request")?;
            // Two lengths are two ideas of where the next request starts.
            if length_given.is_some_and(|given| given != length) {
                return Err("400 Bad Request");
            }
            length_given = Some(length);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err("501 Not Implemented");
        } else if name.eq_ignore_ascii_case("connection") {
            keep_alive = match keep_alive {
                true => !value.eq_ignore_ascii_case("close"),
                false => value.eq_ignore_ascii_case("keep-alive"),
            };
        }
    }
    let body_length = length_given.unwrap_or(0);
    if body_length > LONGEST_BODY {
        return Err("413 Content Too Large");
    }
    let body = end + 4;
    let length = body + body_length as usize;
    Ok(bytes.get(body..length).map(|body| Request {
        method,
        path,
        body,
        keep_alive,
        length,
    }))
}

/// A length as HTTP has it: digits and nothing else.
fn parse_length(value: &str) -> Option<u64> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    // More digits than the type takes are not understood either.
    digits.then(|| value.parse().ok())?
}

/// Adds an answer to what is to be sent.
fn answer(output: &mut Vec<u8>, status: &str, keep_alive: bool, with_body: bool, body: &[u8]) {
    let connection = if keep_alive { "keep-alive" } else { "close" };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
         Connection: {connection}\r\n\r\n",
        body.len(),
    );
    output.extend_from_slice(head.as_bytes());
    if with_body {
        output.extend_from_slice(body);
    }
}

/// Answers a request.
pub(crate) fn respond(request: &Request<'_>, output: &mut Vec<u8>) {
    let (status, body): (_, &[u8]) = match (request.method, request.path) {
        ("GET" | "HEAD", "/") => ("200 OK", b"Hello from mio_wasi!\n"),
        ("POST", "/echo") => ("200 OK", request.body),
        (_, "/" | "/echo") => ("405 Method Not Allowed", b"no such method here\n"),
        _ => ("404 Not Found", b"nothing here\n"),
    };
    let with_body = request.method != "HEAD";
    answer(output, status, request.keep_alive, with_body, body);
}

/// A client with what it has sent and what it is to get.
pub(crate) struct Connection {
    stream: TcpStream,
    input: Vec<u8>,
    output: Vec<u8>,
    /// How much of the output is sent.
    sent: usize,
    /// To be closed when the output is sent.
    closing: bool,
}

impl Connection {
    /// Does all that can be done now. `false` when the connection has ended.
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
            if self.closing {
                return Ok(false);
            }
            match self.stream.read(&mut buffer) {
                Ok(0) => return Ok(false),
                Ok(count) => self.input.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            }
        }
    }

    /// Answers the requests that are complete.
    fn respond_to_all(&mut self) {
        let mut used = 0;
        while !self.closing {
            match parse(&self.input[used..]) {
                Ok(Some(request)) => {
                    respond(&request, &mut self.output);
                    self.closing = !request.keep_alive;
                    used += request.length;
                }
                Ok(None) => break,
                Err(status) => {
                    answer(&mut self.output, status, false, true, b"not understood\n");
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
    last_token: usize,
}

impl Connections {
    /// Accepts every connection that waits.
    pub(crate) fn accept_all(&mut self, listener: &TcpListener, registry: &Registry) {
        loop {
            let mut stream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => return eprintln!("not accepted: {error}"),
            };
            self.last_token += 1;
            let token = Token(self.last_token);
            let interests = Interest::READABLE | Interest::WRITABLE;
            if let Err(error) = registry.register(&mut stream, token, interests) {
                eprintln!("not registered: {error}");
                continue;
            }
            let connection = Connection {
                stream,
                input: Vec::new(),
                output: Vec::new(),
                sent: 0,
                closing: false,
            };
            self.open.insert(token, connection);
        }
    }

    /// Serves one connection, if it is still there.
    pub(crate) fn serve(&mut self, token: Token) {
        if let Some(connection) = self.open.get_mut(&token) {
            // A connection that fails concerns its client only.
            if !connection.serve().unwrap_or(false) {
                self.open.remove(&token);
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
    println!("listening on http://{}", listener.local_addr()?);

    let mut connections = Connections::default();
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            match event.token() {
                LISTENER => connections.accept_all(&listener, poll.registry()),
                token => connections.serve(token),
            }
        }
    }
}

fn main() -> ExitCode {
    let address = std::env::args().nth(1).map(|address| address.parse());
    let Some(Ok(address)) = address else {
        eprintln!("usage: http_on_wasi ADDRESS:PORT");
        return ExitCode::from(2);
    };
    match run(address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("http_on_wasi: {address}: {error}");
            ExitCode::FAILURE
        }
    }
}
