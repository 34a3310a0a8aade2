//! Polls of a scripted host: what real ones do only on other systems, or only when they are
//! disturbed. WASI preview 1, in tests.

use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::rc::Rc;
use std::time::Duration;

use wasi::{Errno, Subscription};

use super::{
    answer, clock_of, hung_up, insert, is_write, register, selector, selector_with_writable,
    tokens, wait_for_clock, MILLISECOND,
};
use crate::sys::contract::{Event as _, Events as _};
use crate::sys::event::Events;
use crate::sys::wasip1::host::scripted::Scripted;
use crate::sys::wasip1::selector::select::{Select, Verdict};
use crate::sys::wasip1::selector::subscription::{is_clock, Direction, Key};
use crate::sys::wasip1::source::{stream, Kind, Origin, RawSource};
use crate::{Interest, Token};

#[test]
fn storm_of_empty_answers_costs_few_calls_and_ends_in_time() {
    let (host, mut selector) = selector();
    register(&mut selector, 3);
    let calls = Rc::new(Cell::new(0));
    let counter = calls.clone();
    host.on_poll(move |list, now| {
        counter.set(counter.get() + 1);
        // Only a clock by itself is waited for.
        match list.len() {
            1 => wait_for_clock(list, now),
            _ => Vec::new(),
        }
    });
    let mut events = Events::with_capacity(8);
    let second = Some(Duration::from_secs(1));
    assert_eq!(selector.select(&mut events, second).unwrap(), Verdict::Done);
    assert!(tokens(&events).is_empty());
    assert!(calls.get() < 1_000, "{} calls", calls.get());
}

#[test]
fn clock_before_its_time_ends_no_select() {
    let (host, mut selector) = selector();
    register(&mut selector, 1);
    let calls = Rc::new(Cell::new(0_u64));
    let counter = calls.clone();
    // A tenth of the time is over when the clock comes.
    host.on_poll(move |list, now| {
        counter.set(counter.get() + 1);
        *now += clock_of(list).unwrap() / 10;
        vec![answer(&list[0], wasi::ERRNO_SUCCESS)]
    });
    let before = host.time();
    let mut events = Events::with_capacity(8);
    let timeout = Duration::from_millis(20);
    selector.select(&mut events, Some(timeout)).unwrap();
    let after = host.time();
    assert!(after - before >= 20 * MILLISECOND, "{}", after - before);
    assert!((2..500).contains(&calls.get()), "{} calls", calls.get());
}

#[test]
fn interrupted_list_is_repeated_as_it_was() {
    let (host, mut selector) = selector();
    register(&mut selector, 3);
    let lists = Rc::new(RefCell::new(Vec::new()));
    let record = lists.clone();
    host.on_poll(move |list, _| {
        let users: Vec<u64> = list.iter().map(|each| each.userdata).collect();
        record.borrow_mut().push((users, clock_of(list)));
        match record.borrow().len() {
            // Everything is interrupted, twice.
            1 | 2 => {
                let all = list.iter();
                all.map(|each| answer(each, wasi::ERRNO_INTR)).collect()
            }
            // Left-overs beside something real.
            _ => vec![
                answer(&list[1], wasi::ERRNO_EXIST),
                answer(&list[2], wasi::ERRNO_SUCCESS),
            ],
        }
    });
    let mut events = Events::with_capacity(8);
    let timeout = Some(Duration::from_secs(3));
    selector.select(&mut events, timeout).unwrap();
    assert_eq!(tokens(&events), [(1, false)]);
    let lists = lists.borrow();
    assert_eq!(lists.len(), 3);
    assert!(lists.iter().all(|(users, _)| *users == lists[0].0));
    assert!(lists[0].1 > Some(1) && lists[1].1 == Some(1) && lists[2].1 == Some(1));
}

#[test]
fn interruption_with_nothing_ready_is_an_error() {
    let (host, mut selector) = selector();
    register(&mut selector, 1);
    let calls = Rc::new(Cell::new(0));
    host.on_poll(move |list, now| {
        calls.set(calls.get() + 1);
        match calls.get() {
            1 => {
                let all = list.iter();
                all.map(|each| answer(each, wasi::ERRNO_INTR)).collect()
            }
            _ => wait_for_clock(list, now),
        }
    });
    let mut events = Events::with_capacity(8);
    let result = selector.select(&mut events, Some(Duration::from_secs(3)));
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Interrupted);
}

#[test]
fn lost_descriptor_is_repaired_by_a_list_without_it() {
    let (host, mut selector) = selector();
    register(&mut selector, 1);
    let known = Cell::new(false);
    host.on_poll(move |list, now| {
        if list.len() == 1 && clock_of(list).is_some() {
            known.set(true);
            return wait_for_clock(list, now);
        }
        let errno = match known.get() {
            true => wasi::ERRNO_SUCCESS,
            false => wasi::ERRNO_NOENT,
        };
        vec![answer(&list[list.len() - 1], errno)]
    });
    let mut events = Events::with_capacity(8);
    selector.select(&mut events, None).unwrap();
    assert_eq!(tokens(&events), [(0, false)]);
}

