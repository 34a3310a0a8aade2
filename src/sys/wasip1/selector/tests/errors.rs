//! Errors that a scripted host reports not at all, or in another way than it should. WASI
//! preview 1, in tests.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::num::NonZeroI32;
use std::rc::Rc;
use std::time::Duration;

use wasi::{Event as HostEvent, Fd, Subscription};

use super::{answer, clock_of, insert, register, selector, tokens, wait_for_clock, Selector};
use crate::sys::contract::Events as _;
use crate::sys::event::Events;
use crate::sys::wasip1::host::Host as _;
use crate::sys::wasip1::selector::subscription::{Direction, Key};
use crate::sys::wasip1::source::{stream, Kind, Origin, RawSource};
use crate::{Interest, Token};

const SOCKET: Fd = 500;

/// Registers a datagram socket for reading.
fn register_datagram(selector: &mut Selector, kind: Kind) -> u32 {
    let source = RawSource {
        fd: SOCKET,
        kind,
        origin: Origin::Opened,
    };
    insert(selector, source, Token(5), Interest::READABLE)
}

/// The number of "connection refused".
fn refused() -> NonZeroI32 {
    NonZeroI32::new(wasi::ERRNO_CONNREFUSED.raw().into()).unwrap()
}

/// Answers as long as a socket has an error: each call that watches it returns at once and
/// without any event.
fn ended_by_an_error(list: &[Subscription], now: &mut u64) -> Vec<HostEvent> {
    match clock_of(list) {
        Some(_) if list.len() == 1 => wait_for_clock(list, now),
        _ => Vec::new(),
    }
}

/// Selects once.
fn select(selector: &mut Selector, timeout: Option<Duration>) -> Vec<(usize, bool)> {
    let mut events = Events::with_capacity(8);
    selector.select(&mut events, timeout).unwrap();
    tokens(&events)
}

/// Takes the pending error of a socket.
fn pending_error(selector: &mut Selector, slot: u32) -> Option<NonZeroI32> {
    selector.context().registrations.take_pending_error(slot)
}

#[test]
fn error_that_ends_calls_is_the_pending_error_of_the_socket() {
    let (host, mut selector) = selector();
    let slot = register_datagram(&mut selector, Kind::Datagram);
    host.on_poll(ended_by_an_error);
    host.set_error(SOCKET, refused());
    assert_eq!(select(&mut selector, None), [(5, false)]);
    assert_eq!(pending_error(&mut selector, slot), Some(refused()));
    assert_eq!(pending_error(&mut selector, slot), None);
}

#[test]
fn error_is_reported_by_a_select_that_ends_with_its_clock() {
    for timeout in [Duration::ZERO, Duration::from_millis(1)] {
        let (host, mut selector) = selector();
        register_datagram(&mut selector, Kind::Datagram);
        host.on_poll(wait_for_clock);
        assert!(select(&mut selector, Some(timeout)).is_empty());
        host.set_error(SOCKET, refused());
        assert_eq!(select(&mut selector, Some(timeout)), [(5, false)]);
    }
}

#[test]
fn error_is_reported_beside_a_source_that_is_always_ready() {
    let (host, mut selector) = selector();
    register(&mut selector, 1);
    register_datagram(&mut selector, Kind::Datagram);
    host.on_poll(|list, _| {
        let first = list.iter().find(|each| each.userdata == 0);
        first
            .map(|each| answer(each, wasi::ERRNO_SUCCESS))
            .into_iter()
            .collect()
    });
    host.set_error(SOCKET, refused());
    let mut selects = 0;
    while !select(&mut selector, None).contains(&(5, false)) {
        selector.rearm(0, Direction::Read);
        selects += 1;
        assert!(selects <= 40, "the error is not reported");
    }
}

#[test]
fn pending_error_is_reported_to_the_next_registration() {
    let (host, mut selector) = selector();
    let slot = register_datagram(&mut selector, Kind::Datagram);
    host.on_poll(wait_for_clock);
    selector
        .context()
        .registrations
        .set_pending_error(slot, refused());
    assert_eq!(select(&mut selector, Some(Duration::ZERO)), [(5, false)]);
    assert!(select(&mut selector, Some(Duration::ZERO)).is_empty());
    // Reregistering reports it again, as long as it is pending.
    selector.change(slot, Token(6), Interest::WRITABLE);
    assert_eq!(select(&mut selector, Some(Duration::ZERO)), [(6, false)]);
    assert_eq!(pending_error(&mut selector, slot), Some(refused()));
    selector.change(slot, Token(7), Interest::READABLE);
    assert!(select(&mut selector, Some(Duration::ZERO)).is_empty());
}

#[test]
fn socket_registered_by_number_keeps_its_error() {
    let (host, mut selector) = selector();
    let slot = register_datagram(&mut selector, Kind::RawFdDatagram);
    host.on_poll(ended_by_an_error);
    host.set_error(SOCKET, refused());
    assert_eq!(select(&mut selector, None), [(5, false)]);
    assert_eq!(pending_error(&mut selector, slot), None);
    assert_eq!(host.take_error(SOCKET), Some(refused()));
}

