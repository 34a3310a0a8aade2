//! Random schedules of readiness, errors, interruptions and delays on a scripted host, against
//! a model of what has to be reported. WASI preview 1, in tests.
//!
//! The model knows which directions are armed: by registration, by change and by I/O after their
//! event. A select without a timeout to wait that reports nothing must leave no armed direction
//! that is ready, and neither must the selects at the end of a schedule, whatever happened
//! before. Sources that the host has refused are in a backoff: they count at the end only.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use wasi::{Event as HostEvent, Fd, Subscription};

use super::{
    answer, clock_of, of_sources, selector, selector_with_writable, Selector, MILLISECOND,
};
use crate::sys::contract::{Event as _, Events as _};
use crate::sys::event::Events;
use crate::sys::wasip1::host::scripted::Scripted;
use crate::sys::wasip1::selector::subscription::{is_clock, Direction, Key};
use crate::sys::wasip1::source::{accepted, stream};
use crate::{Interest, Token};

/// The number of schedules.
const SCHEDULES: u64 = if cfg!(debug_assertions) { 500 } else { 10_000 };

/// One in this many has enough sources for an active set, of which a few are busy.
const LARGE: u64 = 40;

/// The descriptor of the first source.
const FIRST: Fd = 1_000;

/// The token of a wake-up.
const WAKER: Token = Token(usize::MAX);

/// What the host knows of its sources, by their number and direction.
struct HostState {
    /// Is it ready?
    ready: Vec<[bool; 2]>,
    /// Chooses the faults.
    random: SmallRng,
    /// Is the last call to be repeated, since it was interrupted?
    is_interrupted: bool,
    /// Sources that were refused since the select began.
    refused: HashSet<usize>,
    /// The calls of this select.
    calls: usize,
    /// What a subscription costs.
    subscription_ns: u64,
    /// How probable it is that a call ends early and empty.
    early: f64,
}

impl HostState {
    /// Answers one call.
    fn poll(&mut self, list: &[Subscription], now: &mut u64) -> Vec<HostEvent> {
        self.calls += 1;
        assert!(self.calls < 2_000, "a busy loop in one select");
        *now += 5_000 + list.len() as u64 * self.subscription_ns;
        if !self.is_interrupted && self.random.gen_bool(0.01) {
            self.is_interrupted = true;
            let all = list.iter();
            return all.map(|each| answer(each, wasi::ERRNO_INTR)).collect();
        }
        self.is_interrupted = false;
        let mut events = Vec::new();
        for each in of_sources(list) {
            let (number, direction) = source_of(each);
            if self.random.gen_bool(0.002) {
                self.refused.insert(number);
                events.push(answer(each, wasi::ERRNO_NOMEM));
            } else if self.ready[number][direction] {
                events.push(answer(each, wasi::ERRNO_SUCCESS));
            }
        }
        let is_end = |each: &&Subscription| each.userdata == Key::CLOCK;
        let (clocks, writable): (Vec<_>, Vec<_>) =
            list.iter().filter(is_end).partition(|each| is_clock(each));
        if let [writable] = writable[..] {
            events.push(answer(writable, wasi::ERRNO_SUCCESS));
        }
        let is_early = self.random.gen_bool(self.early);
        if let (true, false, [clock]) = (events.is_empty(), is_early, &clocks[..]) {
            *now += clock_of(&[**clock]).expect("a clock");
            events.push(answer(clock, wasi::ERRNO_SUCCESS));
        }
        events
    }
}

/// The number and direction of a source that is subscribed to.
fn source_of(subscription: &Subscription) -> (usize, usize) {
    // SAFETY: reading and writing have the same layout.
    let fd = unsafe { subscription.u.u.fd_read }.file_descriptor;
    let is_write = subscription.u.tag == wasi::EVENTTYPE_FD_WRITE.raw();
    ((fd - FIRST) as usize, usize::from(is_write))
}

/// A registration, as the model has it.
struct Registered {
    slot: u32,
    interests: Interest,
    armed: [bool; 2],
    is_refused: bool,
}