#[test]
fn source_that_the_host_refuses_is_reported_with_a_backoff() {
    for errno in [wasi::ERRNO_NOENT, wasi::ERRNO_EXIST, wasi::ERRNO_NOMEM] {
        for neighbour_is_busy in [true, false] {
            let reported = refusals_within(2_000 * MILLISECOND, errno, neighbour_is_busy);
            // At once, and then after 10, 20, 40 ms and so on.
            assert!(
                (7..12).contains(&reported),
                "{errno:?}: reported {reported} times"
            );
        }
    }
}

/// How often a source that the host refuses to watch is reported in such a time, beside
/// one that is always ready or never.
fn refusals_within(time: u64, errno: Errno, neighbour_is_busy: bool) -> usize {
    let (host, mut selector) = selector();
    register(&mut selector, 2);
    let keys = [0, 1].map(|slot| {
        selector
            .context()
            .registrations
            .key(slot, Direction::Read)
            .encode()
    });
    host.on_poll(move |list, now| {
        let named = |key: u64| list.iter().find(|each| each.userdata == key);
        let mut answers = Vec::new();
        answers.extend(named(keys[1]).map(|refused| answer(refused, errno)));
        if neighbour_is_busy {
            *now += MILLISECOND;
            answers.extend(named(keys[0]).map(|ready| answer(ready, wasi::ERRNO_SUCCESS)));
        }
        match answers.is_empty() {
            true => wait_for_clock(list, now),
            false => answers,
        }
    });
    let begin = host.time();
    let mut events = Events::with_capacity(8);
    let mut reported = 0;
    while host.time() < begin + time {
        events.clear();
        selector.select(&mut events, None).unwrap();
        for (token, error) in tokens(&events) {
            assert!(!error);
            reported += token;
            // The program has found nothing, in two operations.
            for _ in 0..2 {
                selector.rearm(token as u32, Direction::Read);
            }
        }
    }
    reported
}

#[test]
fn events_without_a_subscription_are_dropped() {
    let (host, mut selector) = selector();
    register(&mut selector, 1);
    let mut events = Events::with_capacity(8);
    for userdata in [u64::MAX - 1, 7 << 33, 2, 3] {
        for (error, flags) in [
            (wasi::ERRNO_SUCCESS, 0),
            (wasi::ERRNO_SUCCESS, 1),
            (wasi::ERRNO_BADF, 1),
        ] {
            host.on_poll(move |list, now| {
                let mut stranger = answer(&list[1], error);
                stranger.userdata = userdata;
                stranger.fd_readwrite.flags = flags;
                let mut all = wait_for_clock(list, now);
                all.push(stranger);
                all
            });
            let timeout = Some(Duration::from_millis(1));
            selector.select(&mut events, timeout).unwrap();
            assert!(tokens(&events).is_empty(), "{:?}", tokens(&events));
        }
    }
}

#[test]
fn error_of_one_source_is_its_event_and_comes_once() {
    let (host, mut selector) = selector();
    register(&mut selector, 2);
    host.on_poll(|list, now| match list.len() {
        3 => vec![answer(&list[1], wasi::ERRNO_BADF)],
        _ => wait_for_clock(list, now),
    });
    let mut events = Events::with_capacity(8);
    let timeout = Some(Duration::from_millis(5));
    selector.select(&mut events, timeout).unwrap();
    assert_eq!(tokens(&events), [(0, true)]);
    events.clear();
    selector.select(&mut events, timeout).unwrap();
    assert!(tokens(&events).is_empty(), "{:?}", tokens(&events));
}

#[test]
fn hang_up_of_one_direction_closes_that_direction_only() {
    let (host, mut selector) = selector();
    let both = Interest::READABLE | Interest::WRITABLE;
    insert(&mut selector, stream(100), Token(0), both);
    // As on macOS: the end of reading has the flag, and writing isn't ready.
    host.on_poll(|list, now| {
        let reader = list
            .iter()
            .find(|each| each.u.tag == wasi::EVENTTYPE_FD_READ.raw());
        let Some(reader) = reader else {
            return wait_for_clock(list, now);
        };
        vec![hung_up(reader)]
    });
    let mut events = Events::with_capacity(8);
    selector.select(&mut events, None).unwrap();
    let event = events.get(0).unwrap();
    assert!(event.is_readable() && event.is_read_closed());
    assert!(!event.is_writable() && !event.is_write_closed());
}

