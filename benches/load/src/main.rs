//! Loads a server and prints what it achieves, as lines of CSV.
//!
//! ```text
//! mio-load echo ADDRESS [KEY=VALUE]..     64 bytes there and back
//! mio-load http ADDRESS [KEY=VALUE]..     GET /, keeping the connections
//!     busy=1,32 idle=0,2000   connections, each busy with each idle
//!     seconds=2 | requests=N  how long
//!     cold=100                also sends as many requests a second on idle connections
//!     new=100                 the same on new connections, which are closed after it
//! mio-load churn ADDRESS seconds=2        connect, echo, close, one after the other
//! mio-load report FILE                    medians and ratios of collected lines
//! mio-load plot FILE FOLDER               SVGs of the rates beside idle connections, and of the
//!                                         latency of cold ones, as far as they were measured
//! ```
//!
//! A line is `busy,idle,rate,p50,p99,cold50,cold99`, times in microseconds.

mod client;
mod plot;
mod report;

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use client::{Clients, Cold, ColdKind, Exchange, Until};

/// What an echo sends.
const ECHO: [u8; 64] = [b'e'; 64];

/// What HTTP sends.
const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// The arguments after the address.
struct Options {
    busy: Vec<usize>,
    idle: Vec<usize>,
    until: Until,
    cold: Option<Cold>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self, Box<dyn Error>> {
        let mut options = Self {
            busy: vec![1, 32],
            idle: vec![0],
            until: Until::Passed(Duration::from_secs(2)),
            cold: None,
        };
        for argument in arguments {
            let (key, value) = argument.split_once('=').ok_or("expected KEY=VALUE")?;
            let numbers = || value.split(',').map(str::parse).collect::<Result<_, _>>();
            match key {
                "busy" => options.busy = numbers()?,
                "idle" => options.idle = numbers()?,
                "seconds" => {
                    options.until = Until::Passed(Duration::from_secs_f64(value.parse()?));
                }
                "requests" => options.until = Until::Answered(value.parse()?),
                "cold" | "new" => {
                    let kind = if key == "new" {
                        ColdKind::New
                    } else {
                        ColdKind::Idle
                    };
                    let rate = value.parse()?;
                    options.cold = Some(Cold { kind, rate });
                }
                _ => return Err(format!("unknown: {key}").into()),
            }
        }
        Ok(options)
    }
}

/// The value that `percent` of the sorted values are below; NaN without values.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted
        .get((sorted.len() * percent / 100).min(last))
        .copied()
        .unwrap_or(f64::NAN)
}

/// Sends one request, to get the length of the responses.
fn http_exchange(server: SocketAddr) -> io::Result<Exchange> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(GET)?;
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        answer.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&answer).to_ascii_lowercase();
        let Some(head) = text.find("\r\n\r\n").map(|at| at + 4) else {
            continue;
        };
        let body: usize = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .and_then(|length| length.parse().ok())
            .ok_or(io::ErrorKind::InvalidData)?;
        if answer.len() >= head + body {
            return Ok(Exchange {
                request: GET.to_vec(),
                answer: head + body,
            });
        }
    }
}

/// Measures each number of busy with each number of idle connections.
fn load(server: SocketAddr, exchange: Exchange, options: &Options) -> io::Result<()> {
    let mut clients = Clients::new(server, exchange)?;
    let max_busy = options.busy.iter().max().copied().unwrap_or(1);
    for &idle in &options.idle {
        for &busy in &options.busy {
            // With none idle there are exactly the busy ones, in ascending order.
            let all = if idle == 0 { busy } else { max_busy + idle };
            clients.open(all)?;
            let outcome = clients.run(busy, options.until, options.cold)?;
            println!(
                "{busy},{idle},{:.1},{:.1},{:.1},{:.1},{:.1}",
                outcome.rate,
                percentile(&outcome.busy, 50),
                percentile(&outcome.busy, 99),
                percentile(&outcome.cold, 50),
                percentile(&outcome.cold, 99),
            );
        }
    }
    Ok(())
}

/// One connection after the other.
fn churn(server: SocketAddr, until: Until) -> io::Result<()> {
    let started = Instant::now();
    let mut times = Vec::new();
    loop {
        let over = match until {
            Until::Passed(length) => started.elapsed() >= length,
            Until::Answered(count) => times.len() >= count,
        };
        if over {
            break;
        }
        let sent_at = Instant::now();
        let mut stream = TcpStream::connect(server)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.write_all(&ECHO)?;
        stream.read_exact(&mut [0; ECHO.len()])?;
        drop(stream);
        times.push(sent_at.elapsed().as_nanos() as f64 / 1000.0);
    }
    let rate = times.len() as f64 / started.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let (half, high) = (percentile(&times, 50), percentile(&times, 99));
    println!("1,0,{rate:.1},{half:.1},{high:.1},NaN,NaN");
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["report", file] => report::print(&report::read(file)?),
        ["plot", file, folder] => {
            let lines = report::read(file)?;
            for (picture, name) in [(plot::RATES, "bench_wasi"), (plot::COLD, "cold_latency")] {
                if picture.has_lines(&lines) {
                    std::fs::write(format!("{folder}/{name}.svg"), picture.svg(&lines)?)?;
                }
            }
        }
        [job, server, ..] => {
            let server = server.parse()?;
            let options = Options::parse(&arguments[2..])?;
            match job {
                "echo" => {
                    let (request, answer) = (ECHO.to_vec(), ECHO.len());
                    load(server, Exchange { request, answer }, &options)?;
                }
                "http" => load(server, http_exchange(server)?, &options)?,
                "churn" => churn(server, options.until)?,
                _ => return Err(format!("unknown: {job}").into()),
            }
        }
        _ => return Err("see the top of benches/load/src/main.rs".into()),
    }
    Ok(())
}
