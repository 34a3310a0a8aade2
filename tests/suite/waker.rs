//! The waker, in one thread.

use std::time::Duration;

use mio::{Events, Interest, Poll, Token, Waker};

use crate::support::{tcp_pair, Fixture};

const WAKE: Token = Token(10);

#[test]
fn wake_before_poll_gives_one_readable_event() {
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(8);
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    waker.wake().unwrap();

    poll.poll(&mut events, None).unwrap();
    let found: Vec<_> = events.iter().collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].token(), WAKE);
    assert!(found[0].is_readable() && !found[0].is_writable() && !found[0].is_read_closed());
}

#[test]
fn wakes_coalesce_into_one_event() {
    let mut fixture = Fixture::new();
    let waker = Waker::new(fixture.poll.registry(), WAKE).unwrap();
    for _ in 0..3 {
        waker.wake().unwrap();
    }
    fixture.expect_readable(WAKE);
    // Windows may deliver each of them.
    fixture.poll_for(Duration::ZERO);
    fixture.poll_for(Duration::ZERO);
    fixture.forget();
    fixture.poll_for(Duration::ZERO);
    assert!(fixture.events.is_empty(), "{:?}", fixture.events);

    waker.wake().unwrap();
    fixture.expect_readable(WAKE);
}

#[test]
fn wake_after_delivery_gives_a_new_event_each_time() {
    let mut fixture = Fixture::new();
    let waker = Waker::new(fixture.poll.registry(), WAKE).unwrap();
    for _ in 0..100 {
        waker.wake().unwrap();
        fixture.expect_readable(WAKE);
    }
}

#[test]
fn wake_does_not_hide_ready_io() {
    let mut fixture = Fixture::new();
    let waker = Waker::new(fixture.poll.registry(), WAKE).unwrap();
    let (mut client, _server) = tcp_pair();
    fixture.register(&mut client, Token(1), Interest::WRITABLE);
    waker.wake().unwrap();
    let mut polls = 0;
    fixture.until("the writable event", |fixture| {
        waker.wake().unwrap();
        polls += 1;
        let event = fixture.events.iter().any(|event| event.token() == Token(1));
        event.then_some(())
    });
    // One round before the first poll, one for an event that another poll may hide.
    assert!(
        polls <= 4,
        "reported after {polls} polls under steady wakes"
    );
}

#[test]
fn token_of_a_waker_comes_back_whole() {
    for token in [0, 1 << 31, usize::MAX] {
        let mut fixture = Fixture::new();
        let waker = Waker::new(fixture.poll.registry(), Token(token)).unwrap();
        waker.wake().unwrap();
        fixture.expect_readable(Token(token));
    }
}

#[test]
fn wake_after_the_poll_is_gone_succeeds() {
    let poll = Poll::new().unwrap();
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    drop(poll);
    waker.wake().unwrap();
    waker.wake().unwrap();
}

#[test]
fn two_polls_have_a_waker_each() {
    let mut first = Fixture::new();
    let mut second = Fixture::new();
    let first_waker = Waker::new(first.poll.registry(), Token(1)).unwrap();
    let second_waker = Waker::new(second.poll.registry(), Token(2)).unwrap();
    first_waker.wake().unwrap();
    second_waker.wake().unwrap();
    first.expect_readable(Token(1));
    second.expect_readable(Token(2));
    for fixture in [&mut first, &mut second] {
        fixture.poll_for(Duration::ZERO);
        assert!(fixture.events.is_empty(), "{:?}", fixture.events);
    }
}

#[cfg(not(debug_assertions))] // debug builds refuse the second one
#[test]
fn further_wakers_of_release_builds_work() {
    let mut fixture = Fixture::new();
    let wakers: Vec<_> = (0..40)
        .map(|token| Waker::new(fixture.poll.registry(), Token(token)).unwrap())
        .collect();
    for waker in &wakers {
        waker.wake().unwrap();
    }
    for token in 0..wakers.len() {
        fixture.expect_readable(Token(token));
    }
}

#[cfg(all(debug_assertions, not(target_family = "wasm")))] // needs unwinding
#[test]
fn second_waker_panics_in_debug_builds() {
    use std::panic::{catch_unwind, AssertUnwindSafe};

    let poll = Poll::new().unwrap();
    let registry = poll.registry().try_clone().unwrap();
    let _waker = Waker::new(&registry, WAKE).unwrap();
    let second = catch_unwind(AssertUnwindSafe(|| Waker::new(poll.registry(), WAKE)));
    let message = *second.unwrap_err().downcast::<&str>().unwrap();
    let phrase = "Only a single `Waker` can be active per `Poll` instance";
    assert!(message.contains(phrase), "{message}");
}
