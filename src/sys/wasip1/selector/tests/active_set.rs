//! The active set on a scripted host with the costs of the real one: how long other sources
//! wait, and how much time active ones get. WASI preview 1, in tests.

use std::cell::Cell;
use std::num::NonZeroI32;
use std::rc::Rc;
use std::time::Duration;

use wasi::Errno;

use super::simulation::{peek, Costs, Simulation, CLIENT_DELAY, COSTS, FIRST, MICROSECOND};
use super::MILLISECOND;
use crate::sys::contract::{Event as _, Events as _};
use crate::sys::event::Event;
use crate::sys::wasip1::source::{stream, Kind, Origin, RawSource};
use crate::{Interest, Token};

#[test]
fn inactive_connection_is_served_in_time_beside_busy_ones() {
    const ACTIVE: usize = 32;
    let mut simulation = Simulation::new(2_000);
    let begin = simulation.host.time();
    simulation.due.borrow_mut()[..ACTIVE].fill(begin);
    let (mut served, mut longest, mut inactive_served) = (0, 0, 0);
    let mut next_inactive = ACTIVE;
    while simulation.host.time() < begin + 500 * MILLISECOND {
        for (number, after) in simulation.round(None) {
            let now = simulation.host.time();
            if number < ACTIVE {
                served += 1;
                simulation.due.borrow_mut()[number] = now + CLIENT_DELAY;
            } else {
                inactive_served += 1;
                longest = longest.max(after);
                // Another one each time, at another moment of the cycle.
                next_inactive = ACTIVE + (next_inactive * 7 + 1) % (2_000 - ACTIVE);
                simulation.due.borrow_mut()[next_inactive] =
                    now + next_inactive as u64 * MICROSECOND;
            }
        }
        if inactive_served == 0 {
            simulation.due.borrow_mut()[next_inactive] = begin;
        }
    }
    // A full poll, the interval before it, and the work of a round.
    assert!(inactive_served > 50, "{inactive_served}");
    assert!(longest <= 4 * MILLISECOND, "{longest} ns");
    // 16,667 would be served if the host's calls took no time. Full polls have 0.44 of it,
    // since each finds something.
    assert!(served > 7_000, "{served}");
}

#[test]
fn active_connections_keep_most_of_the_time_beside_10_000() {
    const ACTIVE: usize = 32;
    let mut simulation = Simulation::new(10_000);
    let begin = simulation.host.time();
    simulation.due.borrow_mut()[..ACTIVE].fill(begin);
    let mut served = 0;
    while simulation.host.time() < begin + 1_000 * MILLISECOND {
        for (number, _) in simulation.round(None) {
            served += 1;
            simulation.due.borrow_mut()[number] = simulation.host.time() + CLIENT_DELAY;
        }
    }
    // 33,333 would be served if the host's calls took no time.
    assert!(served > 18_000, "{served}");
}

#[test]
fn one_active_connection_is_served_mostly_without_full_polls() {
    let mut simulation = Simulation::new(2_000);
    simulation.due.borrow_mut()[0] = simulation.host.time();
    for _ in 0..200 {
        simulation.round(None);
        simulation.due.borrow_mut()[0] = simulation.host.time() + CLIENT_DELAY;
    }
    simulation.polled.set((0, 0));
    let begin = simulation.host.time();
    for _ in 0..1_000 {
        let served = simulation.round(None);
        assert_eq!(served.len(), 1);
        simulation.due.borrow_mut()[0] = simulation.host.time() + CLIENT_DELAY;
    }
    let (_, calls) = simulation.polled.get();
    assert!((15..40).contains(&calls), "{calls} full polls");
    let each = (simulation.host.time() - begin) / 1_000;
    assert!(each < 250 * MICROSECOND, "{each} ns for a round trip");
}

