//! A UDP server that sends each datagram back to its sender, natively and
//! in WebAssembly.
//!
//! ```text
//! cargo run --example udp_echo -- 127.0.0.1:7879
//!
//! cargo build --release --target wasm32-wasip1 --example udp_echo
//! wasmedge target/wasm32-wasip1/release/examples/udp_echo.wasm 127.0.0.1:7879
//! ```
//!
//! Then `nc -u 127.0.0.1 7879` and type. Ctrl-C ends the server.

mod server;

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::process::ExitCode;

use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token};

/// The socket, and the datagram that could not be sent back yet.
struct Server {
    socket: UdpSocket,
    buffer: Vec<u8>,
    pending: Option<(usize, SocketAddr)>,
}

impl Server {
    /// Echoes until it would block.
    fn serve(&mut self) -> io::Result<()> {
        loop {
            if let Some((length, peer)) = self.pending {
                match self.socket.send_to(&self.buffer[..length], peer) {
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                    // An error of this peer, not of the socket.
                    Err(error) => eprintln!("{peer}: not sent back: {error}"),
                }
                self.pending = None;
            }
            match self.socket.recv_from(&mut self.buffer) {
                Ok(received) => self.pending = Some(received),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                // An earlier peer has closed its socket; the next datagram may be fine.
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
                Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn run(address: SocketAddr) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(4);
    let mut socket = UdpSocket::bind(address)?;
    let interests = Interest::READABLE | Interest::WRITABLE;
    poll.registry().register(&mut socket, Token(0), interests)?;
    println!("listening on {}", socket.local_addr()?);

    let mut server = Server {
        socket,
        // The longest datagram.
        buffer: vec![0; 65_535],
        pending: None,
    };
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        if !events.is_empty() {
            server.serve()?;
        }
    }
}

fn main() -> ExitCode {
    let Some([address]) = server::addresses() else {
        return server::usage("udp_echo IP:PORT");
    };
    server::exit("udp_echo", address, run(address))
}
