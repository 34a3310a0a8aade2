//! Tests of connections that were just accepted, which are writable without a poll of the host.
//! WASI preview 1.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;

use wasi::{Fd, Subscription};

use super::{
    answer, hung_up, insert, is_write, of_sources, selector_with_writable, tokens, Selector,
};
use crate::sys::contract::{Event as _, Events as _};
use crate::sys::event::Events;
use crate::sys::wasip1::host::scripted::Scripted;
use crate::sys::wasip1::selector::subscription::{is_clock, Direction, Key};
use crate::sys::wasip1::source::{accepted, stream};
use crate::{Interest, Token};

/// The descriptor of the first connection.
const FIRST: Fd = 7;

/// The interests of most programs.
const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// The directions of each list that the host was given, without what ends it.
type Lists = Rc<RefCell<Vec<Vec<Direction>>>>;

/// A host that notes its lists, whose sources are writable and never readable, and a selector.
fn host_and_selector() -> (Lists, Scripted, Selector) {
    let (host, selector) = selector_with_writable();
    let lists = Lists::default();
    let record = lists.clone();
    host.on_poll(move |list, _| {
        let directions = of_sources(list).map(|each| match is_write(each) {
            true => Direction::Write,
            false => Direction::Read,
        });
        record.borrow_mut().push(directions.collect());
        let ready = list
            .iter()
            .filter(|each| is_write(each) || is_clock(each))
            .map(|each| answer(each, wasi::ERRNO_SUCCESS));
        ready.collect()
    });
    (lists, host, selector)
}

/// Selects, and returns token, readable and writable of each event.
fn select(selector: &mut Selector, timeout: Duration, capacity: usize) -> Vec<(usize, bool, bool)> {
    let mut events = Events::with_capacity(capacity);
    selector.select(&mut events, Some(timeout)).unwrap();
    let all = (0..events.len()).filter_map(|index| events.get(index));
    all.map(|event| (event.token().0, event.is_readable(), event.is_writable()))
        .collect()
}

/// Selects without waiting. The one connection is reported as writable, and the host was given
/// one list, with these directions.
fn expect_writable(selector: &mut Selector, lists: &Lists, capacity: usize, list: &[Direction]) {
    let events = select(selector, Duration::ZERO, capacity);
    assert_eq!(events, [(0, false, true)]);
    assert_eq!(*lists.borrow(), [list]);
}

#[test]
fn is_writable_without_a_poll_for_writing() {
    let (lists, _, mut selector) = host_and_selector();
    insert(&mut selector, accepted(FIRST), Token(0), BOTH);
    expect_writable(&mut selector, &lists, 8, &[Direction::Read]);
    // It is reported once.
    assert_eq!(select(&mut selector, Duration::ZERO, 8), []);
}

#[test]
fn ends_a_wait_by_being_writable() {
    let (lists, host, mut selector) = host_and_selector();
    insert(&mut selector, accepted(FIRST), Token(0), BOTH);
    let begin = host.time();
    let events = select(&mut selector, Duration::from_secs(1), 8);
    assert_eq!(events, [(0, false, true)]);
    assert_eq!(*lists.borrow(), [[Direction::Read, Direction::Write]]);
    assert!(host.time() - begin < 1_000_000);
}

#[test]
fn is_polled_for_when_it_would_fill_the_buffer() {
    let (lists, _, mut selector) = host_and_selector();
    insert(&mut selector, accepted(FIRST), Token(0), BOTH);
    expect_writable(&mut selector, &lists, 1, &Direction::BOTH);
}

#[test]
fn does_not_keep_others_waiting() {
    let (_, host, mut selector) = host_and_selector();
    // Two other sources are always readable, more than the buffer has capacity for.
    host.on_poll(|list, _| {
        let is_ready =
            |each: &&Subscription| is_write(each) || Key::decode(each.userdata).slot() < 2;
        let ready = list.iter().filter(is_ready);
        ready
            .map(|each| answer(each, wasi::ERRNO_SUCCESS))
            .collect()
    });
    for number in 0..2 {
        let source = stream(FIRST + number as Fd);
        insert(&mut selector, source, Token(number), Interest::READABLE);
    }
    let mut seen = HashSet::new();
    for number in 2..6 {
        // One event of the others waits for capacity from the first select on.
        let source = accepted(FIRST + number as Fd);
        insert(&mut selector, source, Token(number), BOTH);
        let events = select(&mut selector, Duration::ZERO, 1);
        seen.extend(events.iter().map(|event| event.0));
    }
    assert!(seen.contains(&0) && seen.contains(&1), "{seen:?}");
}