#[test]
fn peeking_in_vain_is_given_up() {
    let mut simulation = Simulation::new(2_000);
    let peeks = Rc::new(Cell::new(0));
    let (counter, due) = (peeks.clone(), simulation.due.clone());
    simulation.host.on_peek(move |fd, now| {
        counter.set(counter.get() + 1);
        *now += COSTS.peek;
        peek(fd, *now, &due.borrow())
    });
    // A client that is far away: no time of peeking is long enough for it.
    for _ in 0..300 {
        simulation.due.borrow_mut()[0] = simulation.host.time() + 5 * MILLISECOND;
        assert_eq!(simulation.round(None).len(), 1);
    }
    peeks.set(0);
    for _ in 0..300 {
        simulation.due.borrow_mut()[0] = simulation.host.time() + 5 * MILLISECOND;
        assert_eq!(simulation.round(None).len(), 1);
    }
    assert!(peeks.get() < 3_000, "{} peeks", peeks.get());
}

#[test]
fn few_connections_are_never_peeked_at() {
    let mut simulation = Simulation::new(40);
    simulation.host.on_peek(|_, _| panic!("a peek"));
    simulation.polled.set((0, 0));
    for _ in 0..100 {
        simulation.due.borrow_mut()[0] = simulation.host.time() + CLIENT_DELAY;
        assert_eq!(simulation.round(None).len(), 1);
    }
    assert_eq!(simulation.polled.get().1, 100, "one full call for each");
}

#[test]
fn busy_connections_that_are_cheaper_to_poll_are_no_active_set() {
    let mut simulation = Simulation::new(130);
    let mut round = |busy: usize| {
        simulation.make_ready(0..busy);
        let served = simulation.round(None).len();
        (served, simulation.selector.active_set().len())
    };
    for _ in 0..2 {
        let is_active = (0..100).any(|_| round(8).1 == 8);
        assert!(is_active);
        // Now more than pays, until a full poll finds that.
        let is_cleared = (0..100).any(|_| round(60).1 == 0);
        assert!(is_cleared);
        for _ in 0..50 {
            assert_eq!(round(60), (60, 0));
        }
    }
}

#[test]
fn quiet_source_comes_before_busy_ones_that_are_no_active_set() {
    const BUSY: usize = 60;
    let mut simulation = Simulation::new(130);
    let quiet = BUSY + 20;
    let mut places = Vec::new();
    for turn in 0..400 {
        simulation.make_ready(0..BUSY);
        if turn % 20 == 19 {
            simulation.make_ready(quiet..quiet + 1);
        }
        let served = simulation.round(None);
        places.extend(served.iter().position(|(number, _)| *number == quiet));
    }
    assert_eq!(places.len(), 20, "{places:?}");
    assert!(places[1..].iter().all(|place| *place < 8), "{places:?}");
}

#[test]
fn streams_that_come_and_go_leave_nothing_behind() {
    let mut simulation = Simulation::new(300);
    let new = 200..300;
    for slot in new.clone() {
        simulation.selector.context().registrations.remove(slot);
    }
    for _ in 0..300 {
        // A hundred between two polls, each of which has left before the next one.
        for number in new.clone() {
            let (fd, token) = (FIRST + number, Token(number as usize));
            let selector = &mut simulation.selector;
            selector
                .register(stream(fd), token, Interest::READABLE)
                .unwrap();
        }
        simulation.host.advance(2 * MILLISECOND);
        assert!(simulation.round(Some(Duration::ZERO)).is_empty());
        for slot in new.clone() {
            simulation.selector.context().registrations.remove(slot);
        }
    }
    let listed = simulation.selector.active_set().len();
    assert!(listed < 1_000, "{listed} in the active set");
}

#[test]
fn zero_timeout_never_waits_and_finds_the_inactive_in_time() {
    let mut simulation = Simulation::new(2_000);
    let begin = simulation.host.time();
    simulation.due.borrow_mut()[0] = begin;
    simulation.round(Some(Duration::ZERO));
    simulation.due.borrow_mut()[1_000] = simulation.host.time();
    let mut found = None;
    while found.is_none() {
        simulation.due.borrow_mut()[0] = simulation.host.time() + CLIENT_DELAY;
        let served = simulation.round(Some(Duration::ZERO));
        found = served.into_iter().find(|(number, _)| *number == 1_000);
    }
    let (_, after) = found.unwrap();
    assert!(after <= 4 * MILLISECOND, "{after} ns");
}