/// A schedule: the host, the selector and the model.
struct Schedule {
    seed: u64,
    random: SmallRng,
    host: Scripted,
    state: Rc<RefCell<HostState>>,
    selector: Selector,
    sources: Vec<Option<Registered>>,
    is_woken: bool,
    /// Has it enough sources for an active set?
    is_large: bool,
    /// The number of sources that most steps are about.
    busy: usize,
    /// How often the active set was given up.
    clears: usize,
}

impl Schedule {
    /// A host and a selector without registrations.
    fn new(seed: u64) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        let is_large = seed % LARGE == 0;
        let count = match is_large {
            true => random.gen_range(65..200),
            false => random.gen_range(1..9),
        };
        let peek_ns = random.gen_range(100..4_000);
        let (host, selector) = match seed / LARGE % 2 {
            0 => selector(),
            _ => selector_with_writable(),
        };
        let state = Rc::new(RefCell::new(HostState {
            ready: vec![[false; 2]; count],
            random: SmallRng::seed_from_u64(seed ^ 0x5eed),
            is_interrupted: false,
            refused: HashSet::new(),
            calls: 0,
            subscription_ns: random.gen_range(100..1_000),
            // The model doesn't know the backoff of a half-closed writer that many of those end in.
            early: if is_large { 0.0 } else { 0.05 },
        }));
        let (of_poll, of_peek) = (state.clone(), state.clone());
        host.on_poll(move |list, now| of_poll.borrow_mut().poll(list, now));
        host.on_peek(move |fd, now| {
            *now += peek_ns;
            match of_peek.borrow().ready[(fd - FIRST) as usize][0] {
                true => Ok(1),
                false => Err(wasi::ERRNO_AGAIN),
            }
        });
        let busy = match is_large {
            true => random.gen_range(1..count / 2),
            false => count,
        };
        let mut schedule = Self {
            seed,
            random,
            host,
            state,
            selector,
            sources: (0..count).map(|_| None).collect(),
            is_woken: false,
            is_large,
            busy,
            clears: 0,
        };
        schedule.selector.wakes().add_waker();
        if is_large {
            (0..count).for_each(|number| schedule.register(number));
        }
        schedule
    }

    /// Interests by chance.
    fn interests(&mut self) -> Interest {
        match self.random.gen_range(0..4) {
            0 => Interest::WRITABLE,
            1 => Interest::READABLE | Interest::WRITABLE,
            _ => Interest::READABLE,
        }
    }

    /// Registers a source, or changes its registration.
    fn register(&mut self, number: usize) {
        let (token, interests) = (Token(number), self.interests());
        let slot = match &self.sources[number] {
            Some(registered) => {
                self.selector.change(registered.slot, token, interests);
                registered.slot
            }
            None => {
                let fd = FIRST + number as Fd;
                let source = match self.random.gen_bool(0.5) {
                    true => {
                        self.state.borrow_mut().ready[number][1] = true;
                        accepted(fd)
                    }
                    false => stream(fd),
                };
                let slot = self.selector.register(source, token, interests);
                slot.expect("a free slot")
            }
        };
        self.sources[number] = Some(Registered {
            slot,
            interests,
            armed: [true; 2],
            is_refused: false,
        });
    }

    /// Does one thing.
    fn step(&mut self) {
        let count = match self.random.gen_bool(0.9) {
            true => self.busy,
            false => self.sources.len(),
        };
        let number = self.random.gen_range(0..count);
        match self.random.gen_range(0..20) {
            0 if self.is_large => {
                // Busy ones are ready together, as after one packet of a client.
                let mut state = self.state.borrow_mut();
                for ready in &mut state.ready[..self.busy] {
                    ready[0] |= self.random.gen_bool(0.5);
                }
            }
            0..=6 => {
                let direction = self.random.gen_range(0..2);
                let is_ready = self.random.gen_bool(0.7);
                self.state.borrow_mut().ready[number][direction] = is_ready;
            }
            7..=9 => self.register(number),
            10 => {
                if let Some(registered) = self.sources[number].take() {
                    let registrations = &mut self.selector.context().registrations;
                    registrations.remove(registered.slot);
                }
            }
            11 => {
                self.selector.wakes().wake(WAKER);
                self.is_woken = true;
            }
            12 => {
                let nanos = self.random.gen_range(0..50 * MILLISECOND);
                self.host.advance(nanos);
            }
            _ => {
                let millis = self.random.gen_range(0..3);
                let most = if self.is_large { 300 } else { 6 };
                let capacity = self.random.gen_range(1..most);
                self.select(Duration::from_millis(millis), capacity);
            }
        }
    }

    /// Selects, checks what is reported, and does I/O. Returns the number of events.
    fn select(&mut self, timeout: Duration, capacity: usize) -> usize {
        let seed = self.seed;
        let mut events = Events::with_capacity(capacity);
        {
            let mut state = self.state.borrow_mut();
            state.calls = 0;
            state.refused.clear();
        }
        let was_active = !self.selector.active_set().is_empty();
        let result = self.selector.select(&mut events, Some(timeout));
        self.clears += usize::from(was_active && self.selector.active_set().is_empty());
        for number in self.state.borrow().refused.iter() {
            if let Some(registered) = &mut self.sources[*number] {
                registered.is_refused = true;
            }
        }
        if let Err(error) = result {
            assert_eq!(error.kind(), std::io::ErrorKind::Interrupted, "seed {seed}");
            return 0;
        }
        let mut seen = HashSet::new();
        for index in 0..events.len() {
            let event = events.get(index).expect("an event");
            let token = event.token();
            assert!(seen.insert(token), "seed {seed}: two events of {token:?}");
            if token == WAKER {
                assert!(self.is_woken, "seed {seed}: a wake-up without a wake");
                self.is_woken = false;
                continue;
            }
            let flags = [event.is_readable(), event.is_writable()];
            self.process(token.0, flags);
        }
        if events.len() == 0 {
            assert!(!self.is_woken, "seed {seed}: a lost wake-up");
            if timeout.is_zero() {
                self.expect_nothing_ready(false);
            }
        }
        events.len()
    }

    /// Does I/O after an event, as programs do: mostly until it would block.
    fn process(&mut self, number: usize, flags: [bool; 2]) {
        let seed = self.seed;
        let Some(registered) = &mut self.sources[number] else {
            panic!("seed {seed}: an event of {number}, which is not registered");
        };
        for direction in Direction::BOTH {
            let index = direction as usize;
            if !flags[index] {
                continue;
            }
            assert!(
                direction.is_in(registered.interests),
                "seed {seed}: source {number} is not watched for {direction:?}"
            );
            registered.armed[index] = false;
            if self.random.gen_bool(0.8) {
                if self.random.gen_bool(0.7) {
                    self.state.borrow_mut().ready[number][index] = false;
                }
                self.selector.rearm(registered.slot, direction);
                registered.armed[index] = true;
            }
        }
    }

    /// Fails when something is armed and ready.
    fn expect_nothing_ready(&self, refused_too: bool) {
        let ready = &self.state.borrow().ready;
        for (number, registered) in self.sources.iter().enumerate() {
            let Some(registered) = registered else {
                continue;
            };
            for direction in Direction::BOTH {
                let index = direction as usize;
                let is_lost = ready[number][index]
                    && registered.armed[index]
                    && direction.is_in(registered.interests)
                    && (refused_too || !registered.is_refused);
                let seed = self.seed;
                assert!(
                    !is_lost,
                    "seed {seed}: lost {direction:?} of source {number}"
                );
            }
        }
    }

    /// Selects until nothing is reported any more.
    fn finish(&mut self) {
        let mut empty = 0;
        for _ in 0..2_000 {
            // Longer than each backoff.
            self.host.advance(1_000 * MILLISECOND);
            empty = match self.select(Duration::from_millis(1), 4) {
                0 => empty + 1,
                _ => 0,
            };
            if empty == 5 {
                return self.expect_nothing_ready(true);
            }
        }
        panic!("seed {}: events without end", self.seed);
    }
}

#[test]
fn random_schedules_lose_no_event() {
    let mut clears = 0;
    for seed in 0..SCHEDULES {
        let mut schedule = Schedule::new(seed);
        let steps = if schedule.is_large { 400 } else { 60 };
        (0..steps).for_each(|_| schedule.step());
        schedule.finish();
        clears += schedule.clears;
    }
    assert!(clears as u64 > SCHEDULES / LARGE, "{clears}");
}
