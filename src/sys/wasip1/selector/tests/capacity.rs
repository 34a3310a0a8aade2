//! Events that wait for capacity in the caller's buffer, of a scripted host. WASI preview 1, in
//! tests.

use std::num::NonZeroI32;
use std::time::Duration;

use wasi::{Event as HostEvent, Subscription};

use super::{answer, insert, of_sources, register, selector, tokens, Selector};
use crate::sys::contract::{Event as _, Events as _};
use crate::sys::event::Events;
use crate::sys::wasip1::selector::subscription::{Direction, Key};
use crate::sys::wasip1::source::stream;
use crate::{Interest, Token};

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// Selects with capacity for one event, and returns its token and whether it is readable,
/// writable and an error.
fn select(selector: &mut Selector) -> (usize, [bool; 3]) {
    let mut events = Events::with_capacity(1);
    selector.select(&mut events, Some(Duration::ZERO)).unwrap();
    let event = events.get(0).expect("an event");
    let flags = [event.is_readable(), event.is_writable(), event.is_error()];
    (event.token().0, flags)
}

/// Answers that the first source is ready and that the second has an error.
fn ready_and_refused(list: &[Subscription]) -> Vec<HostEvent> {
    let answers = of_sources(list).map(|each| match Key::decode(each.userdata).slot() {
        0 => answer(each, wasi::ERRNO_SUCCESS),
        _ => answer(each, wasi::ERRNO_CONNREFUSED),
    });
    answers.collect()
}

/// A selector with two registrations, the second one with these interests. The event of the
/// first one was reported; the error of the second one waits for capacity.
fn with_waiting_error(interests: Interest) -> Selector {
    let (host, mut selector) = selector();
    register(&mut selector, 1);
    insert(&mut selector, stream(101), Token(1), interests);
    host.on_poll(|list, _| ready_and_refused(list));
    assert_eq!(select(&mut selector), (0, [true, false, false]));
    selector
}

#[test]
fn registration_that_is_changed_before_each_select_gets_its_turn() {
    let (host, mut selector) = selector();
    register(&mut selector, 4);
    // All are always ready.
    host.on_poll(|list, _| {
        let ready = of_sources(list).map(|each| answer(each, wasi::ERRNO_SUCCESS));
        ready.collect()
    });
    let mut events = Events::with_capacity(1);
    let mut seen = Vec::new();
    for _ in 0..8 {
        for _ in 0..20 {
            selector.change(3, Token(3), Interest::READABLE);
        }
        events.clear();
        selector.select(&mut events, Some(Duration::ZERO)).unwrap();
        let (slot, _) = tokens(&events)[0];
        seen.push(slot);
        selector.rearm(slot as u32, Direction::Read);
    }
    seen.sort_unstable();
    assert_eq!(seen, [0, 0, 1, 1, 2, 2, 3, 3]);
}

#[test]
fn waiting_event_has_the_token_of_a_change() {
    let mut selector = with_waiting_error(BOTH);
    selector.change(1, Token(9), BOTH);
    assert_eq!(select(&mut selector), (9, [true, true, true]));
}

#[test]
fn change_to_other_interests_reports_those() {
    let (read, write) = (Interest::READABLE, Interest::WRITABLE);
    for (before, after) in [(read, BOTH), (BOTH, read), (BOTH, write), (read, write)] {
        let mut selector = with_waiting_error(before);
        selector.change(1, Token(9), after);
        let flags = [after.is_readable(), after.is_writable(), true];
        assert_eq!(select(&mut selector), (9, flags), "{before:?} to {after:?}");
    }
}

#[test]
fn waiting_event_of_a_removed_registration_is_not_that_of_the_next_one() {
    let mut selector = with_waiting_error(BOTH);
    let registrations = &mut selector.context().registrations;
    registrations.remove(1);
    let slot = insert(&mut selector, stream(102), Token(2), Interest::READABLE);
    assert_eq!(slot, 1);
    let refused = NonZeroI32::new(wasi::ERRNO_CONNREFUSED.raw().into()).unwrap();
    let registrations = &mut selector.context().registrations;
    registrations.set_pending_error(slot, refused);
    // The next operation returns the pending error.
    assert_eq!(select(&mut selector), (2, [true, false, false]));
}
