//! Resources of a server: descriptors and memory of its process, and its status line.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// Longest time until a server sends its status line.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// KiB of the system's page.
const PAGE: usize = 4;

/// The figures at one time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// Open descriptors of the process.
    pub descriptors: usize,
    /// Memory of the process that is in use, in KiB.
    pub resident: usize,
    /// CPU time so far, in hundredths of a second.
    pub cpu: usize,
    /// Connections that the server holds.
    pub connections: usize,
    /// Allocated bytes.
    pub heap: usize,
    /// Maximum of allocated bytes.
    pub peak: usize,
    /// Pages of a module's memory, 64 KiB each.
    pub pages: usize,
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} descriptors, {} KiB resident, {} bytes of heap (most: {}), {} pages",
            self.descriptors, self.resident, self.heap, self.peak, self.pages
        )
    }
}

/// The status line of a server.
fn read_status(status: SocketAddr) -> io::Result<String> {
    let mut line = String::new();
    let mut stream = TcpStream::connect(status)?;
    stream.set_read_timeout(Some(MAX_WAIT))?;
    stream.read_to_string(&mut line)?;
    Ok(line)
}

/// The least number of descriptors of a process in a short time. (wasmtime 49 closes a connection
/// a moment after its client has read the end.)
fn least_descriptors(process: u32) -> io::Result<usize> {
    let mut least = usize::MAX;
    for _ in 0..5 {
        least = least.min(fs::read_dir(format!("/proc/{process}/fd"))?.count());
        thread::sleep(Duration::from_millis(10));
    }
    Ok(least)
}

/// Counts the descriptors of a server's process between two equal lines, so that
/// both are of the same time.
fn count(status: SocketAddr, process: u32) -> io::Result<(String, usize)> {
    let start = Instant::now();
    let mut before = read_status(status)?;
    loop {
        let descriptors = least_descriptors(process)?;
        let after = read_status(status)?;
        if before == after || start.elapsed() > MAX_WAIT {
            return Ok((after, descriptors));
        }
        before = after;
    }
}

/// Reads the status line of a server and the figures of its process.
pub fn take(status: SocketAddr, process: u32) -> io::Result<Figures> {
    let (line, descriptors) = count(status, process)?;
    let word_after = |name: &str| -> io::Result<usize> {
        let mut words = line.split_whitespace();
        let found = words.find(|word| *word == name).and_then(|_| words.next());
        found.and_then(|word| word.parse().ok()).ok_or_else(|| {
            let what = format!("no {name} in the server's line {line:?}");
            io::Error::new(ErrorKind::InvalidData, what)
        })
    };
    let statm = fs::read_to_string(format!("/proc/{process}/statm"))?;
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // Fields are counted after the name, which may contain spaces.
    let (_, stat) = stat.rsplit_once(')').unwrap_or_default();
    let number = |text: &str, index: usize| -> io::Result<usize> {
        let word = text.split_whitespace().nth(index);
        word.and_then(|word| word.parse().ok())
            .ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "not as in proc(5)"))
    };
    Ok(Figures {
        descriptors,
        resident: number(&statm, 1)? * PAGE,
        cpu: number(stat, 11)? + number(stat, 12)?,
        connections: word_after("connections")?,
        heap: word_after("heap")?,
        peak: word_after("peak")?,
        pages: word_after("pages")?,
    })
}

/// Both sockets of a connection: lines of proc_net_tcp(5) with this port, to find out where
/// bytes are stuck. (A timer with retransmissions: in the kernel. Inode 0: never accepted.
/// Unread bytes in the server's socket: a lost event, or a server that ignored one.)
pub fn queues(port: u16) -> String {
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let port = format!(":{port:04X}");
    let ours = table.lines().filter(|line| line.contains(&port));
    let words = ours.map(|line| line.split_whitespace().skip(1).take(9).collect::<Vec<_>>());
    words
        .map(|nine| nine.join(" "))
        .collect::<Vec<_>>()
        .join("; ")
}
