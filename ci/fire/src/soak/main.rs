//! Visits the servers of `server.rs` with many connections that come and go, of which
//! some misbehave, and accounts for every byte of the others. In the end each server
//! has to hold as much as in the beginning.
//!
//! ```text
//! soak PROTOCOL,ADDRESS,STATUS-ADDRESS,PROCESS.. [KEY=VALUE]..
//!     connections=1000   to each server
//!     seconds=1200       how long, after a warm-up with the same connections
//!     warm=30            how long that is
//!     exchanges=40       the most in one visit
//!     pause=2000         the longest pause between them, in milliseconds
//!     bad=5              how many of 100 misbehave
//!     left=0             connections that each server may keep, where resets get lost
//!     seed=1
//! ```

#[allow(dead_code)] // bytes that run out are a fuzzer's
#[path = "../../../../tests/suite/random_ops/choices.rs"]
mod choices;
mod exchange;
mod figures;
mod nuisance;
mod totals;
mod visit;
mod visitors;

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use exchange::Protocol;
use figures::Figures;
use visitors::{Habits, Visitors};

/// How long a server may take to notice that all clients have left.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it is watched doing nothing, and the CPU time for that in hundredths.
const IDLE: Duration = Duration::from_secs(2);
const IDLE_CPU: usize = 10;
/// How much more heap than at the start may be in use: tables keep the size of the
/// fullest moment.
const MORE_HEAP: usize = 512 * 1024;
/// How much more of the process than before its first client may be resident, in KiB,
/// besides a module's pages, each of which is touched sooner or later.
const MORE_RESIDENT: usize = 8 * 1024;
/// Pages never go back. There may be as many as the fullest moment has needed, and
/// as much again for the holes in between.
const HOLES: usize = 2;
const PAGE: usize = 64 * 1024;
const SMALL_PAGES: usize = 160;

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

    /// Its figures when it has noticed that we have left. `others` may be there.
    fn at_rest(&self, others: usize) -> Result<Figures, Box<dyn Error>> {
        let start = Instant::now();
        loop {
            let figures = figures::take(self.status, self.process)?;
            if figures.connections <= others {
                return Ok(figures);
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("{} connections are left", figures.connections).into());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Compares with the start; `false` when too much is held, or it is busy with nothing.
    fn check(&self, fresh: &Figures, start: &Figures, left: usize) -> Result<bool, Box<dyn Error>> {
        let end = self.at_rest(start.connections + left)?;
        thread::sleep(IDLE);
        let later = figures::take(self.status, self.process)?;
        let idle = later.cpu - end.cpu;
        println!("{:?} fresh:        {fresh}", self.protocol);
        println!("{:?} at the start: {start}", self.protocol);
        println!("{:?} at the end:   {end}", self.protocol);
        println!(
            "{:?}: {:.1} s of CPU, {idle} hundredths in {IDLE:?} of rest",
            self.protocol,
            (end.cpu - start.cpu) as f64 / 100.0
        );
        let more_pages = end.pages - fresh.pages;
        let besides = |figures: &Figures| figures.descriptors - figures.connections;
        Ok(besides(&end) == besides(start)
            && end.heap <= start.heap + MORE_HEAP
            && end.pages <= SMALL_PAGES + HOLES * end.peak / PAGE
            && end.resident <= fresh.resident + MORE_RESIDENT + more_pages * PAGE / 1024
            && idle <= IDLE_CPU)
    }
}

fn run(arguments: &[String]) -> Result<bool, Box<dyn Error>> {
    let mut servers = Vec::new();
    let mut habits = Habits::default();
    let (mut seconds, mut warm, mut left) = (1200.0, 30.0, 0);
    for argument in arguments {
        match argument.split_once('=') {
            None => servers.push(Server::parse(argument)?),
            Some(("seconds", value)) => seconds = value.parse()?,
            Some(("warm", value)) => warm = value.parse()?,
            Some(("left", value)) => left = value.parse()?,
            Some(("connections", value)) => habits.connections = value.parse()?,
            Some(("exchanges", value)) => habits.exchanges = value.parse()?,
            Some(("pause", value)) => habits.pause = Duration::from_millis(value.parse()?),
            Some(("bad", value)) => habits.bad = value.parse()?,
            Some(("seed", value)) => habits.seed = value.parse()?,
            Some((key, _)) => return Err(format!("unknown: {key}").into()),
        }
    }
    let mut fresh = Vec::new();
    for server in &servers {
        fresh.push(figures::take(server.status, server.process)?);
    }
    let mut visitors = Visitors::new(&servers, habits)?;
    visitors.run(Duration::from_secs_f64(warm))?;
    let mut start = Vec::new();
    for (server, fresh) in servers.iter().zip(&fresh) {
        start.push(server.at_rest(fresh.connections + left)?);
    }
    visitors.totals = totals::Totals::default();
    visitors.run(Duration::from_secs_f64(seconds))?;
    let mut well = visitors.totals.print();
    for ((server, fresh), start) in servers.iter().zip(&fresh).zip(&start) {
        well &= server.check(fresh, start, left)?;
    }
    Ok(well)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("soak: something was lost, or is held for ever");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}