#[test]
fn interruption_of_a_list_without_a_clock_ends_the_select() {
    let (host, mut selector) = selector();
    register(&mut selector, 2);
    let lists: Rc<RefCell<Vec<Vec<u64>>>> = Rc::default();
    let record = lists.clone();
    host.on_poll(move |list, now| {
        let users: Vec<u64> = list.iter().map(|each| each.userdata).collect();
        record.borrow_mut().push(users);
        match record.borrow().len() {
            1 => vec![answer(&list[list.len() - 1], wasi::ERRNO_SUCCESS)],
            2 => {
                let all = list.iter();
                all.map(|each| answer(each, wasi::ERRNO_INTR)).collect()
            }
            _ => {
                let clock = &list[list.len() - 1..];
                wait_for_clock(clock, now)
            }
        }
    });
    assert_eq!(select(&mut selector, None), [(1, false)]);
    selector.rearm(1, Direction::Read);
    let mut events = Events::with_capacity(8);
    let result = selector.select(&mut events, None);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Interrupted);
    let lists = lists.borrow();
    assert_eq!(lists.len(), 3);
    // A list that is longer than all before has a clock, so that the host's tables have capacity for it.
    assert!(!lists[1].contains(&Key::CLOCK) && lists[1].len() == 2);
    assert_eq!(lists[2][..2], lists[1][..]);
    assert_eq!(lists[2][2..], [Key::CLOCK]);
}

#[test]
fn writers_with_unread_data_stay_armed_beside_one_at_its_end() {
    const ENDED: Fd = 100;
    let (host, mut selector) = selector();
    for number in 0..8 {
        let fd = ENDED + number as Fd;
        let slot = insert(&mut selector, stream(fd), Token(number), Interest::WRITABLE);
        assert_eq!(slot, number as u32);
    }
    let is_writer = |user_data: u64, slot: u32| {
        let key = Key::decode(user_data);
        user_data != Key::CLOCK && key.slot() == slot && key.direction() == Direction::Write
    };
    host.on_poll(move |list, now| {
        if list.iter().any(|each| is_writer(each.userdata, 0)) {
            return Vec::new();
        }
        // All have something to read, if only the end. None can be written to.
        let reads = list.iter().filter(|each| each.userdata != Key::CLOCK);
        let reads = reads.filter(|each| Key::decode(each.userdata).direction() == Direction::Read);
        let all: Vec<_> = reads
            .map(|each| answer(each, wasi::ERRNO_SUCCESS))
            .collect();
        match all.is_empty() {
            true => wait_for_clock(list, now),
            false => all,
        }
    });
    host.on_peek(|fd, _| Ok(usize::from(fd != ENDED)));
    assert!(select(&mut selector, Some(Duration::from_millis(5))).is_empty());
    for slot in 0..8 {
        let key = selector.context().registrations.key(slot, Direction::Write);
        assert_eq!(
            selector.context().registrations.is_armed(key),
            slot != 0,
            "writer {slot}"
        );
    }
}

/// `count` writers with unread data, none of which can be written to. Watching one of
/// `ended` for writing ends each call.
fn expect_only_the_ended_to_back_off(count: usize, ended: &'static [Fd]) {
    let (host, mut selector) = selector();
    for number in 0..count {
        let source = stream(number as Fd);
        insert(&mut selector, source, Token(number), Interest::WRITABLE);
    }
    host.on_poll(move |list, now| {
        let ends = |each: &Subscription| {
            let is_write = each.u.tag == wasi::EVENTTYPE_FD_WRITE.raw();
            // SAFETY: both kinds of readiness have the same layout, and a clock is as large.
            is_write && ended.contains(&unsafe { each.u.u.fd_write }.file_descriptor)
        };
        if list.iter().any(ends) {
            return Vec::new();
        }
        let is_read = |tag| tag == wasi::EVENTTYPE_FD_READ.raw();
        let reads = list.iter().filter(|each| is_read(each.u.tag));
        let all: Vec<_> = reads
            .map(|each| answer(each, wasi::ERRNO_SUCCESS))
            .collect();
        match all.is_empty() {
            true => wait_for_clock(list, now),
            false => all,
        }
    });
    host.on_peek(|_, _| Ok(1));
    assert!(select(&mut selector, Some(Duration::from_millis(9))).is_empty());
    for slot in 0..count as u32 {
        let key = selector.context().registrations.key(slot, Direction::Write);
        let has_ended = ended.contains(&slot);
        assert_eq!(
            selector.context().registrations.is_armed(key),
            !has_ended,
            "writer {slot}"
        );
    }
}

#[test]
fn writer_whose_end_is_behind_unread_data_is_found() {
    expect_only_the_ended_to_back_off(4, &[2]);
}

#[test]
fn writers_whose_end_is_behind_unread_data_are_found_among_many() {
    expect_only_the_ended_to_back_off(60, &[59]);
    expect_only_the_ended_to_back_off(60, &[3, 29, 30, 57]);
    expect_only_the_ended_to_back_off(1_000, &[777]);
}
