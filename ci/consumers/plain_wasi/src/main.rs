//! An echo server in standard WASI preview 1, on a listener that the host passes
//! in as descriptor 3. Before it serves it checks that all other calls return an error that
//! names the feature. It ends after a client has sent `quit`.

use std::collections::HashMap;
use std::fmt::Debug;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::FromRawFd;

use mio::net::{TcpListener, TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixStream};
use mio::{Events, Interest, Poll, Token};

/// The first descriptor that a host passes in.
const PASSED_IN: i32 = 3;

/// The listener's token; streams have those from 1 on.
const LISTENER: Token = Token(0);

fn main() -> io::Result<()> {
    check_unsupported();
    // SAFETY: the host has opened it for this program, and nothing else uses it.
    let listener = unsafe { std::net::TcpListener::from_raw_fd(PASSED_IN) };
    listener.set_nonblocking(true)?;
    serve(TcpListener::from_std(listener))
}

/// Checks that calls which need the extension fail with that reason.
fn check_unsupported() {
    let address = "127.0.0.1:0".parse().unwrap();
    unsupported(TcpStream::connect(address));
    unsupported(TcpListener::bind(address));
    unsupported(UdpSocket::bind(address));
    unsupported(UnixStream::connect("nothing"));
    unsupported(UnixStream::pair());
    unsupported(UnixListener::bind("nothing"));
    unsupported(UnixDatagram::unbound());
    println!("unsupported: all that needs the extension");
}

/// Checks that a result is an error that names the feature.
fn unsupported<T: Debug>(result: io::Result<T>) {
    let error = result.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert!(error.to_string().contains("`wasmedge`"), "{error}");
}

/// Accepts and echoes.
fn serve(mut listener: TcpListener) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(64);
    let mut streams = HashMap::new();
    let mut next = 1;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    unsupported(listener.local_addr());
    println!("serving");
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                accept_all(&listener, &poll, &mut streams, &mut next)?;
                continue;
            }
            let Some(stream) = streams.get_mut(&event.token()) else {
                continue;
            };
            match echo(stream)? {
                Outcome::Open => {}
                Outcome::Closed => drop(streams.remove(&event.token())),
                Outcome::Quit => return Ok(()),
            }
        }
    }
}

/// Accepts all pending connections.
fn accept_all(
    listener: &TcpListener,
    poll: &Poll,
    streams: &mut HashMap<Token, TcpStream>,
    next: &mut usize,
) -> io::Result<()> {
    loop {
        let mut stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        let token = Token(*next);
        *next += 1;
        poll.registry()
            .register(&mut stream, token, Interest::READABLE)?;
        streams.insert(token, stream);
    }
}

/// How reading from a stream has ended.
enum Outcome {
    /// It would block.
    Open,
    /// The client has closed.
    Closed,
    /// The client has requested the end.
    Quit,
}

/// Echoes what was received. (What a client of this test sends fits into the
/// socket's buffer.)
fn echo(stream: &mut TcpStream) -> io::Result<Outcome> {
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(Outcome::Closed),
            Ok(count) if buffer.starts_with(b"quit") => {
                stream.write_all(&buffer[..count])?;
                return Ok(Outcome::Quit);
            }
            Ok(count) => stream.write_all(&buffer[..count])?,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Outcome::Open),
            Err(error) => return Err(error),
        }
    }
}
