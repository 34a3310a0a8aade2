//! An echo server on a Unix socket; natively, and in WebAssembly where the host allows
//! these sockets.
//!
//! ```text
//! cargo run --example unix_echo -- echo.sock
//!
//! cargo build --release --target wasm32-wasip1 --example unix_echo
//! wasmedge --allow-af-unix target/wasm32-wasip1/release/examples/unix_echo.wasm echo.sock
//! ```
//!
//! Then `nc -U echo.sock` and type. Ctrl-C ends the server, and its path stays:
//! remove it before the next start.

use std::path::PathBuf;
use std::process::ExitCode;

#[cfg(any(
    unix,
    all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3")))
))]
mod server {
    use std::collections::HashMap;
    use std::io::{self, ErrorKind, Read, Write};
    use std::path::Path;

    use mio::net::{UnixListener, UnixStream};
    use mio::{Events, Interest, Poll, Token};

    const LISTENER: Token = Token(0);

    /// Echoes until the client has closed. When the socket would block, the rest stays in
    /// `pending`, and nothing is read meanwhile.
    fn serve(stream: &mut UnixStream, pending: &mut Vec<u8>) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        loop {
            while !pending.is_empty() {
                let sent = stream.write(pending)?;
                pending.drain(..sent);
            }
            match stream.read(&mut buffer)? {
                0 => return Ok(()),
                count => pending.extend_from_slice(&buffer[..count]),
            }
        }
    }

    /// The next pending connection. An error doesn't end the server.
    fn accept(listener: &UnixListener) -> Option<UnixStream> {
        loop {
            match listener.accept() {
                Ok((stream, _)) => return Some(stream),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
                Err(error) => {
                    eprintln!("not accepted: {error}");
                    return None;
                }
            }
        }
    }

    pub(super) fn run(path: &Path) -> io::Result<()> {
        let mut poll = Poll::new()?;
        let mut events = Events::with_capacity(64);
        let mut listener = UnixListener::bind(path)?;
        poll.registry()
            .register(&mut listener, LISTENER, Interest::READABLE)?;
        println!("listening on {}", path.display());

        let mut clients = HashMap::new();
        let mut last_token = LISTENER.0;
        loop {
            match poll.poll(&mut events, None) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                result => result?,
            }
            for event in &events {
                let token = event.token();
                if let Some((stream, pending)) = clients.get_mut(&token) {
                    match serve(stream, pending) {
                        Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                        Err(error) => eprintln!("client {}: {error}", token.0),
                        Ok(()) => {}
                    }
                    // Its descriptor is free for a pending connection.
                    clients.remove(&token);
                }
                while let Some(mut stream) = accept(&listener) {
                    last_token += 1;
                    let token = Token(last_token);
                    let interests = Interest::READABLE | Interest::WRITABLE;
                    match poll.registry().register(&mut stream, token, interests) {
                        Ok(()) => drop(clients.insert(token, (stream, Vec::new()))),
                        Err(error) => eprintln!("client {}: {error}", token.0),
                    }
                }
            }
        }
    }
}

#[cfg(not(any(
    unix,
    all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3")))
)))]
mod server {
    use std::io;
    use std::path::Path;

    pub(super) fn run(_: &Path) -> io::Result<()> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this system has no Unix sockets",
        ))
    }
}

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [path] = &arguments[..] else {
        eprintln!("usage: unix_echo PATH");
        return ExitCode::from(2);
    };
    if let Err(error) = server::run(path) {
        eprintln!("unix_echo: {}: {error}", path.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
