//! How much memory the library holds: for each registered connection, and after
//! many connections that have come and gone.
//!
//! `memory connections COUNT` registers COUNT connected sockets and prints the bytes
//! that this has taken; `memory cycles COUNT` connects, echoes and closes COUNT times
//! and fails when more memory is in use in the end than after the first thousand.

use std::io::{self, ErrorKind, Read, Write};
use std::mem::size_of;
use std::time::Duration;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use peak_alloc::PeakAlloc;

/// Counts what is allocated.
#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fn in_use() -> usize {
    ALLOCATOR.current_usage()
}

/// All memory that the module has, of which nothing ever goes back to the host.
fn pages() -> usize {
    #[cfg(target_arch = "wasm32")]
    let pages = std::arch::wasm32::memory_size(0);
    #[cfg(not(target_arch = "wasm32"))]
    let pages = 0;
    pages
}

/// Calls until the answer is another one than `WouldBlock`, polling in between.
fn wait<R>(
    poll: &mut Poll,
    events: &mut Events,
    mut operation: impl FnMut() -> io::Result<R>,
) -> io::Result<R> {
    loop {
        match operation() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            result => return result,
        }
        poll.poll(events, Some(Duration::from_secs(5)))?;
        if events.is_empty() {
            return Err(ErrorKind::TimedOut.into());
        }
    }
}

/// Both ends of connections, `count` sockets together.
fn connections(count: usize) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(1024);
    let mut listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
    let address = listener.local_addr()?;
    poll.registry()
        .register(&mut listener, Token(0), Interest::READABLE)?;
    let mut streams = Vec::with_capacity(count);
    while streams.len() < count {
        streams.push(TcpStream::connect(address)?);
        streams.push(wait(&mut poll, &mut events, || listener.accept())?.0);
    }
    let before = in_use();
    for (index, stream) in streams.iter_mut().enumerate() {
        let interests = Interest::READABLE | Interest::WRITABLE;
        poll.registry()
            .register(stream, Token(1 + index), interests)?;
    }
    let mut seen = 0;
    while seen < count {
        poll.poll(&mut events, Some(Duration::from_secs(5)))?;
        assert!(!events.is_empty(), "all of them are writable");
        seen += events.iter().filter(|event| event.is_writable()).count();
    }
    let each = (in_use() - before) as f64 / count as f64;
    let socket = size_of::<TcpStream>();
    println!(
        "{count} registered connections: {each:.0} bytes each in the poll and {socket} in the socket"
    );
    assert!(each + socket as f64 <= 512.0, "that is too much");
    Ok(())
}

/// Connects, echoes and closes.
fn cycles(count: usize) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(64);
    let mut listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
    let address = listener.local_addr()?;
    let interests = Interest::READABLE | Interest::WRITABLE;
    poll.registry()
        .register(&mut listener, Token(0), Interest::READABLE)?;
    let setup = (1000.min(count / 2), "after the first");
    let mut first = (0, 0);
    for number in 1..=count {
        let mut client = TcpStream::connect(address)?;
        poll.registry().register(&mut client, Token(1), interests)?;
        let (mut server, _) = wait(&mut poll, &mut events, || listener.accept())?;
        poll.registry().register(&mut server, Token(2), interests)?;
        let mut buffer = [0; 64];
        wait(&mut poll, &mut events, || client.write(&[7; 64]))?;
        let got = wait(&mut poll, &mut events, || server.read(&mut buffer))?;
        wait(&mut poll, &mut events, || server.write(&buffer[..got]))?;
        let back = wait(&mut poll, &mut events, || client.read(&mut buffer))?;
        assert_eq!((got, back), (64, 64));
        if number == setup.0 {
            first = (in_use(), pages());
        }
    }
    let last = (in_use(), pages());
    println!(
        "{count} cycles: {} bytes and {} pages in use {} {}, {} and {} in the end",
        first.0, first.1, setup.1, setup.0, last.0, last.1
    );
    // The last cycle's two registrations may have allocated slots.
    assert!(last.0 <= first.0 + 1024 && last.1 == first.1, "it grows");
    Ok(())
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["connections", count] => connections(count.parse().unwrap()),
        ["cycles", count] => cycles(count.parse().unwrap()),
        _ => Err(io::Error::new(
            ErrorKind::InvalidInput,
            "usage: memory connections COUNT | memory cycles COUNT",
        )),
    }
}
