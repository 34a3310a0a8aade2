//! What needs a second thread. Not for WebAssembly, which has none.

use std::sync::{mpsc, Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token, Waker};

use crate::support::{local, udp_pair, Fixture};

/// How long a wait may take that has to be ended from elsewhere.
const DEADLINE: Duration = Duration::from_secs(5);

const WAKE: Token = Token(10);

#[test]
fn wake_from_another_thread_ends_a_wait() {
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(4);
    let waker = Arc::new(Waker::new(poll.registry(), WAKE).unwrap());
    let barrier = Arc::new(Barrier::new(2));
    let thread = {
        let (waker, barrier) = (waker.clone(), barrier.clone());
        thread::spawn(move || {
            for _ in 0..50 {
                barrier.wait();
                waker.wake().unwrap();
            }
        })
    };
    for _ in 0..50 {
        barrier.wait();
        let start = Instant::now();
        poll.poll(&mut events, Some(DEADLINE)).unwrap();
        assert!(start.elapsed() < DEADLINE);
        assert!(events
            .iter()
            .any(|event| event.token() == WAKE && event.is_readable()));
    }
    thread.join().unwrap();
}

#[test]
fn wakes_from_many_threads_are_never_lost() {
    let mut fixture = Fixture::new();
    let waker = Arc::new(Waker::new(fixture.poll.registry(), WAKE).unwrap());
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let waker = waker.clone();
            thread::spawn(move || (0..1_000).for_each(|_| waker.wake().unwrap()))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    // All merged, or some: at least one has to come, and then none.
    fixture.expect_readable(WAKE);
    fixture.until("the last of them", |fixture| {
        fixture.poll_for(Duration::ZERO);
        fixture.events.is_empty().then_some(())
    });
}

#[test]
fn registrations_during_polls_take_effect_at_once() {
    const ROUNDS: usize = 50;
    // Wine answers late while other tests keep its server busy.
    const MAX_POLL: Duration = Duration::from_secs(30);
    let mut poll = Poll::new().unwrap();
    let registry = poll.registry().try_clone().unwrap();
    let (sender, reports) = mpsc::channel();
    let poller = thread::spawn(move || {
        let mut events = Events::with_capacity(4);
        while let Ok(()) = poll.poll(&mut events, Some(MAX_POLL)) {
            for event in &events {
                // The other side is gone when all rounds are over.
                if sender.send((event.token(), event.is_writable())).is_err() {
                    return;
                }
            }
        }
    });
    // Each round begins when the event of the one before was reported: the poller is
    // waiting, or is about to.
    for round in 0..ROUNDS {
        let mut socket = UdpSocket::bind(local()).unwrap();
        let token = Token(round);
        registry
            .register(&mut socket, token, Interest::WRITABLE)
            .unwrap();
        // The end of the poll would report it too.
        assert_eq!(reports.recv_timeout(MAX_POLL / 2), Ok((token, true)));
    }
    drop(reports);
    let mut last = UdpSocket::bind(local()).unwrap();
    registry
        .register(&mut last, Token(ROUNDS), Interest::WRITABLE)
        .unwrap();
    poller.join().unwrap();
}

#[test]
fn registry_works_from_many_threads() {
    let mut fixture = Fixture::new();
    let registry = Arc::new(fixture.poll.registry().try_clone().unwrap());
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let registry = registry.clone();
            thread::spawn(move || {
                for round in 0..200 {
                    let (mut first, second) = udp_pair();
                    let token = Token(thread * 1_000 + round);
                    registry
                        .register(&mut first, token, Interest::READABLE)
                        .unwrap();
                    second.send(b"x").unwrap();
                    registry
                        .reregister(&mut first, token, Interest::WRITABLE)
                        .unwrap();
                    registry.deregister(&mut first).unwrap();
                }
            })
        })
        .collect();
    while threads.iter().any(|thread| !thread.is_finished()) {
        fixture.poll_for(Duration::from_millis(1));
    }
    for thread in threads {
        thread.join().unwrap();
    }
    fixture.until("everything that was pending", |fixture| {
        fixture.poll_for(Duration::ZERO);
        fixture.events.is_empty().then_some(())
    });
}

#[test]
fn dropping_a_stream_in_another_thread_is_safe_during_polls() {
    let mut fixture = Fixture::new();
    let mut sockets = Vec::new();
    for index in 0..100 {
        let mut socket = UdpSocket::bind(local()).unwrap();
        let both = Interest::READABLE | Interest::WRITABLE;
        fixture.register(&mut socket, Token(index), both);
        sockets.push(socket);
    }
    let thread = thread::spawn(move || drop(sockets));
    while !thread.is_finished() {
        fixture.poll_for(Duration::from_millis(1));
    }
    thread.join().unwrap();
    fixture.poll_for(Duration::ZERO);
    fixture.forget();
    for index in 0..100 {
        fixture.expect_silence(Token(index));
    }
}
