//! Loads the servers of `server.rs` with many connections that open and close, of which some
//! misbehave, and compares every byte of the others. In the end each server has to hold as
//! many resources as in the beginning.
//!
//! ```text
//! soak PROTOCOL,ADDRESS,STATUS-ADDRESS,PROCESS.. [KEY=VALUE]..
//!     connections=1000   to each server
//!     seconds=1200       duration, after a warm-up with as many connections
//!     warm-up=30         duration of the warm-up
//!     exchanges=40       most exchanges on one connection
//!     pause=2000         the longest pause between them, in milliseconds
//!     bad=5              connections of 100 that misbehave
//!     left=0             connections that each server may keep, where resets get lost
//!     seed=1
//! ```

#[allow(dead_code)] // only a fuzzer's bytes run out
#[path = "../../../../tests/suite/random_ops/choices.rs"]
mod choices;
mod client;
mod clients;
mod exchange;
mod figures;
mod misbehaving;
mod totals;

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use clients::{Clients, Options};
use exchange::Protocol;
use figures::Figures;

/// Longest time until a server has closed the connections of all clients.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// Time without clients, and the CPU time allowed for it in hundredths of a second.
const IDLE: Duration = Duration::from_secs(2);
const MAX_IDLE_CPU: usize = 10;
/// Allowed growth of the heap since the start: tables keep their maximum size.
const MAX_HEAP_GROWTH: usize = 512 * 1024;
/// Allowed growth of the resident process since before its first client, in KiB, besides
/// a module's pages, all of which become resident in time.
const MAX_RESIDENT_GROWTH_KIB: usize = 8 * 1024;
/// Pages are never returned. There may be as many as the peak has needed, and as many for
/// fragmentation.
const MAX_FRAGMENTATION: usize = 2;
const PAGE: usize = 64 * 1024;
const MIN_PAGES: usize = 160;
/// What a connection may need at most, where the peak is not known (preview 2).
const MAX_CONNECTION_SIZE: usize = 192 * 1024;

/// A server under test.
#[derive(Clone, Copy)]
pub struct Server {
    protocol: Protocol,
    address: SocketAddr,
    status: SocketAddr,
    process: u32,
}

impl Server {
    fn parse(text: &str) -> Result<Self, Box<dyn Error>> {
        let words: Vec<&str> = text.split(',').collect();
        let [protocol, address, status, process] = words[..] else {
            return Err(format!("expected PROTOCOL,ADDRESS,STATUS,PROCESS, not {text}").into());
        };
        Ok(Self {
            protocol: match protocol {
                "echo" => Protocol::Echo,
                "http" => Protocol::Http,
                _ => return Err(format!("unknown: {protocol}").into()),
            },
            address: address.parse()?,
            status: status.parse()?,
            process: process.parse()?,
        })
    }

    /// Its figures when at most `others` connections are open.
    fn when_idle(&self, others: usize) -> Result<Figures, Box<dyn Error>> {
        let start = Instant::now();
        loop {
            let figures = figures::take(self.status, self.process)?;
            if figures.connections <= others {
                return Ok(figures);
            }
            if start.elapsed() > MAX_WAIT {
                return Err(format!("{} connections are open", figures.connections).into());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Compares with the start; `false` when it holds too much, or uses CPU time while idle.
    fn check(
        &self,
        fresh: &Figures,
        start: &Figures,
        left: usize,
        connections: usize,
    ) -> Result<bool, Box<dyn Error>> {
        let end = self.when_idle(start.connections + left)?;
        thread::sleep(IDLE);
        let after = figures::take(self.status, self.process)?;
        let idle = after.cpu - end.cpu;
        println!("{:?} fresh:        {fresh}", self.protocol);
        println!("{:?} at the start: {start}", self.protocol);
        println!("{:?} at the end:   {end}", self.protocol);
        println!(
            "{:?}: {:.1} s of CPU, {idle} hundredths in {IDLE:?} without clients",
            self.protocol,
            (end.cpu - start.cpu) as f64 / 100.0
        );
        let more_pages = end.pages - fresh.pages;
        let peak = match end.peak {
            0 => connections * MAX_CONNECTION_SIZE,
            peak => peak,
        };
        let besides = |figures: &Figures| figures.descriptors - figures.connections;
        Ok(besides(&end) == besides(start)
            && end.heap <= start.heap + MAX_HEAP_GROWTH
            && end.pages <= MIN_PAGES + MAX_FRAGMENTATION * peak / PAGE
            && end.resident <= fresh.resident + MAX_RESIDENT_GROWTH_KIB + more_pages * PAGE / 1024
            && idle <= MAX_IDLE_CPU)
    }
}

fn run(arguments: &[String]) -> Result<bool, Box<dyn Error>> {
    let mut servers = Vec::new();
    let mut options = Options::default();
    let (mut seconds, mut warm_up, mut left) = (1200.0, 30.0, 0);
    for argument in arguments {
        match argument.split_once('=') {
            None => servers.push(Server::parse(argument)?),
            Some(("seconds", value)) => seconds = value.parse()?,
            Some(("warm-up", value)) => warm_up = value.parse()?,
            Some(("left", value)) => left = value.parse()?,
            Some(("connections", value)) => options.connections = value.parse()?,
            Some(("exchanges", value)) => options.exchanges = value.parse()?,
            Some(("pause", value)) => options.pause = Duration::from_millis(value.parse()?),
            Some(("bad", value)) => options.bad = value.parse()?,
            Some(("seed", value)) => options.seed = value.parse()?,
            Some((key, _)) => return Err(format!("unknown: {key}").into()),
        }
    }
    let mut fresh = Vec::new();
    for server in &servers {
        fresh.push(figures::take(server.status, server.process)?);
    }
    let connections = options.connections;
    let mut clients = Clients::new(&servers, options)?;
    clients.run(Duration::from_secs_f64(warm_up))?;
    let mut start = Vec::new();
    for (server, fresh) in servers.iter().zip(&fresh) {
        start.push(server.when_idle(fresh.connections + left)?);
    }
    clients.totals = totals::Totals::default();
    clients.run(Duration::from_secs_f64(seconds))?;
    let mut well = clients.totals.print();
    for ((server, fresh), start) in servers.iter().zip(&fresh).zip(&start) {
        well &= server.check(fresh, start, left, connections)?;
    }
    Ok(well)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("soak: bytes were lost, or resources are held");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}
