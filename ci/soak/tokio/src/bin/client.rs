//! Many clients on reqwest, each with a connection of its own that it closes and makes again.
//! Some misbehave: they reset, half-close, read slowly, send garbage, or give requests up. Each
//! byte of the others is compared.
//!
//! ```text
//! client SERVER SECONDS CONNECTIONS BAD-OF-100 LONGEST-PAUSE-MS
//! ```
//!
//! Prints a line every ten seconds and one in the end. The exit status is 1 when an
//! exchange has failed.

use std::cell::{Cell, RefCell};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, Instant};

use reqwest::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::{spawn_local, LocalSet};
use tokio::time::{sleep, timeout};
use tokio_soak::{memory, pattern};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// An exchange that takes longer is lost.
const MAX_EXCHANGE: Duration = Duration::from_secs(60);
/// Most exchanges on one connection.
const MAX_EXCHANGES: u64 = 12;
/// The longest body.
const MAX_BODY: u64 = 3_000;
/// From one line of figures to the next.
const INTERVAL: Duration = Duration::from_secs(10);

/// What all clients share.
struct Shared {
    server: String,
    end: Instant,
    max_pause_ms: u64,
    exchanges: Cell<u64>,
    connections: Cell<u64>,
    faults: Cell<u64>,
    lost: Cell<u64>,
    failures: RefCell<Vec<String>>,
}

impl Shared {
    fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }

    fn print(&self, what: &str) {
        let (heap, pages) = memory();
        println!(
            "{what}: {} exchanges, {} connections, {} faults, {} lost, heap {heap}, pages {pages}",
            self.exchanges.get(),
            self.connections.get(),
            self.faults.get(),
            self.lost.get()
        );
    }
}

/// Adds one.
fn count(counter: &Cell<u64>) {
    counter.set(counter.get() + 1);
}

/// Pseudo-random numbers (SplitMix64).
struct Numbers(u64);

impl Numbers {
    /// One of `0..limit`.
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (value ^ (value >> 31)) % limit
    }

    async fn pause(&mut self, shared: &Shared) {
        sleep(Duration::from_millis(self.below(shared.max_pause_ms))).await;
    }
}

/// Sends a body and compares what comes back.
async fn exchange(client: &Client, shared: &Shared, length: usize) -> Result<()> {
    let request = client.post(format!("http://{}/echo", shared.server));
    let sent = pattern(length);
    let response = request.body(sent.clone()).send().await?;
    let received = response.error_for_status()?.bytes().await?;
    match received == sent {
        true => Ok(()),
        false => Err(format!("{} bytes in place of {length}", received.len()).into()),
    }
}

/// A client that behaves.
async fn behave(shared: Rc<Shared>, mut numbers: Numbers) {
    while !shared.is_over() {
        let client = match Client::builder().pool_max_idle_per_host(1).build() {
            Ok(client) => client,
            Err(error) => return shared.failures.borrow_mut().push(error.to_string()),
        };
        count(&shared.connections);
        for _ in 0..=numbers.below(MAX_EXCHANGES) {
            numbers.pause(&shared).await;
            if shared.is_over() {
                return;
            }
            let length = numbers.below(MAX_BODY) as usize;
            let failure = match timeout(MAX_EXCHANGE, exchange(&client, &shared, length)).await {
                Ok(Ok(())) => {
                    count(&shared.exchanges);
                    continue;
                }
                Ok(Err(error)) => format!("{error:?}"),
                Err(_) => "no response in time".to_owned(),
            };
            count(&shared.lost);
            shared.failures.borrow_mut().push(failure);
            break;
        }
    }
}

/// One fault of a client that misbehaves. Errors are what it asks for.
async fn fault(shared: &Shared, numbers: &mut Numbers) -> Result<()> {
    let mut stream = TcpStream::connect(&shared.server).await?;
    let server = &shared.server;
    let long = format!("GET /pattern/200000 HTTP/1.1\r\nHost: {server}\r\n\r\n");
    let mut buffer = [0; 4096];
    match numbers.below(6) {
        // Closing with unread data resets the connection.
        0 => {
            stream.write_all(long.as_bytes()).await?;
            stream.read_exact(&mut buffer).await?;
        }
        // The end in the middle of a request.
        1 => {
            stream.write_all(&long.as_bytes()[..10]).await?;
            stream.shutdown().await?;
            while stream.read(&mut buffer).await? > 0 {}
        }
        // An end behind a whole request.
        2 => {
            stream.write_all(long.as_bytes()).await?;
            stream.shutdown().await?;
            while stream.read(&mut buffer).await? > 0 {}
        }
        3 => {
            stream.write_all(b"\0\xffno request at all\r\n\r\n").await?;
            while stream.read(&mut buffer).await? > 0 {}
        }
        // A slow reader, which gives up.
        4 => {
            stream.write_all(long.as_bytes()).await?;
            for _ in 0..8 {
                let _ = stream.read(&mut buffer[..512]).await?;
                sleep(Duration::from_millis(200)).await;
            }
        }
        // A request that is given up before its response.
        _ => {
            let client = Client::builder().build()?;
            let request = client.get(format!("http://{server}/late/2000"));
            let _ = timeout(Duration::from_millis(100), request.send()).await;
        }
    }
    Ok(())
}

/// A client that misbehaves.
async fn misbehave(shared: Rc<Shared>, mut numbers: Numbers) {
    while !shared.is_over() {
        numbers.pause(&shared).await;
        if timeout(MAX_EXCHANGE, fault(&shared, &mut numbers))
            .await
            .is_err()
        {
            count(&shared.lost);
            shared
                .failures
                .borrow_mut()
                .push("no end of a faulty connection".to_owned());
        }
        count(&shared.faults);
    }
}

async fn run(words: &[String]) -> Result<bool> {
    let [server, seconds, connections, bad, max_pause_ms] = words else {
        return Err("usage: client SERVER SECONDS CONNECTIONS BAD-OF-100 LONGEST-PAUSE-MS".into());
    };
    let (connections, bad): (u64, u64) = (connections.parse()?, bad.parse()?);
    let shared = Rc::new(Shared {
        server: server.clone(),
        end: Instant::now() + Duration::from_secs(seconds.parse()?),
        max_pause_ms: max_pause_ms.parse::<u64>()?.max(1),
        exchanges: Cell::default(),
        connections: Cell::default(),
        faults: Cell::default(),
        lost: Cell::default(),
        failures: RefCell::default(),
    });
    shared.print("0 s");
    let clients: Vec<_> = (0..connections)
        .map(|number| {
            let (shared, numbers) = (shared.clone(), Numbers(number));
            match number % 100 < bad {
                true => spawn_local(misbehave(shared, numbers)),
                false => spawn_local(behave(shared, numbers)),
            }
        })
        .collect();
    let start = Instant::now();
    while !shared.is_over() {
        sleep(INTERVAL.min(shared.end.saturating_duration_since(Instant::now()))).await;
        shared.print(&format!("{} s", start.elapsed().as_secs()));
    }
    for client in clients {
        client.await?;
    }
    // Connections end in tasks of their own.
    sleep(Duration::from_secs(1)).await;
    shared.print("end");
    for failure in shared.failures.borrow().iter().take(20) {
        println!("lost: {failure}");
    }
    Ok(shared.lost.get() == 0 && shared.exchanges.get() > 0)
}

fn main() -> Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let is_well = runtime.block_on(LocalSet::new().run_until(run(&words)))?;
    Ok(match is_well {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
