//! `Events`, its iterator, and `Event`.

use std::time::Duration;

use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token, Waker};

use crate::support::{local, Fixture};

#[test]
fn new_and_cleared_buffers_are_empty() {
    let mut poll = Poll::new().unwrap();
    let waker = Waker::new(poll.registry(), Token(1)).unwrap();
    let mut events = Events::with_capacity(16);
    assert!(events.is_empty() && events.iter().next().is_none());
    assert_eq!(events.capacity(), 16);

    waker.wake().unwrap();
    poll.poll(&mut events, None).unwrap();
    assert!(!events.is_empty());
    assert_eq!(events.capacity(), 16);
    events.clear();
    assert!(events.is_empty() && events.iter().next().is_none());
}

#[test]
fn old_events_do_not_survive_a_poll() {
    let mut fixture = Fixture::new();
    let waker = Waker::new(fixture.poll.registry(), Token(1)).unwrap();
    waker.wake().unwrap();
    fixture.expect_readable(Token(1));
    assert!(!fixture.events.is_empty());
    fixture.poll_for(Duration::ZERO);
    assert!(fixture.events.is_empty(), "{:?}", fixture.events);
}

#[test]
fn iterator_counts_what_remains_and_stays_at_its_end() {
    let mut fixture = Fixture::new();
    let mut sockets: Vec<_> = (0..3).map(|_| UdpSocket::bind(local()).unwrap()).collect();
    for (index, socket) in sockets.iter_mut().enumerate() {
        fixture.register(socket, Token(index), Interest::WRITABLE);
    }
    fixture.until("three events at once", |fixture| {
        if fixture.events.iter().count() == 3 {
            return Some(());
        }
        for (index, socket) in sockets.iter_mut().enumerate() {
            let registry = fixture.poll.registry();
            registry
                .reregister(socket, Token(index), Interest::WRITABLE)
                .unwrap();
        }
        None
    });

    let mut iter = fixture.events.iter();
    assert_eq!(iter.size_hint(), (3, Some(3)));
    iter.next().unwrap();
    assert_eq!(iter.size_hint(), (2, Some(2)));
    assert_eq!(iter.clone().count(), 2);
    assert_eq!(iter.clone().collect::<Vec<_>>().len(), 2);
    iter.next().unwrap();
    iter.next().unwrap();
    assert!(iter.next().is_none() && iter.next().is_none());
    let mut tokens: Vec<_> = (&fixture.events)
        .into_iter()
        .map(|event| event.token().0)
        .collect();
    tokens.sort_unstable();
    assert_eq!(tokens, [0, 1, 2]);
}

#[test]
fn event_can_be_kept_and_shown() {
    let mut fixture = Fixture::new();
    let waker = Waker::new(fixture.poll.registry(), Token(42)).unwrap();
    waker.wake().unwrap();
    fixture.expect_readable(Token(42));
    let event = fixture.events.iter().next().unwrap().clone();
    fixture.poll_for(Duration::ZERO);

    assert_eq!(event.token(), Token(42));
    assert!(event.is_readable() && !event.is_writable() && !event.is_error());
    assert!(!event.is_aio() && !event.is_lio() && !event.is_priority());
    let shown = format!("{event:?}");
    for name in [
        "Token(42)",
        "readable: true",
        "writable: false",
        "write_closed",
        "lio",
    ] {
        assert!(shown.contains(name), "{shown}");
    }
    assert!(!shown.contains("details"), "{shown}");
    assert!(format!("{event:#?}").contains("details"));
    assert!(format!("{:?}", fixture.events).starts_with('['));
}

#[test]
fn public_types_cross_threads() {
    fn assert_send_sync<T: Send + Sync>() {}
    assert_send_sync::<Poll>();
    assert_send_sync::<mio::Registry>();
    assert_send_sync::<Events>();
    assert_send_sync::<mio::event::Event>();
    assert_send_sync::<Waker>();
    assert_send_sync::<mio::net::TcpStream>();
    assert_send_sync::<mio::net::TcpListener>();
    assert_send_sync::<UdpSocket>();
}

#[test]
fn debug_of_poll_and_registry_is_their_name() {
    let poll = Poll::new().unwrap();
    assert_eq!(format!("{poll:?}"), "Poll");
    assert_eq!(format!("{:?}", poll.registry()), "Registry");
}
