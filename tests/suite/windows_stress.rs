//! Many sockets and pipes with random drops, and no handle left behind. Windows
//! only.

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::windows::NamedPipe;
use mio::{Events, Interest, Poll, Token};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use crate::support::local;
use crate::support::windows::{alone, open_client, open_handles, pipe_name, would_block, BOTH};

/// Random choices are the same in every run.
const SEED: u64 = 20_260_722;

/// How many sockets there are at a time, both ends counted.
const SOCKETS: usize = 1000;

/// How many pipes there are at a time.
const PIPES: usize = 60;

/// How long one of these tests may take.
const LIMIT: Duration = Duration::from_secs(120);

/// Both ends of connections, under tokens that are their index.
struct Crowd {
    poll: Poll,
    events: Events,
    listener: TcpListener,
    streams: Vec<Option<TcpStream>>,
    received: usize,
}

impl Crowd {
    fn new() -> Self {
        Self {
            poll: Poll::new().unwrap(),
            events: Events::with_capacity(256),
            listener: TcpListener::bind(local()).unwrap(),
            streams: (0..SOCKETS).map(|_| None).collect(),
            received: 0,
        }
    }

    /// Puts a new connection into the places `at` and `at + 1`.
    fn connect(&mut self, at: usize) {
        let address = self.listener.local_addr().unwrap();
        let mut client = TcpStream::connect(address).unwrap();
        let start = Instant::now();
        let mut server = loop {
            match would_block(self.listener.accept()) {
                Some(accepted) => break accepted.unwrap().0,
                None => assert!(start.elapsed() < LIMIT),
            }
        };
        let registry = self.poll.registry();
        registry.register(&mut client, Token(at), BOTH).unwrap();
        registry.register(&mut server, Token(at + 1), BOTH).unwrap();
        self.streams[at] = Some(client);
        self.streams[at + 1] = Some(server);
    }

    /// Polls once and reads all data. Events of empty places are a failure.
    fn turn(&mut self, timeout: Duration) {
        self.poll.poll(&mut self.events, Some(timeout)).unwrap();
        for event in &self.events {
            let stream = self.streams[event.token().0].as_mut();
            let stream = stream.unwrap_or_else(|| panic!("event of an unknown token: {event:?}"));
            let mut buffer = [0; 64];
            while let Some(result) = would_block(stream.read(&mut buffer)) {
                match result {
                    Ok(0) => break,
                    Ok(count) => self.received += count,
                    // The other end was dropped with bytes unread.
                    Err(error) => {
                        let kind = error.kind();
                        let closed = [ErrorKind::ConnectionReset, ErrorKind::ConnectionAborted];
                        assert!(closed.contains(&kind), "{error}");
                        break;
                    }
                }
            }
        }
    }
}

#[test]
fn thousand_sockets_survive_random_drops() {
    alone(
        "windows_stress::thousand_sockets_survive_random_drops",
        || {
            drop(Crowd::new());
            let before = open_handles();
            run_sockets();
            let after = open_handles();
            assert!(after <= before + 4, "{before} handles became {after}");
        },
    );
}

/// A thousand sockets, two thousand random steps, and then one message each.
fn run_sockets() {
    let mut random = SmallRng::seed_from_u64(SEED);
    let mut crowd = Crowd::new();
    for at in (0..SOCKETS).step_by(2) {
        crowd.connect(at);
    }
    let start = Instant::now();
    for _ in 0..2000 {
        let at = random.gen_range(0..SOCKETS);
        match random.gen_range(0..4) {
            0 => drop(crowd.streams[at].take()),
            1 => {
                if let Some(mut stream) = crowd.streams[at].take() {
                    crowd.poll.registry().deregister(&mut stream).unwrap();
                }
            }
            2 => {
                if let Some(stream) = &mut crowd.streams[at] {
                    let _ = stream.write(b"random");
                }
            }
            _ => crowd.turn(Duration::ZERO),
        }
        let pair = at & !1;
        if crowd.streams[pair].is_none() && crowd.streams[pair + 1].is_none() {
            crowd.connect(pair);
        }
        assert!(start.elapsed() < LIMIT, "seed {SEED}");
    }
    // Every pair that is whole still works.
    for at in (0..SOCKETS).step_by(2) {
        crowd.streams[at] = None;
        crowd.streams[at + 1] = None;
        crowd.connect(at);
    }
    crowd.received = 0;
    for stream in crowd.streams.iter_mut().flatten() {
        assert_eq!(stream.write(b"last").unwrap(), 4);
    }
    while crowd.received < 4 * SOCKETS {
        crowd.turn(Duration::from_secs(1));
        assert!(start.elapsed() < LIMIT, "{} bytes", crowd.received);
    }
    assert_eq!(crowd.received, 4 * SOCKETS);
}

#[test]
fn pipes_survive_random_drops() {
    alone("windows_stress::pipes_survive_random_drops", || {
        run_pipes(10);
        let before = open_handles();
        run_pipes(3000);
        let after = open_handles();
        assert!(after <= before + 4, "{before} handles became {after}");
    });
}

/// Pairs of pipes: random writes, reads, drops and registrations.
fn run_pipes(steps: usize) {
    let mut random = SmallRng::seed_from_u64(SEED);
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(32);
    let mut pipes: Vec<Option<NamedPipe>> = (0..PIPES).map(|_| None).collect();
    let mut is_registered = [false; PIPES];
    let start = Instant::now();
    for _ in 0..steps {
        let at = random.gen_range(0..PIPES);
        let pair = at & !1;
        if pipes[pair].is_none() && pipes[pair + 1].is_none() {
            let name = pipe_name();
            pipes[pair] = Some(NamedPipe::new(&name).unwrap());
            pipes[pair + 1] = Some(open_client(&name).unwrap());
        }
        if let Some(pipe) = &mut pipes[at] {
            let registry = poll.registry();
            match (random.gen_range(0..8), is_registered[at]) {
                (0, _) => {
                    pipes[at] = None;
                    is_registered[at] = false;
                }
                (1, true) => {
                    registry.deregister(pipe).unwrap();
                    pipes[at] = None;
                    is_registered[at] = false;
                }
                (2, true) => registry
                    .reregister(pipe, Token(at), Interest::READABLE)
                    .unwrap(),
                (3..=5, true) => {
                    let length = [1, 100, 100_000][random.gen_range(0..3)];
                    let _ = pipe.write(&vec![1; length]);
                }
                (_, true) => drop(pipe.read(&mut [0; 3000])),
                (_, false) => {
                    registry.register(pipe, Token(at), BOTH).unwrap();
                    is_registered[at] = true;
                }
            }
        }
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        for event in &events {
            assert!(
                is_registered[event.token().0],
                "event of an unknown token: {event:?}"
            );
        }
        assert!(start.elapsed() < LIMIT, "seed {SEED}");
    }
}
