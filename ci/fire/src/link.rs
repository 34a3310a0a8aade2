//! A network cable of its own that loses, delays and reorders packets: two TUN
//! devices, to be moved into two network namespaces. Linux, as root.
//!
//! ```text
//! link DEVICE DEVICE [KEY=VALUE]..
//!     loss=2      how many of 100 packets get lost, in each direction
//!     delay=20    how long each one takes at least, in milliseconds
//!     jitter=5    how much longer at most: neighbours change places
//! ```
//!
//! It prints `ready` when the devices are there. Lines of the standard input change
//! the same values later; when the input ends, it tells what it has done, and ends.

#[cfg(target_os = "linux")]
#[allow(dead_code)] // bytes that run out are a fuzzer's
#[path = "../../../tests/suite/random_ops/dice.rs"]
mod dice;

#[cfg(target_os = "linux")]
mod cable {
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

    use crate::dice::Dice;

    /// The token of the standard input; the devices have 0 and 1.
    const INPUT: Token = Token(2);
    /// More than any packet of such a device.
    const LARGEST: usize = 64 * 1024;
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
        // SAFETY: the kernel reads and writes a `struct ifreq`, for which there is room.
        let result = unsafe { libc::ioctl(file.as_raw_fd(), TUNSETIFF as _, request.as_mut_ptr()) };
        match result {
            0 => Ok(file),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// What happens to packets.
    struct Weather {
        loss: usize,
        delay: usize,
        jitter: usize,
    }

    impl Weather {
        /// Takes over `KEY=VALUE`.
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

    /// When it arrives, its number, at which device, and its bytes.
    type Packet = (Instant, u64, usize, Vec<u8>);

    /// The devices and what is between them.
    struct Cable {
        devices: [File; 2],
        weather: Weather,
        dice: Dice<'static>,
        /// The next one to arrive first.
        under_way: BinaryHeap<Reverse<Packet>>,
        passed: u64,
        lost: u64,
    }

    impl Cable {
        /// Takes all packets that a device has.
        fn take(&mut self, from: usize, room: &mut [u8]) -> io::Result<()> {
            loop {
                let count = match self.devices[from].read(room) {
                    Ok(count) => count,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                    Err(error) => return Err(error),
                };
                if self.dice.roll(100) < self.weather.loss {
                    self.lost += 1;
                    continue;
                }
                let jitter = self.dice.roll(1 + self.weather.jitter * 1000) as u64;
                let delay = Duration::from_micros(self.weather.delay as u64 * 1000 + jitter);
                self.passed += 1;
                let packet = room[..count].to_vec();
                let arrival = (Instant::now() + delay, self.passed, 1 - from, packet);
                self.under_way.push(Reverse(arrival));
            }
        }

        /// Delivers what has arrived; how long until the next one.
        fn deliver(&mut self) -> io::Result<Option<Duration>> {
            while let Some(Reverse((time, ..))) = self.under_way.peek() {
                let wait = time.saturating_duration_since(Instant::now());
                if !wait.is_zero() {
                    return Ok(Some(wait));
                }
                if let Some(Reverse((_, _, to, packet))) = self.under_way.pop() {
                    match self.devices[to].write(&packet) {
                        // Down, or full: lost like others.
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
        let mut cable = Cable {
            devices: [device(first)?, device(second)?],
            weather: Weather {
                loss: 2,
                delay: 20,
                jitter: 5,
            },
            dice: Dice::Seed(1),
            under_way: BinaryHeap::new(),
            passed: 0,
            lost: 0,
        };
        rest.iter()
            .try_for_each(|text| cable.weather.change(text))?;
        let mut poll = Poll::new()?;
        let mut events = Events::with_capacity(8);
        let numbers = [
            cable.devices[0].as_raw_fd(),
            cable.devices[1].as_raw_fd(),
            libc::STDIN_FILENO,
        ];
        for (at, number) in numbers.iter().enumerate() {
            poll.registry()
                .register(&mut SourceFd(number), Token(at), Interest::READABLE)?;
        }
        println!("ready");
        let mut room = vec![0; LARGEST];
        loop {
            let wait = cable.deliver()?;
            match poll.poll(&mut events, wait) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                result => result?,
            }
            for event in &events {
                if event.token() == INPUT {
                    // It blocks, so it is read once: commands come line by line.
                    let count = io::stdin().read(&mut room)?;
                    if count == 0 {
                        println!("{} packets passed, {} got lost", cable.passed, cable.lost);
                        return Ok(());
                    }
                    for word in String::from_utf8_lossy(&room[..count]).split_whitespace() {
                        cable.weather.change(word)?;
                    }
                    // There may be more, which was no event of its own.
                    let mut input = SourceFd(&libc::STDIN_FILENO);
                    let registry = poll.registry();
                    registry.reregister(&mut input, INPUT, Interest::READABLE)?;
                } else {
                    cable.take(event.token().0, &mut room)?;
                }
            }
        }
    }
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match cable::run(&arguments) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("link: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("link: TUN devices of this kind are Linux's");
    std::process::exit(2);
}
