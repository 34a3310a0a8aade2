//! What the servers among the examples have in common: how they begin and end, and the
//! event loop of those on TCP.

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::process::ExitCode;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token};

const LISTENER: Token = Token(0);

/// What a server does with its connections.
pub(crate) trait Server {
    /// Takes a connection, which is watched under its token already.
    fn accept(&mut self, stream: TcpStream, token: Token, registry: &Registry);

    /// Does all that can be done now for a connection, if it is still there.
    fn serve(&mut self, token: Token);
}

/// Accepts every connection that waits, each under the token after the last. After an
/// error others still wait.
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
            // A client that has given up before it was its turn concerns nobody else.
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

/// Listens and serves until something fails. `scheme` stands before the address when
/// that is told.
#[allow(dead_code)] // ci/fire includes this file and has a loop of its own, as has `udp_echo`
pub(crate) fn run(mut server: impl Server, address: SocketAddr, scheme: &str) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(256);
    let mut listener = TcpListener::bind(address)?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("listening on {scheme}{}", listener.local_addr()?);

    let mut last = LISTENER;
    let (mut somebody_waits, mut is_told) = (false, false);
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            match event.token() {
                LISTENER => somebody_waits = true,
                token => server.serve(token),
            }
        }
        if somebody_waits {
            match accept_all(&mut server, &listener, poll.registry(), &mut last) {
                Ok(()) => (somebody_waits, is_told) = (false, false),
                // All descriptors are in use, say. Whoever leaves makes an event, and
                // then it is tried again.
                Err(error) if !is_told => {
                    eprintln!("somebody has to wait: {error}");
                    is_told = true;
                }
                Err(_) => {}
            }
        }
    }
}

/// The arguments of the program, if they are this many addresses.
#[allow(dead_code)] // not used by ci/fire
pub(crate) fn addresses<const COUNT: usize>() -> Option<[SocketAddr; COUNT]> {
    let parse = |text: OsString| text.to_str()?.parse().ok();
    let all: Option<Vec<_>> = std::env::args_os().skip(1).map(parse).collect();
    all?.try_into().ok()
}

/// Tells how the program is to be called.
#[allow(dead_code)] // not used by ci/fire
pub(crate) fn usage(how: &str) -> ExitCode {
    eprintln!("usage: {how}   (e.g. 127.0.0.1:8080: names are not looked up)");
    ExitCode::from(2)
}

/// Tells how the program has ended, and what it was about.
#[allow(dead_code)] // not used by ci/fire
pub(crate) fn exit(name: &str, about: impl Display, result: io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {about}: {error}");
            ExitCode::FAILURE
        }
    }
}