#[test]
fn zero_timeout_that_reports_nothing_has_polled_everything() {
    let mut simulation = Simulation::new(2_000);
    for _ in 0..20 {
        simulation.due.borrow_mut()[0] = simulation.host.time() + CLIENT_DELAY;
        simulation.round(None);
    }
    for number in 1_000..1_100 {
        // Between two full polls, and with a stream that is still active.
        simulation.due.borrow_mut()[0] = simulation.host.time();
        let served = simulation.round(Some(Duration::ZERO));
        assert!(served.iter().any(|(active, _)| *active == 0));
        simulation.due.borrow_mut()[number] = simulation.host.time();
        let served = simulation.round(Some(Duration::ZERO));
        assert!(served.iter().any(|(other, _)| *other == number), "{number}");
    }
}

#[test]
fn what_is_ready_at_registration_is_reported_by_the_next_select() {
    for (kind, origin) in [
        (Kind::Datagram, Origin::Opened),
        (Kind::Listener, Origin::Opened),
        (Kind::Stream, Origin::Opened),
        (Kind::Stream, Origin::Accepted),
    ] {
        let mut simulation = Simulation::new(2_000);
        for _ in 0..20 {
            simulation.due.borrow_mut()[0] = simulation.host.time() + CLIENT_DELAY;
            simulation.round(None);
        }
        simulation.due.borrow_mut()[0] = simulation.host.time();
        simulation.due.borrow_mut().push(0);
        let fd = FIRST + 2_000;
        let both = Interest::READABLE | Interest::WRITABLE;
        let source = RawSource { fd, kind, origin };
        simulation
            .selector
            .register(source, Token(2_000), both)
            .unwrap();
        simulation.events.clear();
        simulation
            .selector
            .select(&mut simulation.events, None)
            .unwrap();
        let all = (0..simulation.events.len()).filter_map(|index| simulation.events.get(index));
        let new: Vec<_> = all.filter(|event| event.token() == Token(2_000)).collect();
        assert!(new.len() == 1, "{kind:?}: {new:?}");
        // A listener is never writable, whatever the host says.
        assert_eq!(new[0].is_writable(), kind != Kind::Listener, "{new:?}");
        assert!(
            new[0].is_readable() || kind == Kind::Stream,
            "{kind:?}: {new:?}"
        );
    }
}

#[test]
fn reregistered_stream_is_reported_although_a_full_poll_finds_others() {
    const READY: usize = 7;
    let mut simulation = Simulation::new(2_000);
    for _ in 0..50 {
        simulation.due.borrow_mut()[0] = simulation.host.time() + CLIENT_DELAY;
        simulation.round(None);
    }
    for number in 100..400 {
        let now = simulation.host.time();
        // A busy one, one that is ready and reregistered, and one that only a full poll finds.
        for each in [0, READY, number] {
            simulation.due.borrow_mut()[each] = now;
        }
        let token = Token(READY);
        let selector = &mut simulation.selector;
        selector.change(READY as u32, token, Interest::READABLE);
        let served = simulation.round(None);
        assert!(served.iter().any(|(each, _)| *each == READY), "{number}");
    }
}

#[test]
fn streams_that_a_full_poll_has_reported_may_be_left_out_by_the_next() {
    const ACTIVE: usize = 32;
    let mut simulation = Simulation::new(2_000);
    for number in 0..200 {
        simulation.make_ready(0..ACTIVE);
        // One time in two the full poll finds another one too.
        let is_other = number % 2 == 1;
        if is_other {
            simulation.make_ready(ACTIVE + number..ACTIVE + number + 1);
        }
        // It is always due.
        simulation.host.advance(8 * MILLISECOND);
        let served = simulation.round(None).len();
        // The first ones have to become active.
        if number > 10 {
            assert_eq!(served, if is_other { 1 } else { ACTIVE });
        }
    }
}

