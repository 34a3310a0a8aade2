//! Selects on hosts that lie: whatever they answer, there is an error or a harmless
//! event, and no panic. WASI preview 1, in tests.

use std::io::ErrorKind;
use std::time::Duration;

use wasi::{Errno, Event as HostEvent, Subscription};

use super::key::{Direction, Key};
use super::state::State;
use crate::sys::contract::Events as _;
use crate::sys::event::Events;
use crate::sys::wasi::host::simulated::play;
use crate::sys::wasi::source::stream;
use crate::{Interest, Token};

/// How many sources there are.
const SOURCES: usize = 5;

/// An answer with these user data.
fn answer(userdata: u64, error: Errno, flags: u16) -> HostEvent {
    HostEvent {
        userdata,
        error,
        type_: wasi::EVENTTYPE_FD_READ,
        fd_readwrite: wasi::EventFdReadwrite {
            nbytes: u64::MAX,
            flags,
        },
    }
}

/// A state with sources for writing and for both directions.
fn state() -> State {
    play(|list, now| {
        *now += 1;
        vec![answer(list[0].userdata, wasi::ERRNO_SUCCESS, 0)]
    });
    let mut state = State::new().unwrap();
    for number in 0..SOURCES {
        let interests = match number % 2 {
            0 => Interest::WRITABLE,
            _ => Interest::READABLE | Interest::WRITABLE,
        };
        let fd = number as wasi::Fd + 100;
        state.insert(stream(fd), Token(number), interests).unwrap();
    }
    state
}

/// The next number of a generator (SplitMix64).
fn next(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut value = *seed;
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// User data that are of a subscription, nearly so, or anything.
fn some_user_data(list: &[Subscription], seed: &mut u64) -> u64 {
    let known = list[next(seed) as usize % list.len()].userdata;
    match next(seed) % 4 {
        0 => next(seed),
        1 => known ^ (1 << (next(seed) % 64)),
        _ => known,
    }
}

#[test]
fn more_events_than_asked_for_are_an_error() {
    let mut state = state();
    play(|list, _| {
        let more = list.iter().chain(list);
        more.map(|each| answer(each.userdata, wasi::ERRNO_SUCCESS, 0))
            .collect()
    });
    let mut events = Events::with_capacity(64);
    let error = state.select(&mut events, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert_eq!(events.len(), 0);
}

#[test]
fn slots_that_there_are_not_are_no_panic_among_writers() {
    let mut state = state();
    for number in (1..SOURCES as u32).step_by(2) {
        state.table.remove(number);
    }
    // Nothing at first, so that the writers are looked at; then a slot of nobody.
    play(|list, now| {
        *now += 1_000_000;
        let nobody = Key::new(77, 0, Direction::Read);
        let is_probe = list.len() > 1 && list[1].userdata & 1 == Direction::Read as u64;
        match is_probe {
            true => vec![answer(nobody.encode(), wasi::ERRNO_SUCCESS, 0)],
            false => Vec::new(),
        }
    });
    let mut events = Events::with_capacity(64);
    let short = Some(Duration::from_millis(20));
    state.select(&mut events, short).unwrap();
    assert_eq!(events.len(), 0);
}

#[test]
fn clock_near_its_end_is_no_panic() {
    let mut state = state();
    play(|_, now| {
        *now = u64::MAX - 5_000;
        Vec::new()
    });
    let mut events = Events::with_capacity(64);
    let short = Some(Duration::from_nanos(1));
    state.select(&mut events, short).unwrap();
    state.arm_later(1, Direction::Write, u64::MAX - 3);
    state.select(&mut events, Some(Duration::ZERO)).unwrap();
}

#[test]
fn random_answers_are_errors_or_events_of_what_is_registered() {
    // SAFETY: an error is nothing but a number; the crate has no other way to make
    // one that it doesn't know.
    let unknown = unsafe { std::mem::transmute::<u16, Errno>(60_000) };
    let errors = [
        unknown,
        wasi::ERRNO_SUCCESS,
        wasi::ERRNO_SUCCESS,
        wasi::ERRNO_BADF,
        wasi::ERRNO_EXIST,
        wasi::ERRNO_NOENT,
        wasi::ERRNO_NOMEM,
        wasi::ERRNO_NOTCAPABLE,
    ];
    for first in 0..50 {
        let mut state = state();
        let mut seed = first;
        play(move |list, now| {
            *now += next(&mut seed) % 50_000_000;
            let count = next(&mut seed) as usize % (list.len() + 1);
            let one = |_| {
                let error = errors[next(&mut seed) as usize % errors.len()];
                let flags = (next(&mut seed) % 8) as u16;
                answer(some_user_data(list, &mut seed), error, flags)
            };
            (0..count).map(one).collect()
        });
        let mut events = Events::with_capacity(2);
        let mut seed = first;
        for _ in 0..100 {
            let slot = next(&mut seed) as usize % SOURCES;
            let direction = Direction::BOTH[next(&mut seed) as usize % 2];
            state.rearm(slot as u32, direction);
            let short = Some(Duration::from_millis(next(&mut seed) % 3));
            match state.select(&mut events, short) {
                Ok(_) => {}
                Err(error) => assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}"),
            }
            for index in 0..events.len() {
                let event = events.get(index).unwrap();
                assert!(crate::sys::contract::Event::token(event).0 < SOURCES);
            }
            events.clear();
        }
    }
}
