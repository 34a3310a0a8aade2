//! Shared by the servers among the examples: arguments and exit status, and the event loop
//! of those on TCP.

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::process::ExitCode;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token};

const LISTENER: Token = Token(0);

/// A server's part of the event loop.
pub(crate) trait Server {
    /// Takes an accepted connection, which is registered with its token already.
    fn accept(&mut self, stream: TcpStream, token: Token, registry: &Registry);

    /// Does I/O on a connection, if it is still open, until it would block.
    fn serve(&mut self, token: Token);
}

/// Accepts all pending connections, each with the token after the last. After an error
/// others are still pending.
pub(crate) fn accept_all(
    server: &mut dyn Server,
    listener: &TcpListener,
    registry: &Registry,
    last: &mut Token,
) -> io::Result<()> {
    loop {
        let (mut stream, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            // The client has closed before it was accepted; others are still pending.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
            Err(error) => return Err(error),
        };
        last.0 += 1;
        let interests = Interest::READABLE | Interest::WRITABLE;
        match registry.register(&mut stream, *last, interests) {
            Ok(()) => server.accept(stream, *last, registry),
            Err(error) => eprintln!("{peer}: not registered: {error}"),
        }
    }
}

/// Listens and serves until something fails. `scheme` is printed before the
/// address.
#[allow(dead_code)] // ci/soak includes this file and has a loop of its own, as has `udp_echo`
pub(crate) fn run(mut server: impl Server, address: SocketAddr, scheme: &str) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(256);
    let mut listener = TcpListener::bind(address)?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("listening on {scheme}{}", listener.local_addr()?);

    let mut last = LISTENER;
    let (mut is_pending, mut is_printed) = (false, false);
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            match event.token() {
                LISTENER => is_pending = true,
                token => server.serve(token),
            }
        }
        if is_pending {
            match accept_all(&mut server, &listener, poll.registry(), &mut last) {
                Ok(()) => (is_pending, is_printed) = (false, false),
                // All descriptors are in use, say. It is retried after the next event, which
                // a closed connection causes.
                Err(error) if !is_printed => {
                    eprintln!("not accepted: {error}");
                    is_printed = true;
                }
                Err(_) => {}
            }
        }
    }
}

/// The arguments of the program, if they are this many addresses.
#[allow(dead_code)] // not used by ci/soak
pub(crate) fn addresses<const COUNT: usize>() -> Option<[SocketAddr; COUNT]> {
    let parse = |text: OsString| text.to_str()?.parse().ok();
    let all: Option<Vec<_>> = std::env::args_os().skip(1).map(parse).collect();
    all?.try_into().ok()
}

/// Prints the usage of the program.
#[allow(dead_code)] // not used by ci/soak
pub(crate) fn usage(how: &str) -> ExitCode {
    eprintln!("usage: {how}   (e.g. 127.0.0.1:8080: addresses only, no names)");
    ExitCode::from(2)
}

/// The exit status of the program; prints its error.
#[allow(dead_code)] // not used by ci/soak
pub(crate) fn exit(name: &str, about: impl Display, result: io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {about}: {error}");
            ExitCode::FAILURE
        }
    }
}
