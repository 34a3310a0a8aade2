//! What the poll policy makes of hosts with the costs of WasmEdge: the rate of busy connections
//! beside idle ones, and the latency of cold ones and new ones. WASI preview 1, in tests.
//!
//! It prints what it predicts, to be compared with what `ci/bench_wasi.sh` measures.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::simulation::{Costs, Simulation, FIRST, MICROSECOND};
use super::MILLISECOND;
use crate::sys::wasip1::selector::subscription::Direction;
use crate::sys::wasip1::source::{stream, Kind, Origin, RawSource};
use crate::{Interest, Token};

/// The number of busy connections.
const BUSY: usize = 32;

/// How long a message takes between server and client.
const WIRE: u64 = 10 * MICROSECOND;

/// What the process of all busy clients does for each response.
const CLIENT_WORK: u64 = 4 * MICROSECOND;

/// The work of an accept beside that for its event, in multiples of the latter.
const ACCEPT: u64 = 4;

/// A program on WasmEdge 0.17.1.
struct Program {
    name: &'static str,
    costs: Costs,
}

/// A subscription costs more with more of them, since the processor's caches are too small, and
/// with more time since the last poll, when other data are in those.
fn subscription(count: usize, since: u64) -> u64 {
    let large = count as u64 * count as u64 / 210_000;
    let cold = (since / 6_666).saturating_sub(1_050).min(600);
    (400 + large + cold).min(1_000)
}

/// The programs of `ci/bench_wasi.sh echo`. What is done for an event, by peeking or by polling,
/// counts as work of the program.
const PROGRAMS: [Program; 3] = [
    Program {
        name: "tokio",
        costs: costs(1_500, 28_500),
    },
    Program {
        name: "Poll",
        costs: costs(1_500, 9_200),
    },
    Program {
        name: "tokio, compiled",
        costs: costs(700, 6_500),
    },
];

/// Costs that differ between the programs.
const fn costs(peek: u64, work: u64) -> Costs {
    Costs {
        subscription,
        poll: 5 * MICROSECOND,
        peek,
        work,
    }
}

/// Requests beside those of the busy connections, this many in a second.
#[derive(Clone, Copy, Debug)]
enum Other {
    /// On idle connections.
    Cold(u64),
    /// On new connections.
    New(u64),
}

/// What a run has shown.
struct Outcome {
    /// Requests of busy connections in a second.
    rate: f64,
    /// Latencies of the other ones, ascending.
    latencies: Vec<u64>,
}

impl Outcome {
    /// The latency that `percent` are below.
    fn percentile(&self, percent: usize) -> u64 {
        let last = self.latencies.len() - 1;
        self.latencies[(self.latencies.len() * percent / 100).min(last)]
    }
}

/// Times of requests with random pauses, as `benches/load` makes them.
fn times(begin: u64, end: u64, per_second: u64) -> Vec<u64> {
    let mut random = SmallRng::seed_from_u64(7);
    let pause = 1_000 * MILLISECOND / per_second;
    let mut at = begin;
    std::iter::from_fn(|| {
        at += random.gen_range(pause / 2..pause + pause / 2);
        (at < end).then_some(at)
    })
    .collect()
}

/// Connections that are served: busy ones, then idle ones, then a listener.
struct Server {
    simulation: Simulation,
    idle: usize,
    /// When the process of the busy clients is ready for its next response.
    clients_free_at: u64,
    /// New connections that wait to be accepted, the next one at the end.
    arrivals: Vec<u64>,
}

impl Server {
    /// Nothing is busy yet. All sources were idle for long.
    fn new(costs: Costs, idle: usize) -> Self {
        let mut simulation = Simulation::with_costs(BUSY + idle, costs);
        let listener = RawSource {
            fd: FIRST + (BUSY + idle) as u32,
            kind: Kind::Listener,
            origin: Origin::Opened,
        };
        let token = Token(BUSY + idle);
        let selector = &mut simulation.selector;
        selector
            .register(listener, token, Interest::READABLE)
            .unwrap();
        simulation.due.borrow_mut().push(u64::MAX);
        simulation.due.borrow_mut()[..BUSY].fill(0);
        Self {
            simulation,
            idle,
            clients_free_at: 0,
            arrivals: Vec::new(),
        }
    }

