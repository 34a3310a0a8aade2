//! Polls that a signal interrupts, with a different set of sources each time.
//! `ci/signals.sh` runs this in WasmEdge and stops and continues the host meanwhile.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token};

use crate::support::udp_pair;

/// Repeats a poll while it is interrupted, and counts the interruptions.
fn poll(poll: &mut Poll, events: &mut Events, timeout: Duration, interruptions: &mut usize) {
    let start = Instant::now();
    loop {
        let left = timeout.saturating_sub(start.elapsed());
        match poll.poll(events, Some(left)) {
            Ok(()) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {
                assert!(events.is_empty());
                *interruptions += 1;
            }
            Err(error) => panic!("poll failed: {error}"),
        }
    }
    assert!(
        !events.is_empty() || start.elapsed() >= timeout,
        "returned after {:?} of {timeout:?}",
        start.elapsed(),
    );
}

#[test]
#[ignore = "needs signals from outside: ci/signals.sh"]
fn interrupted_polls_lose_nothing_whatever_comes_next() {
    const WAIT: Duration = Duration::from_millis(8);
    let mut pairs: Vec<(UdpSocket, UdpSocket)> = (0..60).map(|_| udp_pair()).collect();
    let mut fixture = Poll::new().unwrap();
    let mut events = Events::with_capacity(128);
    let mut interruptions = 0;
    let start = Instant::now();
    let mut rounds = 0;
    while start.elapsed() < Duration::from_secs(4) {
        rounds += 1;
        // Sources of one kind, the timeout alone, and the other kind.
        let count = [60, 1, 20][rounds % 3];
        for (index, (receiver, _)) in pairs.iter_mut().take(count).enumerate() {
            let registry = fixture.registry();
            registry
                .register(receiver, Token(index), Interest::READABLE)
                .unwrap();
        }
        poll(&mut fixture, &mut events, WAIT, &mut interruptions);
        assert!(events.is_empty(), "{events:?}");
        pairs[0].1.send(b"x").unwrap();
        poll(&mut fixture, &mut events, WAIT * 100, &mut interruptions);
        let tokens: Vec<_> = events.iter().map(|event| event.token()).collect();
        assert_eq!(tokens, [Token(0)]);
        assert_eq!(pairs[0].0.recv(&mut [0; 4]).unwrap(), 1);
        for (receiver, _) in pairs.iter_mut().take(count) {
            fixture.registry().deregister(receiver).unwrap();
        }

        poll(&mut fixture, &mut events, WAIT, &mut interruptions);
        assert!(events.is_empty(), "{events:?}");

        for (index, (_, sender)) in pairs.iter_mut().take(count).enumerate() {
            let registry = fixture.registry();
            registry
                .register(sender, Token(index), Interest::WRITABLE)
                .unwrap();
        }
        let mut ready = vec![false; count];
        while ready.contains(&false) {
            poll(&mut fixture, &mut events, WAIT * 100, &mut interruptions);
            assert!(!events.is_empty(), "{ready:?}");
            events
                .iter()
                .for_each(|event| ready[event.token().0] = true);
        }
        poll(&mut fixture, &mut events, WAIT, &mut interruptions);
        assert!(events.is_empty(), "{events:?}");
        for (_, sender) in pairs.iter_mut().take(count) {
            fixture.registry().deregister(sender).unwrap();
        }
    }
    println!("{interruptions} interruptions in {rounds} rounds");
    assert!(
        interruptions > 5,
        "only {interruptions}: this proves nothing"
    );
}

#[test]
#[ignore = "needs signals from outside: ci/signals.sh"]
fn interrupted_poll_without_a_timeout_returns() {
    let mut pairs: Vec<(UdpSocket, UdpSocket)> = (0..61).map(|_| udp_pair()).collect();
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(128);
    // A subscription list longer than all before, shorter ones, and a kind that changes.
    for count in [1, 60, 20, 61, 1, 59].into_iter().cycle().take(24) {
        for (index, (receiver, _)) in pairs.iter_mut().take(count).enumerate() {
            let registry = poll.registry();
            registry
                .register(receiver, Token(index), Interest::READABLE)
                .unwrap();
        }
        // Nothing else ends this poll.
        let error = poll.poll(&mut events, None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
        assert!(events.is_empty());

        let registry = poll.registry();
        for (receiver, _) in pairs.iter_mut().take(count) {
            registry.deregister(receiver).unwrap();
        }
        let (receiver, sender) = &mut pairs[count / 2];
        registry
            .register(sender, Token(1_000), Interest::WRITABLE)
            .unwrap();
        registry
            .register(receiver, Token(1_001), Interest::READABLE)
            .unwrap();
        sender.send(b"x").unwrap();
        let mut tokens = Vec::new();
        while tokens.len() < 2 {
            match poll.poll(&mut events, None) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => result.unwrap(),
            }
            tokens.extend(events.iter().map(|event| event.token()));
        }
        tokens.sort_unstable();
        assert_eq!(tokens, [Token(1_000), Token(1_001)]);
        assert_eq!(receiver.recv(&mut [0; 4]).unwrap(), 1);
        poll.registry().deregister(receiver).unwrap();
        poll.registry().deregister(sender).unwrap();
    }
    println!("24 interruptions in 24 rounds");
}
