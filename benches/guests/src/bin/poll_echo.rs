//! Echo on `Poll` alone: the least that a program on this library has to do.
//!
//! `poll_echo PORT`, natively and in WasmEdge.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

/// The token of the listener; connections have their index.
const LISTENER: Token = Token(usize::MAX);

/// Sends everything back that is there; `false` when the connection has ended.
fn serve(stream: &mut TcpStream, buffer: &mut [u8], to_its_end: bool) -> bool {
    loop {
        match stream.read(buffer) {
            Ok(0) => return false,
            Ok(count) => {
                // The clients of a measurement wait for each response, so the send buffer is empty.
                if !matches!(stream.write(&buffer[..count]), Ok(sent) if sent == count) {
                    return false;
                }
                // A short read: further data cause another event, unless the end was reported
                // already.
                if count < buffer.len() && !to_its_end {
                    return true;
                }
            }
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
    }
}

fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let address = SocketAddr::from(([127, 0, 0, 1], port.unwrap_or(0)));
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(1024);
    let mut listener = TcpListener::bind(address)?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("listening on {}", listener.local_addr()?);

    let mut connections: Vec<Option<TcpStream>> = Vec::new();
    let mut free = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut stream, _)) = listener.accept() {
                    let index = free.pop().unwrap_or_else(|| {
                        connections.push(None);
                        connections.len() - 1
                    });
                    let interests = Interest::READABLE;
                    poll.registry()
                        .register(&mut stream, Token(index), interests)?;
                    connections[index] = Some(stream);
                }
                continue;
            }
            let index = event.token().0;
            if let Some(stream) = &mut connections[index] {
                if !serve(stream, &mut buffer, event.is_read_closed()) {
                    connections[index] = None;
                    free.push(index);
                }
            }
        }
    }
}
