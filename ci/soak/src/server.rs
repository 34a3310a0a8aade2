//! The connections of the examples `tcp_echo` and `http_on_wasi`, and beside them a
//! listener that reports the number of connections and the memory in use.
//!
//! ```text
//! server echo|http ADDRESS STATUS-ADDRESS
//! ```
//!
//! Natively and in WasmEdge. A connection to the second address gets one line.

#![allow(clippy::duplicate_mod)] // each example has the file of the loop

use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Registry, Token};
use peak_alloc::PeakAlloc;

#[allow(dead_code)] // its connections are served, its own loop isn't run
#[path = "../../../examples/tcp_echo.rs"]
mod echo;
#[allow(dead_code)] // the same
#[path = "../../../examples/http_on_wasi.rs"]
mod web;

const LISTENER: Token = Token(0);
const STATUS: Token = Token(usize::MAX);

/// Counts the allocated bytes.
#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Pages of the module's memory, which never shrinks.
fn pages() -> usize {
    #[cfg(target_arch = "wasm32")]
    let pages = std::arch::wasm32::memory_size(0);
    #[cfg(not(target_arch = "wasm32"))]
    let pages = 0;
    pages
}

/// The bytes that are allocated, and the most there ever were. Not known on preview 2, where
/// libc frees what Rust has allocated for the host: its pages tell.
fn heap() -> (usize, usize) {
    match cfg!(all(target_os = "wasi", target_env = "p2")) {
        true => (0, 0),
        false => (ALLOCATOR.current_usage(), ALLOCATOR.peak_usage()),
    }
}

/// What a server does with its connections.
trait Service {
    fn accept_all(
        &mut self,
        listener: &TcpListener,
        registry: &Registry,
        last: &mut Token,
    ) -> io::Result<()>;
    fn serve(&mut self, token: Token);
    fn count(&self) -> usize;
}

/// Makes a service of an example's server. (Each example has the loop's file for
/// itself, and so a trait of its own.)
macro_rules! impl_service {
    ($($example:ident::$server:ident),+) => { $(
        impl Service for $example::$server {
            fn accept_all(
                &mut self,
                listener: &TcpListener,
                registry: &Registry,
                last: &mut Token,
            ) -> io::Result<()> {
                $example::server::accept_all(self, listener, registry, last)
            }

            fn serve(&mut self, token: Token) {
                $example::server::Server::serve(self, token);
            }

            fn count(&self) -> usize {
                self.open.len()
            }
        }
    )+ };
}

impl_service!(echo::Echo, web::Connections);

/// Returns free memory that the allocator keeps to the system.
fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it takes no memory of ours.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Sends the status line to each connection of the status listener.
fn report_status(listener: &TcpListener, connections: usize) {
    while let Ok((mut stream, _)) = listener.accept() {
        trim();
        let (heap, peak) = heap();
        let pages = pages();
        let line = format!("connections {connections} heap {heap} peak {peak} pages {pages}\n");
        if let Err(error) = stream.write_all(line.as_bytes()) {
            eprintln!("status not sent: {error}");
        }
    }
}

fn run(service: &mut dyn Service, addresses: [SocketAddr; 2]) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(256);
    let mut listeners = Vec::new();
    for (address, token, what) in [
        (addresses[0], LISTENER, "listening"),
        (addresses[1], STATUS, "status"),
    ] {
        let mut listener = TcpListener::bind(address)?;
        poll.registry()
            .register(&mut listener, token, Interest::READABLE)?;
        println!("{what} on {}", listener.local_addr()?);
        listeners.push(listener);
    }
    let mut last = LISTENER;
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            match event.token() {
                LISTENER => {
                    let result = service.accept_all(&listeners[0], poll.registry(), &mut last);
                    result.unwrap_or_else(|error| eprintln!("not accepted: {error}"));
                }
                STATUS => report_status(&listeners[1], service.count()),
                token => service.serve(token),
            }
        }
    }
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [job, listen, status] = words[..] else {
        return Err(io::Error::new(
            ErrorKind::InvalidInput,
            "usage: server echo|http ADDRESS STATUS-ADDRESS",
        ));
    };
    let parse = |address: &str| {
        let parsed = address.parse();
        parsed.map_err(|error| io::Error::new(ErrorKind::InvalidInput, format!("{error}")))
    };
    let addresses = [parse(listen)?, parse(status)?];
    match job {
        "http" => run(&mut web::Connections::default(), addresses),
        _ => run(&mut echo::Echo::default(), addresses),
    }
}
