//! A network link that drops, delays and reorders packets: two TUN
//! devices, to be moved into two network namespaces. Linux, as root.
//!
//! ```text
//! link DEVICE DEVICE [KEY=VALUE]..
//!     loss=2      packets of 100 that are dropped, in each direction
//!     delay=20    minimum delay, in milliseconds
//!     jitter=5    maximum additional delay, which reorders packets
//! ```
//!
//! Prints `ready` when the devices exist. Lines of standard input change the same values
//! while it runs. At the end of the input it prints its counts and exits.

#[cfg(target_os = "linux")]
#[allow(dead_code)] // only a fuzzer's bytes run out
#[path = "../../../tests/suite/random_ops/choices.rs"]
mod choices;

#[cfg(target_os = "linux")]
mod tun {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;
    use std::error::Error;
    use std::fs::{File, OpenOptions};
    use std::io::{self, ErrorKind, Read, Write};
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;
    use std::time::{Duration, Instant};

    use mio::unix::SourceFd;
    use mio::{Events, Interest, Poll, Token};

    use crate::choices::Choices;

    /// The token of the standard input; the devices have 0 and 1.
    const INPUT: Token = Token(2);
    /// More than any packet of such a device.
    const MAX_PACKET: usize = 64 * 1024;
    /// From if_tun.h: packets of IP without anything before them.
    const IFF_TUN: i16 = 0x0001;
    const IFF_NO_PI: i16 = 0x1000;
    /// `_IOW('T', 202, int)`.
    const TUNSETIFF: libc::c_ulong = 0x4004_54ca;

    /// Creates a device.
    fn device(name: &str) -> io::Result<File> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NONBLOCK)
            .open("/dev/net/tun")?;
        // `struct ifreq`: a name, and the flags at the start of a union.
        let mut request = [0_u8; 40];
        request[..15.min(name.len())].copy_from_slice(&name.as_bytes()[..15.min(name.len())]);
        request[16..18].copy_from_slice(&(IFF_TUN | IFF_NO_PI).to_ne_bytes());
        // SAFETY: the kernel reads and writes a `struct ifreq`, which `request` can hold.
        let result = unsafe { libc::ioctl(file.as_raw_fd(), TUNSETIFF as _, request.as_mut_ptr()) };
        match result {
            0 => Ok(file),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Loss in percent, delays in milliseconds.
    struct Conditions {
        loss: usize,
        delay: usize,
        jitter: usize,
    }

    impl Conditions {
        /// Applies `KEY=VALUE`.
        fn change(&mut self, text: &str) -> Result<(), Box<dyn Error>> {
            let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
            let value = value.parse()?;
            match key {
                "loss" => self.loss = value,
                "delay" => self.delay = value,
                "jitter" => self.jitter = value,
                _ => return Err(format!("unknown: {key}").into()),
            }
            Ok(())
        }
    }

    /// Arrival, sequence number, destination device, and bytes.
    type Packet = (Instant, u64, usize, Vec<u8>);

    /// The devices and the packets between them.
    struct Link {
        devices: [File; 2],
        conditions: Conditions,
        choices: Choices<'static>,
        /// Ordered by arrival.
        in_transit: BinaryHeap<Reverse<Packet>>,
        passed: u64,
        lost: u64,
    }

    impl Link {
        /// Reads all packets that a device has.
        fn take(&mut self, from: usize, buffer: &mut [u8]) -> io::Result<()> {
            loop {
                let count = match self.devices[from].read(buffer) {
                    Ok(count) => count,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                    Err(error) => return Err(error),
                };
                if self.choices.below(100) < self.conditions.loss {
                    self.lost += 1;
                    continue;
                }
                let jitter = self.choices.below(1 + self.conditions.jitter * 1000) as u64;
                let delay = Duration::from_micros(self.conditions.delay as u64 * 1000 + jitter);
                self.passed += 1;
                let packet = buffer[..count].to_vec();
                let arrival = (Instant::now() + delay, self.passed, 1 - from, packet);
                self.in_transit.push(Reverse(arrival));
            }
        }

        /// Delivers the packets that are due; the time until the next one.
        fn deliver(&mut self) -> io::Result<Option<Duration>> {
            while let Some(Reverse((time, ..))) = self.in_transit.peek() {
                let wait = time.saturating_duration_since(Instant::now());
                if !wait.is_zero() {
                    return Ok(Some(wait));
                }
                if let Some(Reverse((_, _, to, packet))) = self.in_transit.pop() {
                    match self.devices[to].write(&packet) {
                        // Down, or full: the packet is dropped.
                        Err(error) if error.raw_os_error() != Some(libc::EBADFD) => self.lost += 1,
                        result => drop(result?),
                    }
                }
            }
            Ok(None)
        }
    }

    pub(crate) fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
        let [first, second, rest @ ..] = arguments else {
            return Err("usage: link DEVICE DEVICE [KEY=VALUE]..".into());
        };
        let mut link = Link {
            devices: [device(first)?, device(second)?],
            conditions: Conditions {
                loss: 2,
                delay: 20,
                jitter: 5,
            },
            choices: Choices::Seed(1),
            in_transit: BinaryHeap::new(),
            passed: 0,
            lost: 0,
        };
        rest.iter()
            .try_for_each(|text| link.conditions.change(text))?;
        let mut poll = Poll::new()?;
        let mut events = Events::with_capacity(8);
        let numbers = [
            link.devices[0].as_raw_fd(),
            link.devices[1].as_raw_fd(),
            libc::STDIN_FILENO,
        ];
        for (at, number) in numbers.iter().enumerate() {
            poll.registry()
                .register(&mut SourceFd(number), Token(at), Interest::READABLE)?;
        }
        println!("ready");
        let mut buffer = vec![0; MAX_PACKET];
        loop {
            let wait = link.deliver()?;
            match poll.poll(&mut events, wait) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                result => result?,
            }
            for event in &events {
                if event.token() == INPUT {
                    // It blocks, so it is read once: commands are lines.
                    let count = io::stdin().read(&mut buffer)?;
                    if count == 0 {
                        println!("{} packets passed, {} got lost", link.passed, link.lost);
                        return Ok(());
                    }
                    for word in String::from_utf8_lossy(&buffer[..count]).split_whitespace() {
                        link.conditions.change(word)?;
                    }
                    // There may be unread input, for which no further event is reported.
                    let mut input = SourceFd(&libc::STDIN_FILENO);
                    let registry = poll.registry();
                    registry.reregister(&mut input, INPUT, Interest::READABLE)?;
                } else {
                    link.take(event.token().0, &mut buffer)?;
                }
            }
        }
    }
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match tun::run(&arguments) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("link: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("link: needs Linux");
    std::process::exit(2);
}
