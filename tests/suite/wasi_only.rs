//! Polls without a timeout that no event could end, for which only hosts without threads
//! have a rule: they neither hang indefinitely nor spin.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token};

use crate::support::{pair_to_reset, tcp_pair, PREVIEW_2};

/// How often a poll without a timeout returns within half a second.
fn returns_of(poll: &mut Poll, events: &mut Events) -> usize {
    let start = Instant::now();
    let mut count = 0;
    while start.elapsed() < Duration::from_millis(500) {
        poll.poll(events, None).unwrap();
        assert!(!events.is_empty());
        count += 1;
    }
    count
}

#[test]
fn ignored_events_are_not_reported_in_a_loop() {
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(4);
    let (mut client, mut server) = tcp_pair();
    poll.registry()
        .register(&mut client, Token(0), Interest::READABLE)
        .unwrap();
    server.write_all(b"never read").unwrap();
    let count = returns_of(&mut poll, &mut events);
    assert!((1..=20).contains(&count), "{count} polls returned");
    // And an end that has been read, with the stream kept.
    drop(server);
    let mut buffer = [0; 16];
    assert_eq!(client.read(&mut buffer).unwrap(), 10);
    let count = returns_of(&mut poll, &mut events);
    assert!((1..=20).contains(&count), "{count} polls returned");
    assert_eq!(client.read(&mut buffer).unwrap(), 0);
    let count = returns_of(&mut poll, &mut events);
    assert!((1..=20).contains(&count), "{count} polls returned");
}

#[test]
fn reset_is_reported_to_a_writer_when_nothing_else_is_registered() {
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(4);
    let (mut client, server) = pair_to_reset();
    poll.registry()
        .register(&mut client, Token(0), Interest::WRITABLE)
        .unwrap();
    poll.poll(&mut events, None).unwrap();
    assert!(events.iter().all(|event| event.is_writable()));
    server.reset();
    let start = Instant::now();
    loop {
        poll.poll(&mut events, None).unwrap();
        let reported = events.iter().any(|event| event.is_write_closed());
        // Preview 2 has no flag for it, but reports the stream as writable.
        let closed = reported || (PREVIEW_2 && client.write(b"x").is_err());
        if closed {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(5));
    }
    assert!(PREVIEW_2 || client.take_error().unwrap().is_some());
}