#[test]
fn waits_in_no_select_of_many() {
    let (_, host, mut selector) = host_and_selector();
    for number in 1..200 {
        let source = stream(FIRST + number as Fd);
        insert(&mut selector, source, Token(number), Interest::READABLE);
    }
    for capacity in [1, 8] {
        let slot = selector.register(accepted(FIRST), Token(0), BOTH).unwrap();
        let begin = host.time();
        let events = select(&mut selector, Duration::from_secs(1), capacity);
        assert_eq!(events, [(0, false, true)]);
        assert!(host.time() - begin < 1_000_000);
        selector.context().registrations.remove(slot);
    }
}

#[test]
fn stream_that_still_connects_is_not_writable() {
    let (_, host, mut selector) = host_and_selector();
    host.on_poll(|list, _| {
        let end = list.iter().find(|each| each.userdata == Key::CLOCK);
        vec![answer(end.unwrap(), wasi::ERRNO_SUCCESS)]
    });
    insert(&mut selector, stream(FIRST), Token(0), BOTH);
    assert_eq!(select(&mut selector, Duration::ZERO, 8), []);
}

#[test]
fn leaves_nothing_behind_without_a_select() {
    let (lists, _, mut selector) = host_and_selector();
    // One slot, so one entry at most: the second registration is polled for.
    for _ in 0..2 {
        let slot = insert(&mut selector, accepted(FIRST), Token(0), BOTH);
        selector.context().registrations.remove(slot);
    }
    insert(&mut selector, accepted(FIRST), Token(0), BOTH);
    expect_writable(&mut selector, &lists, 8, &Direction::BOTH);
}

#[test]
fn is_polled_for_once_a_write_would_have_blocked() {
    let (lists, _, mut selector) = host_and_selector();
    let slot = insert(&mut selector, accepted(FIRST), Token(0), BOTH);
    selector.rearm(slot, Direction::Write);
    expect_writable(&mut selector, &lists, 8, &Direction::BOTH);
}

#[test]
fn is_polled_for_when_it_is_watched_for_writing_only() {
    let (lists, _, mut selector) = host_and_selector();
    let source = accepted(FIRST);
    insert(&mut selector, source, Token(0), Interest::WRITABLE);
    expect_writable(&mut selector, &lists, 8, &[Direction::Write]);
}

#[test]
fn is_silent_after_its_end() {
    let (_, _, mut selector) = host_and_selector();
    let slot = insert(&mut selector, accepted(FIRST), Token(0), BOTH);
    selector.context().registrations.remove(slot);
    assert_eq!(select(&mut selector, Duration::ZERO, 8), []);
    // Another registration in its slot has no event of it.
    let source = accepted(FIRST);
    let slot = insert(&mut selector, source, Token(1), BOTH);
    selector.context().registrations.remove(slot);
    insert(&mut selector, source, Token(2), Interest::READABLE);
    assert_eq!(select(&mut selector, Duration::ZERO, 8), []);
}

#[test]
fn hang_up_of_a_new_connection_closes_both_directions() {
    let (_, host, mut selector) = host_and_selector();
    host.on_poll(|list, _| of_sources(list).map(hung_up).collect());
    insert(&mut selector, accepted(FIRST), Token(0), BOTH);
    let mut events = Events::with_capacity(8);
    selector.select(&mut events, Some(Duration::ZERO)).unwrap();
    assert_eq!(tokens(&events), [(0, false)]);
    let event = events.get(0).unwrap();
    assert!(event.is_readable() && event.is_writable());
    assert!(event.is_read_closed() && event.is_write_closed());
}

#[test]
fn hang_up_of_reading_does_not_close_what_the_host_has_reported_as_writable() {
    let (_, host, mut selector) = host_and_selector();
    let polls = Rc::new(Cell::new(0));
    let count = polls.clone();
    host.on_poll(move |list, _| {
        count.set(count.get() + 1);
        // Writing comes first.
        let sources = of_sources(list).rev();
        let all = sources.map(|each| match is_write(each) {
            true => answer(each, wasi::ERRNO_SUCCESS),
            false => hung_up(each),
        });
        all.collect()
    });
    insert(&mut selector, stream(FIRST), Token(0), BOTH);
    let mut events = Events::with_capacity(8);
    selector.select(&mut events, Some(Duration::ZERO)).unwrap();
    let event = events.get(0).unwrap();
    assert!(event.is_read_closed() && event.is_writable());
    assert!(!event.is_write_closed());
    // That took no other poll.
    assert_eq!(polls.get(), 1);
}