    /// Runs until `end`, and returns the number of requests of busy connections, and the
    /// latencies of the other ones.
    fn run(&mut self, end: u64) -> (u64, Vec<u64>) {
        let (mut served, mut latencies) = (0, Vec::new());
        let listener = BUSY + self.idle;
        while self.simulation.host.time() < end {
            for number in self.simulation.select(None) {
                let simulation = &mut self.simulation;
                simulation.host.advance(simulation.costs.get().work);
                let now = simulation.host.time();
                if number == listener {
                    self.accept();
                    let accept = ACCEPT * self.simulation.costs.get().work;
                    self.simulation.host.advance(accept);
                } else if number < BUSY {
                    served += 1;
                    self.clients_free_at = self.clients_free_at.max(now + WIRE) + CLIENT_WORK;
                    simulation.due.borrow_mut()[number] = self.clients_free_at + WIRE;
                    simulation.selector.rearm(number as u32, Direction::Read);
                } else {
                    let due = &mut simulation.due.borrow_mut()[number];
                    latencies.push(now - std::mem::replace(due, u64::MAX));
                    if number > listener {
                        let context = simulation.selector.context();
                        context.registrations.remove(number as u32);
                    } else {
                        simulation.selector.rearm(number as u32, Direction::Read);
                    }
                }
            }
        }
        (served, latencies)
    }

    /// Accepts a connection that has sent its request when it was made.
    fn accept(&mut self) {
        let simulation = &mut self.simulation;
        let listener = BUSY + self.idle;
        let since = self.arrivals.pop().expect("a connection");
        let mut due = simulation.due.borrow_mut();
        due[listener] = self.arrivals.last().copied().unwrap_or(u64::MAX);
        let mut number = listener + 1;
        while due.get(number).is_some_and(|due| *due < u64::MAX) {
            number += 1;
        }
        if due.len() == number {
            due.push(u64::MAX);
        }
        due[number] = since;
        drop(due);
        let source = stream(FIRST + number as u32);
        let slot = simulation
            .selector
            .register(source, Token(number), Interest::READABLE);
        assert_eq!(slot, Some(number as u32));
        simulation.selector.rearm(listener as u32, Direction::Read);
    }
}

/// Runs a program beside this many idle connections.
fn run(costs: Costs, idle: usize, other: Option<Other>, seconds: u64) -> Outcome {
    let mut server = Server::new(costs, idle);
    // The registrations are forgotten after that.
    let begin = server.simulation.host.time() + 500 * MILLISECOND;
    server.run(begin);
    let begin = server.simulation.host.time();
    let end = begin + seconds * 1_000 * MILLISECOND;
    let mut expected = 0;
    match other {
        None => {}
        Some(Other::Cold(per_second)) => {
            let mut due = server.simulation.due.borrow_mut();
            for (index, at) in times(begin, end, per_second).into_iter().enumerate() {
                due[BUSY + index * 97 % idle] = at;
                expected += 1;
            }
        }
        Some(Other::New(per_second)) => {
            server.arrivals = times(begin, end, per_second);
            expected = server.arrivals.len();
            server.arrivals.reverse();
            server.simulation.due.borrow_mut()[BUSY + idle] = server.arrivals[expected - 1];
        }
    }
    let (served, mut latencies) = server.run(end);
    // Those of the last milliseconds.
    latencies.extend(server.run(end + 100 * MILLISECOND).1);
    assert_eq!(latencies.len(), expected, "each is served: {other:?}");
    latencies.sort_unstable();
    Outcome {
        rate: served as f64 / seconds as f64,
        latencies,
    }
}

#[test]
fn rates_beside_idle_connections_and_latencies_are_as_intended() {
    // Unoptimised code takes ten times as long for it.
    let programs = match cfg!(debug_assertions) {
        true => &PROGRAMS[..1],
        false => &PROGRAMS[..],
    };
    for Program { name, costs } in programs {
        let alone = run(*costs, 0, None, 1).rate;
        let beside = |idle, other, seconds| {
            let outcome = run(*costs, idle, other, seconds);
            let ratio = outcome.rate / alone;
            print!("{name}: {idle} idle, {other:?}: {ratio:.2} of {alone:.0}/s");
            if other.is_some() {
                let ms = |percent| outcome.percentile(percent) as f64 / MILLISECOND as f64;
                print!(", {:.1} ms, p99 {:.1}", ms(50), ms(99));
            }
            println!();
            (ratio, outcome)
        };
        let (ratio, _) = beside(1_967, None, 1);
        assert!(ratio >= 0.8, "{name}: {ratio}");
        if cfg!(debug_assertions) {
            continue;
        }
        let (ratio, _) = beside(10_000, None, 1);
        assert!(ratio >= 0.7, "{name}: {ratio}");
        for other in [Other::Cold(100), Other::New(100)] {
            let (_, outcome) = beside(1_967, Some(other), 2);
            assert!(outcome.percentile(99) <= 3 * MILLISECOND, "{name}");
        }
        let (_, outcome) = beside(1_967, Some(Other::Cold(1)), 8);
        assert!(outcome.percentile(99) <= 8 * MILLISECOND, "{name}");
        let (_, outcome) = beside(1_967, Some(Other::New(1)), 8);
        assert!(outcome.percentile(99) <= 8 * MILLISECOND, "{name}");
    }
}

