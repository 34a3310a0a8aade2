//! What all clients' checks share: deadlines, contents to compare, and a proxy that vanishes.

use std::fmt::Debug;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A name that no resolver knows: the top-level domain is reserved for this.
pub const UNKNOWN_HOST: &str = "no-such-host.invalid";

/// The time that any single check may take.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// The argument at `index` of the command line, counted from 1.
pub fn argument(index: usize) -> String {
    std::env::args()
        .nth(index)
        .unwrap_or_else(|| panic!("argument {index} is missing"))
}

/// Runs one check within the deadline and prints its name when it has passed.
pub async fn check<F: Future>(name: &str, body: F) -> F::Output {
    let output = tokio::time::timeout(DEADLINE, body)
        .await
        .unwrap_or_else(|_| panic!("{name}: not finished within {DEADLINE:?}"));
    println!("ok: {name}");
    output
}

/// The error of a call that has to fail.
pub fn must_fail<T, E>(result: Result<T, E>) -> E {
    match result {
        Ok(_) => panic!("succeeded in place of failing"),
        Err(error) => error,
    }
}

/// Asserts that a call failed with an I/O error of `kind` among its causes.
pub fn assert_kind(error: &(dyn std::error::Error + 'static), kind: io::ErrorKind) {
    let mut cause = Some(error);
    while let Some(current) = cause {
        match current.downcast_ref::<io::Error>() {
            Some(found) if found.kind() == kind => return,
            _ => cause = current.source(),
        }
    }
    panic!("no {kind:?} among the causes of {error:?}");
}

/// Asserts that the text of an error, as `Debug` writes it, has `part` in it.
pub fn assert_mentions(error: &impl Debug, part: &str) {
    let text = format!("{error:?}");
    assert!(text.contains(part), "no '{part}' in {text}");
}

/// `len` printable bytes that repeat only after 251 * 64 of them, so that a part that is
/// lost, doubled or moved shows.
pub fn pattern(len: usize) -> Vec<u8> {
    (0..len)
        .map(|i| b'0' + ((i % 251 + i / 251) % 64) as u8)
        .collect()
}

/// An address on loopback that refuses connections.
pub async fn refused_address() -> io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0").await?.local_addr()
}

/// Prints the number of operations a second of `count` operations.
pub fn print_rate(name: &str, count: u32, started: Instant) {
    let rate = f64::from(count) / started.elapsed().as_secs_f64();
    println!("rate: {name}: {rate:.0} a second");
}

/// Forwards connections to a server until it vanishes together with all of them.
pub struct Proxy {
    address: SocketAddr,
    forwarding: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// Listens on loopback and forwards to `upstream`.
    pub async fn start(upstream: &str) -> io::Result<Proxy> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let forwarding = tokio::spawn(forward_all(listener, upstream.to_owned()));
        Ok(Proxy {
            address,
            forwarding,
        })
    }

    /// Where the proxy listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the listener and all connections.
    pub async fn vanish(self) {
        self.forwarding.abort();
        assert!(must_fail(self.forwarding.await).is_cancelled());
    }
}

/// Accepts and forwards; dropping this drops the connections.
async fn forward_all(listener: TcpListener, upstream: String) {
    let mut connections = JoinSet::new();
    while let Ok((mut client, _)) = listener.accept().await {
        let upstream = upstream.clone();
        connections.spawn(async move {
            let mut server = TcpStream::connect(upstream).await?;
            tokio::io::copy_bidirectional(&mut client, &mut server).await
        });
    }
}
