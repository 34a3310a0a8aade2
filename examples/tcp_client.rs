//! A TCP client with a deadline: sends a line and prints the line that comes back; natively and in WebAssembly.
//!
//! ```text
//! cargo run --example tcp_client -- 127.0.0.1:7878 hello 5
//!
//! cargo build --release --target wasm32-wasip1 --example tcp_client
//! wasmedge target/wasm32-wasip1/release/examples/tcp_client.wasm 127.0.0.1:7878 hello 5
//! ```
//!
//! `tcp_echo` is a server to try it with.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

/// Longest line, in bytes.
const MAX_LINE: usize = 64 * 1024;

/// The steps, in their order.
enum Step {
    Connecting,
    /// With the number of bytes that were sent.
    Sending(usize),
    Receiving,
}

struct Client {
    stream: TcpStream,
    step: Step,
    message: Vec<u8>,
    answer: Vec<u8>,
}

impl Client {
    /// Does I/O until it would block. `true` when the response is complete.
    fn advance(&mut self) -> io::Result<bool> {
        loop {
            match self.step {
                Step::Connecting => {
                    // The reason of a failed connection.
                    if let Some(error) = self.stream.take_error()? {
                        return Err(error);
                    }
                    match self.stream.peer_addr() {
                        Ok(_) => self.step = Step::Sending(0),
                        // A spurious event: it is still connecting.
                        Err(error) if error.kind() == ErrorKind::NotConnected => return Ok(false),
                        Err(error) => return Err(error),
                    }
                }
                Step::Sending(sent) if sent == self.message.len() => self.step = Step::Receiving,
                Step::Sending(sent) => match self.stream.write(&self.message[sent..]) {
                    Ok(count) => self.step = Step::Sending(sent + count),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                    Err(error) => return Err(error),
                },
                Step::Receiving => {
                    let mut buffer = [0; 4 * 1024];
                    match self.stream.read(&mut buffer) {
                        Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                        Ok(count) => self.answer.extend_from_slice(&buffer[..count]),
                        Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                        Err(error) => return Err(error),
                    }
                    if self.answer.contains(&b'\n') {
                        return Ok(true);
                    }
                    if self.answer.len() > MAX_LINE {
                        return Err(io::Error::new(ErrorKind::InvalidData, "too long a line"));
                    }
                }
            }
        }
    }
}

fn run(address: SocketAddr, message: &str, deadline: Instant) -> io::Result<String> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(4);
    let mut stream = TcpStream::connect(address)?;
    let interests = Interest::READABLE | Interest::WRITABLE;
    poll.registry().register(&mut stream, Token(0), interests)?;
    let mut client = Client {
        stream,
        step: Step::Connecting,
        message: format!("{message}\n").into_bytes(),
        answer: Vec::new(),
    };
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        match poll.poll(&mut events, Some(left)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        if !events.is_empty() && client.advance()? {
            let answer = String::from_utf8_lossy(&client.answer);
            return Ok(answer.lines().next().unwrap_or_default().to_owned());
        }
    }
}

/// The arguments: address, message and deadline.
fn arguments() -> Option<(SocketAddr, String, Instant)> {
    let arguments = std::env::args_os().skip(1);
    let arguments: Option<Vec<_>> = arguments.map(|text| text.into_string().ok()).collect();
    let arguments = arguments?;
    let (address, message, seconds) = match &arguments[..] {
        [address, message] => (address, message, 5.0),
        [address, message, seconds] => (address, message, seconds.parse().ok()?),
        _ => return None,
    };
    let timeout = Duration::try_from_secs_f64(seconds).ok()?;
    let deadline = Instant::now().checked_add(timeout)?;
    Some((address.parse().ok()?, message.clone(), deadline))
}

fn main() -> ExitCode {
    let Some((address, message, deadline)) = arguments() else {
        eprintln!("usage: tcp_client IP:PORT MESSAGE [SECONDS]");
        return ExitCode::from(2);
    };
    match run(address, &message, deadline) {
        Ok(answer) => {
            println!("{answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("tcp_client: {address}: {error}");
            ExitCode::FAILURE
        }
    }
}