#[test]
fn new_stream_that_a_full_poll_reports_does_not_wait_for_busy_ones() {
    const ACTIVE: usize = 32;
    const NEW: usize = 7;
    let mut simulation = Simulation::new(2_000);
    let mut alone = 0;
    for turn in 0..300 {
        simulation.make_ready(0..ACTIVE);
        // Registered anew when a full poll is due, one time in two.
        if turn % 2 == 1 {
            simulation.host.advance(20 * MILLISECOND);
            let selector = &mut simulation.selector;
            selector.change(NEW as u32, Token(NEW), Interest::READABLE);
        }
        let served = simulation.round(None);
        if turn % 2 == 1 {
            assert!(served.iter().any(|(number, _)| *number == NEW), "{turn}");
            alone += usize::from(served.len() == 1);
        }
    }
    assert!(alone > 50, "{alone}");
}

#[test]
fn full_poll_that_finds_others_leaves_out_none_twice_and_reports_none_twice() {
    const ACTIVE: usize = 32;
    let mut simulation = Simulation::new(2_000);
    // A program that gets through a few of them until the next full poll is due.
    simulation.costs.set(Costs {
        work: 400 * MICROSECOND,
        ..COSTS
    });
    while simulation.selector.active_set().len() < ACTIVE {
        simulation.make_ready(0..ACTIVE);
        simulation.round(None);
    }
    let mut partial = 0;
    // The active ones that were reported since a full poll has found another one, and since the
    // one before.
    let (mut reported, mut before) = (Vec::new(), (0..ACTIVE).collect::<Vec<_>>());
    for inactive in ACTIVE..200 {
        let mut is_found = false;
        while !is_found {
            simulation.make_ready(0..ACTIVE);
            simulation.make_ready(inactive..inactive + 1);
            let served = simulation.round(None);
            let mut served: Vec<_> = served.into_iter().map(|(number, _)| number).collect();
            is_found = served.contains(&inactive);
            served.retain(|number| *number < ACTIVE);
            if is_found && !served.is_empty() {
                let is_repeated = |number: &usize| reported.contains(number);
                assert!(!served.iter().any(is_repeated), "{served:?}, {reported:?}");
                partial += usize::from(served.len() < ACTIVE);
            }
            reported.extend(served);
        }
        let is_served = |number: usize| reported.contains(&number) || before.contains(&number);
        assert!((0..ACTIVE).all(is_served), "{before:?}, {reported:?}");
        before = std::mem::take(&mut reported);
    }
    assert!(partial > 20, "{partial}");
}

/// What is reported of an active stream when peeks at it answer what `errors` says, one
/// after the other and then the last one.
fn event_after_failed_peeks(errors: &'static [Errno]) -> (Simulation, Event) {
    let mut simulation = Simulation::new(200);
    for _ in 0..50 {
        simulation.due.borrow_mut()[7] = simulation.host.time() + CLIENT_DELAY;
        simulation.round(None);
    }
    let peeks = Cell::new(0);
    simulation.host.on_peek(move |fd, _| {
        if fd != FIRST + 7 {
            return Err(wasi::ERRNO_AGAIN);
        }
        let error = errors[peeks.get().min(errors.len() - 1)];
        peeks.set(peeks.get() + 1);
        Err(error)
    });
    simulation.events.clear();
    let events = &mut simulation.events;
    simulation.selector.select(events, None).unwrap();
    assert_eq!(events.len(), 1);
    let event = events.get(0).unwrap().clone();
    assert_eq!(event.token(), Token(7));
    assert!(event.is_readable());
    (simulation, event)
}

#[test]
fn error_that_says_nothing_of_the_connection_closes_nothing() {
    let errors = &[wasi::ERRNO_NOBUFS, wasi::ERRNO_NOMEM, wasi::ERRNO_IO];
    let (_, event) = event_after_failed_peeks(errors);
    assert!(!event.is_read_closed() && !event.is_write_closed());
}

#[test]
fn error_that_a_peek_has_taken_is_pending() {
    let (mut simulation, event) = event_after_failed_peeks(&[wasi::ERRNO_CONNRESET]);
    assert!(event.is_read_closed() && event.is_write_closed());
    let selector = &mut simulation.selector;
    let reset = wasi::ERRNO_CONNRESET.raw().into();
    assert_eq!(
        selector.context().registrations.take_pending_error(7),
        NonZeroI32::new(reset)
    );
    assert_eq!(selector.context().registrations.take_pending_error(7), None);
}
