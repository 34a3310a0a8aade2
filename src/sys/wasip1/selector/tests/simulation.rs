//! A host with connections in virtual time, with what its calls cost, and its selector. WASI
//! preview 1, in tests.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use wasi::{Errno, Event as HostEvent, Fd, Subscription};

use super::{answer, insert, selector_with_writable, Selector};
use crate::sys::contract::{Event as _, Events as _};
use crate::sys::event::Events;
use crate::sys::wasip1::host::scripted::Scripted;
use crate::sys::wasip1::selector::subscription::{is_clock, Direction, Key};
use crate::sys::wasip1::source::stream;
use crate::{Interest, Token};

pub(super) const MICROSECOND: u64 = 1_000;

/// How long a client takes to answer.
pub(super) const CLIENT_DELAY: u64 = 60 * MICROSECOND;

/// When each connection has something to read next, by its number.
pub(super) type Due = Rc<RefCell<Vec<u64>>>;

/// The descriptor of connection 0.
pub(super) const FIRST: Fd = 100;

/// What host and program take their time for, in nanoseconds.
#[derive(Clone, Copy)]
pub(super) struct Costs {
    /// One subscription of a poll, by their number and the time since the last poll.
    pub(super) subscription: fn(usize, u64) -> u64,
    /// The rest of a poll.
    pub(super) poll: u64,
    /// A peek.
    pub(super) peek: u64,
    /// What the program does for each event.
    pub(super) work: u64,
}

/// Round figures.
pub(super) const COSTS: Costs = Costs {
    subscription: |_, _| 500,
    poll: 5 * MICROSECOND,
    peek: 2 * MICROSECOND,
    work: 30 * MICROSECOND,
};

/// A host with connections, its selector, and how often it was polled.
pub(super) struct Simulation {
    pub(super) host: Scripted,
    pub(super) selector: Selector,
    pub(super) due: Due,
    /// The subscriptions of all polls, and the number of polls.
    pub(super) polled: Rc<Cell<(usize, usize)>>,
    pub(super) events: Events,
    pub(super) costs: Rc<Cell<Costs>>,
}

impl Simulation {
    /// This many connections, with nothing to read.
    pub(super) fn new(count: usize) -> Self {
        Self::with_costs(count, COSTS)
    }

    /// The same on another host.
    pub(super) fn with_costs(count: usize, costs: Costs) -> Self {
        let due: Due = Rc::new(RefCell::new(vec![u64::MAX; count]));
        let polled = Rc::new(Cell::new((0, 0)));
        let costs = Rc::new(Cell::new(costs));
        let (host, mut selector) = selector_with_writable();
        let (of_poll, of_peek, counter) = (due.clone(), due.clone(), polled.clone());
        let (poll_costs, peek_costs) = (costs.clone(), costs.clone());
        let mut polled_at = 0;
        host.on_poll(move |list, now| {
            let (subscriptions, calls) = counter.get();
            counter.set((subscriptions + list.len(), calls + 1));
            let costs = poll_costs.get();
            let each = (costs.subscription)(list.len(), *now - polled_at);
            *now += costs.poll + list.len() as u64 * each;
            polled_at = *now;
            poll(list, now, &of_poll.borrow())
        });
        host.on_peek(move |fd, now| {
            *now += peek_costs.get().peek;
            peek(fd, *now, &of_peek.borrow())
        });
        for number in 0..count {
            let fd = FIRST + number as Fd;
            insert(&mut selector, stream(fd), Token(number), Interest::READABLE);
        }
        Self {
            host,
            selector,
            due,
            polled,
            events: Events::with_capacity(1024),
            costs,
        }
    }

    /// Makes connections ready now.
    pub(super) fn make_ready(&self, numbers: Range<usize>) {
        self.due.borrow_mut()[numbers].fill(self.host.time());
    }

    /// Polls, works, and returns which connections were ready, and for how long.
    pub(super) fn round(&mut self, timeout: Option<Duration>) -> Vec<(usize, u64)> {
        let mut served = Vec::new();
        for number in self.select(timeout) {
            self.host.advance(self.costs.get().work);
            let since = std::mem::replace(&mut self.due.borrow_mut()[number], u64::MAX);
            self.selector.rearm(number as u32, Direction::Read);
            served.push((number, self.host.time() - since));
        }
        served
    }

    /// Polls, and returns the tokens of the events.
    pub(super) fn select(&mut self, timeout: Option<Duration>) -> Vec<usize> {
        self.events.clear();
        self.selector.select(&mut self.events, timeout).unwrap();
        let all = (0..self.events.len()).filter_map(|index| self.events.get(index));
        all.map(|event| event.token().0).collect()
    }
}

/// Waits until a source or the clock of a list is due.
fn poll(list: &[Subscription], now: &mut u64, due: &[u64]) -> Vec<HostEvent> {
    // SAFETY: it is called for clocks alone (`is_clock`).
    let timeout = |each: &Subscription| unsafe { each.u.u.clock }.timeout;
    let begun_at = *now;
    let due_at = |each: &Subscription| match each.userdata {
        Key::CLOCK if is_clock(each) => begun_at + timeout(each),
        // The socket that is always writable.
        Key::CLOCK => begun_at,
        _ => due[Key::decode(each.userdata).slot() as usize],
    };
    // One pass where something is ready, as in most calls.
    let (mut until, mut ready) = (u64::MAX, Vec::new());
    for each in list {
        let at = due_at(each);
        until = until.min(at);
        if at <= begun_at {
            ready.push(answer(each, wasi::ERRNO_SUCCESS));
        }
    }
    if ready.is_empty() {
        assert!(until < u64::MAX, "a call that nothing ends");
        *now = until;
        let first = list.iter().filter(|each| due_at(each) <= until);
        ready.extend(first.map(|each| answer(each, wasi::ERRNO_SUCCESS)));
    }
    ready
}

/// Answers a peek.
pub(super) fn peek(fd: Fd, now: u64, due: &[u64]) -> Result<usize, Errno> {
    match due[(fd - FIRST) as usize] <= now {
        true => Ok(1),
        false => Err(wasi::ERRNO_AGAIN),
    }
}