#[test]
fn wait_without_a_timeout_has_no_clock() {
    let (host, mut selector) = selector();
    register(&mut selector, 1);
    // The first list is the longest so far, and has one for the sake of an interruption.
    let calls = Cell::new(0);
    host.on_poll(move |list, now| {
        calls.set(calls.get() + 1);
        assert!(calls.get() == 1 || clock_of(list).is_none());
        *now += 1_000 * MILLISECOND;
        vec![answer(&list[list.len() - 1], wasi::ERRNO_SUCCESS)]
    });
    let mut events = Events::with_capacity(8);
    for _ in 0..3 {
        events.clear();
        assert_eq!(selector.select(&mut events, None).unwrap(), Verdict::Done);
        assert_eq!(tokens(&events), [(0, false)]);
        selector.rearm(0, Direction::Read);
    }
}

#[test]
fn more_events_than_subscriptions_are_an_error() {
    let (host, mut selector) = selector();
    register(&mut selector, 3);
    host.on_poll(|list, _| {
        let more = list.iter().chain(list);
        more.map(|each| answer(each, wasi::ERRNO_SUCCESS)).collect()
    });
    let mut events = Events::with_capacity(64);
    let error = selector.select(&mut events, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(tokens(&events).is_empty());
}

/// The lists that a host gets, which answers each by what ends it.
fn record_lists(host: &Scripted) -> Rc<RefCell<Vec<Vec<Subscription>>>> {
    let lists: Rc<RefCell<Vec<Vec<Subscription>>>> = Rc::default();
    let record = lists.clone();
    host.on_poll(move |list, _| {
        record.borrow_mut().push(list.to_vec());
        let is_end = |each: &&Subscription| each.userdata == Key::CLOCK;
        let end = list.iter().find(is_end).expect("a list that ends");
        vec![answer(end, wasi::ERRNO_SUCCESS)]
    });
    lists
}

/// Does a list have a clock?
fn has_clock(list: &[Subscription]) -> bool {
    list.iter().any(is_clock)
}

#[test]
fn poll_without_waiting_ends_by_the_socket_that_is_always_writable() {
    let (host, mut selector) = selector_with_writable();
    register(&mut selector, 2);
    let lists = record_lists(&host);
    let mut events = Events::with_capacity(8);
    // The first list may be the longest so far, which has a clock too.
    for _ in 0..2 {
        let verdict = selector.select(&mut events, Some(Duration::ZERO)).unwrap();
        assert_eq!(verdict, Verdict::Done);
        assert!(tokens(&events).is_empty());
    }
    let timeout = Some(Duration::from_nanos(1));
    selector.select(&mut events, timeout).unwrap();
    let lists = lists.borrow();
    assert!(is_write(&lists[1][0]) && lists[1].len() == 3);
    assert!(!has_clock(&lists[1]) && has_clock(&lists[2]));
}

#[test]
fn interrupted_poll_without_waiting_is_repeated_with_a_clock() {
    let (host, mut selector) = selector_with_writable();
    register(&mut selector, 2);
    let lists = record_lists(&host);
    let mut events = Events::with_capacity(8);
    selector.select(&mut events, Some(Duration::ZERO)).unwrap();
    let record = lists.clone();
    host.on_poll(move |list, _| {
        record.borrow_mut().push(list.to_vec());
        match record.borrow().len() {
            2 => {
                let all = list.iter();
                all.map(|each| answer(each, wasi::ERRNO_INTR)).collect()
            }
            _ => vec![answer(list.last().unwrap(), wasi::ERRNO_SUCCESS)],
        }
    });
    let result = selector.select(&mut events, Some(Duration::ZERO));
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Interrupted);
    let lists = lists.borrow();
    let users =
        |list: &[Subscription]| -> Vec<u64> { list.iter().map(|each| each.userdata).collect() };
    assert_eq!(users(&lists[2][..3]), users(&lists[1]));
    assert!(lists[2].len() == 4 && is_clock(&lists[2][3]));
}

#[test]
fn socket_whose_event_fails_to_come_ends_no_poll() {
    let host = Scripted::new();
    host.set_always_writable(1);
    // This host's polls end by their first subscription, a clock.
    let mut selector = Select::new(host.clone()).unwrap();
    register(&mut selector, 1);
    let lists = record_lists(&host);
    let mut events = Events::with_capacity(8);
    for _ in 0..2 {
        selector.select(&mut events, Some(Duration::ZERO)).unwrap();
    }
    let lists = lists.borrow();
    assert!(lists.iter().all(|list| has_clock(list) && list.len() == 2));
}

#[test]
fn listener_is_polled_for_reading_only() {
    let (host, mut selector) = selector();
    let listener = RawSource {
        fd: 7,
        kind: Kind::Listener,
        origin: Origin::Opened,
    };
    let both = Interest::READABLE | Interest::WRITABLE;
    insert(&mut selector, listener, Token(0), both);
    let lists = record_lists(&host);
    let mut events = Events::with_capacity(8);
    selector.select(&mut events, Some(Duration::ZERO)).unwrap();
    assert!(lists.borrow()[0].iter().all(|each| !is_write(each)));
    assert_eq!(lists.borrow()[0].len(), 2);
}
