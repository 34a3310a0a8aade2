//! Tests of the selector on a scripted host. WASI preview 1.

mod accepted;
mod active_set;
mod capacity;
mod errors;
mod poll_policy;
mod polls;
mod random_schedules;
mod simulation;

use wasi::{Errno, Event as HostEvent, Subscription};

use super::select::Select;
use super::subscription::{is_clock, Key};
use crate::sys::contract::{Event as _, Events as _};
use crate::sys::event::{Event, Events};
use crate::sys::wasip1::host::scripted::Scripted;
use crate::sys::wasip1::source::{stream, RawSource};
use crate::{Interest, Token};

const MILLISECOND: u64 = 1_000_000;

/// A selector of a scripted host.
type Selector = Select<Scripted>;

/// A host whose polls end at once, and its selector.
fn selector() -> (Scripted, Selector) {
    let host = Scripted::new();
    (host.clone(), Select::new(host).unwrap())
}

/// The same with a socket that is always writable.
fn selector_with_writable() -> (Scripted, Selector) {
    let host = Scripted::new();
    host.set_always_writable(1);
    host.on_poll(|list, _| vec![answer(&list[list.len() - 1], wasi::ERRNO_SUCCESS)]);
    (host.clone(), Select::new(host).unwrap())
}

/// What the host answers to one subscription.
fn answer(subscription: &Subscription, error: Errno) -> HostEvent {
    let mut event = HostEvent {
        userdata: subscription.userdata,
        error,
        type_: match is_write(subscription) {
            true => wasi::EVENTTYPE_FD_WRITE,
            false => wasi::EVENTTYPE_FD_READ,
        },
        fd_readwrite: wasi::EventFdReadwrite {
            nbytes: 1,
            flags: 0,
        },
    };
    if is_clock(subscription) {
        event.type_ = wasi::EVENTTYPE_CLOCK;
    }
    event
}

/// What the host answers to one subscription whose direction has hung up.
fn hung_up(subscription: &Subscription) -> HostEvent {
    let mut event = answer(subscription, wasi::ERRNO_SUCCESS);
    event.fd_readwrite.flags = wasi::EVENTRWFLAGS_FD_READWRITE_HANGUP;
    event
}

/// The subscriptions of a list to sources: without what ends it.
fn of_sources(list: &[Subscription]) -> impl DoubleEndedIterator<Item = &Subscription> {
    list.iter().filter(|each| each.userdata != Key::CLOCK)
}

/// Is it about writing?
fn is_write(subscription: &Subscription) -> bool {
    subscription.u.tag == wasi::EVENTTYPE_FD_WRITE.raw()
}

/// The time of a list's clock, if it has one.
fn clock_of(list: &[Subscription]) -> Option<u64> {
    // SAFETY: the tag says that it is a clock.
    let timeout = |first: &Subscription| unsafe { first.u.u.clock }.timeout;
    let first = list.first()?;
    is_clock(first).then(|| timeout(first))
}

/// Waits for the clock of a list and reports it; without one a test is stuck.
fn wait_for_clock(list: &[Subscription], now: &mut u64) -> Vec<HostEvent> {
    *now += clock_of(list).expect("a list that something can end");
    vec![answer(&list[0], wasi::ERRNO_SUCCESS)]
}

/// Tokens of the events, and whether they have errors.
fn tokens(events: &Events) -> Vec<(usize, bool)> {
    let all = (0..events.len()).filter_map(|index| events.get(index));
    all.map(|event: &Event| (event.token().0, event.is_error()))
        .collect()
}

/// Adds a registration that no full poll becomes due for.
fn insert(selector: &mut Selector, source: RawSource, token: Token, interests: Interest) -> u32 {
    let slot = selector
        .context()
        .registrations
        .insert(source, token, interests);
    slot.expect("a free slot")
}

/// Registers sources for reading, with their numbers as tokens.
fn register(selector: &mut Selector, count: usize) {
    for number in 0..count {
        let fd = number as wasi::Fd + 100;
        insert(selector, stream(fd), Token(number), Interest::READABLE);
    }
}