/// Full polls in the next four tenths of a second.
fn full_polls(server: &mut Server) -> usize {
    server.simulation.polled.set((0, 0));
    let now = server.simulation.host.time();
    server.run(now + 400 * MILLISECOND);
    server.simulation.polled.get().1
}

#[test]
fn interval_follows_the_cost_of_the_host() {
    let mut server = Server::new(PROGRAMS[0].costs, 2_000);
    full_polls(&mut server);
    let usual = full_polls(&mut server);
    assert!((52..66).contains(&usual), "{usual}");
    // A host that is four times as slow, the first again, and one that is twice as fast. The
    // longer intervals of the slow one make the first seem slow, which must not go on.
    for (subscription, peek, expected) in [
        ((|_, _| 1_800) as fn(usize, u64) -> u64, 8_000, 20..30),
        (subscription, 1_500, 52..66),
        (|_, _| 200, 1_000, 100..140),
    ] {
        server.simulation.costs.set(Costs {
            subscription,
            peek,
            ..PROGRAMS[0].costs
        });
        full_polls(&mut server);
        let count = full_polls(&mut server);
        assert!(expected.contains(&count), "{count}, expected {expected:?}");
    }
}

#[test]
fn waiting_is_not_taken_for_the_cost_of_a_poll() {
    let mut simulation = Simulation::with_costs(2_000, PROGRAMS[0].costs);
    // A client that is far away: full polls wait for each of its requests.
    for _ in 0..300 {
        simulation.due.borrow_mut()[7] = simulation.host.time() + 7 * MILLISECOND;
        assert_eq!(simulation.round(None).len(), 1);
    }
    // It is fast now, and a cold one sends something.
    simulation.due.borrow_mut()[1_000] = simulation.host.time();
    let mut after = None;
    while after.is_none() {
        simulation.due.borrow_mut()[7] = simulation.host.time();
        let served = simulation.round(None);
        after = served.into_iter().find(|(number, _)| *number == 1_000);
    }
    let (_, after) = after.unwrap();
    assert!(after <= 10 * MILLISECOND, "{after} ns");
}

#[test]
fn nobody_starves_beside_sources_that_are_always_ready() {
    // A program that is so slow that a full poll is due after each event, and one that is not.
    for (work, millis) in [(5_000, 2_000), (30, 500)] {
        let costs = Costs {
            work: work * MICROSECOND,
            ..PROGRAMS[0].costs
        };
        let mut server = Server::new(costs, 1_967);
        let simulation = &mut server.simulation;
        let listener = BUSY + 1_967;
        let begin = simulation.host.time();
        let mut served = [0_u32; BUSY];
        let (mut cold_served, mut accepted) = (0, 0);
        while simulation.host.time() < begin + millis * MILLISECOND {
            let now = simulation.host.time();
            // A full poll always finds the listener, and one that was idle.
            for number in [listener, BUSY + accepted % 1_967] {
                let due = &mut simulation.due.borrow_mut()[number];
                *due = (*due).min(now);
            }
            for (number, _) in simulation.round(None) {
                if number < BUSY {
                    served[number] += 1;
                    simulation.due.borrow_mut()[number] = simulation.host.time();
                } else if number == listener {
                    accepted += 1;
                } else {
                    cold_served += 1;
                }
            }
        }
        let (least, most) = (served.iter().min(), served.iter().max());
        let is_fair = least.is_some_and(|least| most <= Some(&(3 * least)));
        assert!(least >= Some(&8) && is_fair, "{work} us: {served:?}");
        assert!(
            accepted >= 8 && cold_served >= 8,
            "{accepted}, {cold_served}"
        );
    }
}
