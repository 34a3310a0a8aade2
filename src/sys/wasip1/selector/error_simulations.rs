//! Selects on simulated hosts that report errors not at all, or in another way than they
//! should. WASI preview 1, in tests.

use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::num::NonZeroI32;
use std::rc::Rc;
use std::time::Duration;

use wasi::{Event as HostEvent, Fd, Subscription};

use super::key::{Direction, Key};
use super::simulations::{answer, clock_of, register, state, tokens, wait_for_clock};
use super::state::State;
use crate::sys::contract::Events as _;
use crate::sys::event::Events;
use crate::sys::wasip1::host::simulated::{play, play_looks, set_error};
use crate::sys::wasip1::source::{stream, Kind, RawSource};
use crate::{Interest, Token};

const SOCKET: Fd = 500;

/// Registers a datagram socket for reading.
fn register_datagram(state: &mut State, kind: Kind) -> u32 {
    let source = RawSource { fd: SOCKET, kind };
    let slot = state.insert(source, Token(5), Interest::READABLE);
    slot.unwrap()
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
fn select(state: &mut State, timeout: Option<Duration>) -> Vec<(usize, bool)> {
    let mut events = Events::with_capacity(8);
    state.select(&mut events, timeout).unwrap();
    tokens(&events)
}

#[test]
fn error_that_ends_calls_is_the_pending_error_of_the_socket() {
    let mut state = state();
    let slot = register_datagram(&mut state, Kind::Datagram);
    play(ended_by_an_error);
    set_error(SOCKET, refused());
    assert_eq!(select(&mut state, None), [(5, false)]);
    assert_eq!(state.table.take_pending_error(slot), Some(refused()));
    assert_eq!(state.table.take_pending_error(slot), None);
}

#[test]
fn error_is_reported_by_a_select_that_ends_with_its_clock() {
    for timeout in [Duration::ZERO, Duration::from_millis(1)] {
        let mut state = state();
        register_datagram(&mut state, Kind::Datagram);
        play(wait_for_clock);
        assert!(select(&mut state, Some(timeout)).is_empty());
        set_error(SOCKET, refused());
        assert_eq!(select(&mut state, Some(timeout)), [(5, false)]);
    }
}

#[test]
fn error_is_reported_beside_a_source_that_is_always_ready() {
    let mut state = state();
    register(&mut state, 1);
    register_datagram(&mut state, Kind::Datagram);
    play(|list, _| {
        let first = list.iter().find(|each| each.userdata == 0);
        first
            .map(|each| answer(each, wasi::ERRNO_SUCCESS))
            .into_iter()
            .collect()
    });
    set_error(SOCKET, refused());
    let mut selects = 0;
    while !select(&mut state, None).contains(&(5, false)) {
        state.rearm(0, Direction::Read);
        selects += 1;
        assert!(selects <= 40, "the error is not reported");
    }
}

#[test]
fn pending_error_is_reported_to_the_next_registration() {
    let mut state = state();
    let slot = register_datagram(&mut state, Kind::Datagram);
    play(wait_for_clock);
    state.set_pending_error(slot, refused());
    assert_eq!(select(&mut state, Some(Duration::ZERO)), [(5, false)]);
    assert!(select(&mut state, Some(Duration::ZERO)).is_empty());
    // Reregistering reports it again, as long as it is pending.
    state.change(slot, Token(6), Interest::WRITABLE);
    assert_eq!(select(&mut state, Some(Duration::ZERO)), [(6, false)]);
    assert_eq!(state.table.take_pending_error(slot), Some(refused()));
    state.change(slot, Token(7), Interest::READABLE);
    assert!(select(&mut state, Some(Duration::ZERO)).is_empty());
}

#[test]
fn numbered_socket_keeps_its_error() {
    let mut state = state();
    let slot = register_datagram(&mut state, Kind::NumberedDatagram);
    play(ended_by_an_error);
    set_error(SOCKET, refused());
    assert_eq!(select(&mut state, None), [(5, false)]);
    assert_eq!(state.table.take_pending_error(slot), None);
    assert_eq!(
        crate::sys::wasip1::host::take_error(SOCKET),
        Some(refused())
    );
}

#[test]
fn interruption_of_a_list_without_a_clock_ends_the_select() {
    let mut state = state();
    register(&mut state, 2);
    let lists: Rc<RefCell<Vec<Vec<u64>>>> = Rc::default();
    let record = lists.clone();
    play(move |list, now| {
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
    assert_eq!(select(&mut state, None), [(1, false)]);
    state.rearm(1, Direction::Read);
    let mut events = Events::with_capacity(8);
    let result = state.select(&mut events, None);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Interrupted);
    let lists = lists.borrow();
    assert_eq!(lists.len(), 3);
    // A list that is longer than all before has a clock, so that the tables have room.
    assert!(!lists[1].contains(&Key::CLOCK) && lists[1].len() == 2);
    assert_eq!(lists[2][..2], lists[1][..]);
    assert_eq!(lists[2][2..], [Key::CLOCK]);
}

#[test]
fn moment_without_memory_limits_no_list() {
    const COUNT: usize = 65;
    let mut state = state();
    register(&mut state, COUNT);
    let calls = Rc::new(Cell::new(0));
    let shortest = Rc::new(Cell::new(usize::MAX));
    let (counter, least) = (calls.clone(), shortest.clone());
    play(move |list, now| {
        counter.set(counter.get() + 1);
        if list.len() > 1 {
            least.set(least.get().min(list.len()));
        }
        match counter.get() {
            // The last one is refused, as if there were places for 64.
            1 => vec![answer(&list[list.len() - 1], wasi::ERRNO_NOMEM)],
            _ => wait_for_clock(list, now),
        }
    });
    for _ in 0..10 {
        select(&mut state, Some(Duration::from_millis(1)));
    }
    assert!(shortest.get() >= COUNT, "{} subscriptions", shortest.get());
}

#[test]
fn writers_with_unread_data_stay_armed_beside_one_at_its_end() {
    const ENDED: Fd = 100;
    let mut state = state();
    for number in 0..8 {
        let fd = ENDED + number as Fd;
        let slot = state.insert(stream(fd), Token(number), Interest::WRITABLE);
        assert_eq!(slot, Some(number as u32));
    }
    let is_writer = |user_data: u64, slot: u32| {
        let key = Key::decode(user_data);
        user_data != Key::CLOCK && key.slot() == slot && key.direction() == Direction::Write
    };
    play(move |list, now| {
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
    play_looks(|fd, _| Ok(usize::from(fd != ENDED)));
    assert!(select(&mut state, Some(Duration::from_millis(5))).is_empty());
    for slot in 0..8 {
        let key = state.table.key(slot, Direction::Write);
        assert_eq!(state.table.is_armed(key), slot != 0, "writer {slot}");
    }
}

/// `count` writers with unread data, none of which can be written to. Watching one of
/// `ended` for writing ends each call.
fn expect_only_the_ended_to_back_off(count: usize, ended: &'static [Fd]) {
    let mut state = state();
    for number in 0..count {
        let source = stream(number as Fd);
        state.insert(source, Token(number), Interest::WRITABLE);
    }
    play(move |list, now| {
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
    play_looks(|_, _| Ok(1));
    assert!(select(&mut state, Some(Duration::from_millis(9))).is_empty());
    for slot in 0..count as u32 {
        let key = state.table.key(slot, Direction::Write);
        let has_ended = ended.contains(&slot);
        assert_eq!(state.table.is_armed(key), !has_ended, "writer {slot}");
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
