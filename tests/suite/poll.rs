//! `Poll`: timeouts, the buffer, fairness, and the edge-triggered contract.

use std::io::{ErrorKind, IoSlice, Read, Write};
use std::time::{Duration, Instant};

use mio::net::{TcpStream, UdpSocket};
use mio::{Events, Interest, Poll, Token, Waker};

use crate::support::{local, receive_until, tcp_pair, udp_pair, Fixture, KQUEUE};

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

#[test]
fn zero_timeout_does_not_block_and_polls_the_system() {
    let mut fixture = Fixture::new();
    let mut quiet = UdpSocket::bind(local()).unwrap();
    fixture.register(&mut quiet, Token(0), Interest::READABLE);
    let best = (0..50)
        .map(|_| {
            let start = Instant::now();
            fixture.poll_for(Duration::ZERO);
            assert!(fixture.events.is_empty());
            start.elapsed()
        })
        .min();
    assert!(best.unwrap() < Duration::from_millis(1), "{best:?}");

    let mut ready = UdpSocket::bind(local()).unwrap();
    fixture.register(&mut ready, Token(1), Interest::WRITABLE);
    fixture.until("an event of a poll with a zero timeout", |fixture| {
        fixture.poll_for(Duration::ZERO);
        fixture
            .events
            .iter()
            .next()
            .map(|event| assert_eq!(event.token(), Token(1)))
    });
}

#[test]
fn short_timeouts_last_their_time() {
    let mut fixture = Fixture::new();
    let mut quiet = UdpSocket::bind(local()).unwrap();
    fixture.register(&mut quiet, Token(0), Interest::READABLE);
    for timeout in [
        Duration::from_nanos(1),
        Duration::from_micros(100),
        Duration::from_micros(3_100),
        Duration::from_millis(20),
    ] {
        for _ in 0..5 {
            let start = Instant::now();
            fixture.poll_for(timeout);
            let waited = start.elapsed();
            assert!(fixture.events.is_empty());
            assert!(waited >= timeout, "waited {waited:?} of {timeout:?}");
        }
    }
}

#[test]
fn timeout_with_nothing_registered_lasts_its_time() {
    let mut fixture = Fixture::new();
    for _ in 0..2 {
        let start = Instant::now();
        fixture.poll_for(Duration::from_millis(30));
        assert!(start.elapsed() >= Duration::from_millis(30));
        assert!(fixture.events.is_empty());
    }
}

#[test]
fn huge_timeouts_end_with_an_event() {
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(4);
    let waker = Waker::new(poll.registry(), Token(7)).unwrap();
    for timeout in [
        Duration::MAX,
        Duration::from_secs(u64::from(u32::MAX)),
        Duration::from_millis(u64::from(u32::MAX)),
        Duration::from_secs(60 * 60 * 24 * 30),
    ] {
        let (mut client, _server) = tcp_pair();
        poll.registry()
            .register(&mut client, Token(1), Interest::WRITABLE)
            .unwrap();
        poll.poll(&mut events, Some(timeout)).unwrap();
        assert!(
            events.iter().any(|event| event.token() == Token(1)),
            "{timeout:?}"
        );
        waker.wake().unwrap();
        poll.poll(&mut events, Some(timeout)).unwrap();
        assert!(!events.is_empty(), "{timeout:?}");
    }
}

#[test]
fn buffer_of_capacity_zero_is_refused() {
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(0);
    let error = poll.poll(&mut events, Some(Duration::ZERO)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(events.is_empty() && events.capacity() == 0);
}

#[test]
fn small_buffer_loses_nothing_and_is_fair() {
    const SOURCES: usize = 10;
    let mut fixture = Fixture::new();
    fixture.events = Events::with_capacity(3);
    let mut pairs: Vec<_> = (0..SOURCES).map(|_| udp_pair()).collect();
    // Another poll waits until each of them is ready, also on hosts that report late.
    let mut first = Fixture::new();
    for (index, (receiver, sender)) in pairs.iter_mut().enumerate() {
        first.register(receiver, Token(index), Interest::READABLE);
        sender.send(b"x").unwrap();
        first.expect_readable(Token(index));
        first.poll.registry().deregister(receiver).unwrap();
        fixture.register(receiver, Token(index), Interest::READABLE);
    }

    // All are always ready: each is reported in every few polls.
    let mut reports = [0; SOURCES];
    fixture.until("ten rounds of events", |fixture| {
        let tokens: Vec<usize> = fixture.events.iter().map(|event| event.token().0).collect();
        assert!(tokens.len() <= 3);
        for token in tokens {
            let (receiver, sender) = &pairs[token];
            reports[token] += 1;
            sender.send(b"x").unwrap();
            let mut buffer = [0; 4];
            assert_eq!(receiver.recv(&mut buffer).unwrap(), 1);
        }
        (reports.iter().sum::<i32>() >= 10 * SOURCES as i32).then_some(())
    });
    assert_eq!(fixture.events.capacity(), 3);
    assert!(
        reports.iter().all(|count| (5..=15).contains(count)),
        "{reports:?}"
    );
}

#[test]
fn buffer_for_one_event_serves_io_and_waker() {
    let mut fixture = Fixture::new();
    fixture.events = Events::with_capacity(1);
    let waker = Waker::new(fixture.poll.registry(), Token(9)).unwrap();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut client, Token(0), Interest::READABLE);
    fixture.register(&mut server, Token(1), Interest::READABLE);
    client.write_all(b"a").unwrap();
    server.write_all(b"b").unwrap();
    let mut seen = [false; 3];
    fixture.until("all three under steady wakes", |fixture| {
        waker.wake().unwrap();
        for event in &fixture.events {
            seen[match event.token() {
                Token(9) => 2,
                Token(index) => index,
            }] = true;
        }
        (seen == [true; 3]).then_some(())
    });
}

#[test]
fn one_event_merges_both_directions() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    server.write_all(b"hello").unwrap();
    fixture.register(&mut client, Token(3), BOTH);
    fixture.until("readable and writable in one event", |fixture| {
        let tokens = fixture
            .events
            .iter()
            .filter(|event| event.token() == Token(3));
        let count = tokens.count();
        assert!(count <= if KQUEUE { 2 } else { 1 }, "{:?}", fixture.events);
        let is_readable = fixture.events.iter().any(|event| event.is_readable());
        let is_writable = fixture.events.iter().any(|event| event.is_writable());
        if is_readable && is_writable {
            return Some(());
        }
        fixture
            .poll
            .registry()
            .reregister(&mut client, Token(3), BOTH)
            .unwrap();
        None
    });
}

#[test]
fn readiness_is_reported_once_until_it_is_used() {
    let mut fixture = Fixture::new();
    let (mut client, _server) = tcp_pair();
    fixture.register(&mut client, Token(0), BOTH);
    fixture.expect_writable(Token(0));
    fixture.expect_silence(Token(0));
}

#[test]
fn would_block_rearms() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut client, Token(0), Interest::READABLE);
    let mut buffer = [0; 16];
    for round in 0..20_u8 {
        server.write_all(&[round]).unwrap();
        fixture.expect_readable(Token(0));
        assert_eq!(client.read(&mut buffer).unwrap(), 1);
        assert_eq!(buffer[0], round);
        let error = client.read(&mut buffer).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        fixture.forget();
        fixture.expect_silence(Token(0));
    }
}

#[test]
fn short_read_rearms() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut client, Token(0), Interest::READABLE);
    let mut buffer = [0; 16];
    for round in 0..20_u8 {
        server.write_all(&[round; 3]).unwrap();
        fixture.expect_readable(Token(0));
        // Shorter than the buffer: tokio treats this as `WouldBlock`.
        assert_eq!(client.read(&mut buffer).unwrap(), 3);
        assert_eq!(buffer[..3], [round; 3]);
    }
}

#[test]
fn data_after_a_full_read_is_reported() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut client, Token(0), Interest::READABLE);
    let mut buffer = [0; 4];
    for round in 0..20_u8 {
        server.write_all(&[round; 4]).unwrap();
        fixture.expect_readable(Token(0));
        assert_eq!(client.read(&mut buffer).unwrap(), 4);
        assert_eq!(buffer, [round; 4]);
    }
}

/// Writes until the connection is full; the number of bytes.
fn fill(stream: &mut TcpStream) -> usize {
    let chunk = [7; 64 * 1024];
    let mut sent = 0;
    loop {
        match stream.write(&chunk) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return sent,
            Err(error) => panic!("write failed: {error}"),
        }
    }
}

#[test]
fn full_connection_becomes_writable_after_the_peer_has_read() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut client, Token(0), BOTH);
    fixture.register(&mut server, Token(1), Interest::READABLE);
    fixture.expect_writable(Token(0));
    let mut sent = fill(&mut client);
    fixture.forget();
    fixture.expect_silence(Token(0));

    let mut received = 0;
    let mut rounds = 0;
    fixture.until("three refills", |fixture| {
        receive_until(fixture, &mut server, &mut received, sent);
        fixture.expect_writable(Token(0));
        sent += fill(&mut client);
        rounds += 1;
        (rounds == 3).then_some(())
    });
}

#[test]
#[cfg_attr(
    all(target_os = "wasi", any(target_env = "p2", target_env = "p3")),
    ignore = "wasmtime takes whatever is written at once"
)]
fn short_write_rearms() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut client, Token(0), Interest::WRITABLE);
    fixture.register(&mut server, Token(1), Interest::READABLE);
    fixture.expect_writable(Token(0));
    // More than any buffer: the write is short, and no `WouldBlock` is seen.
    let huge = vec![0; 64 << 20];
    let sent = client.write(&huge).unwrap();
    assert!(sent > 0 && sent < huge.len(), "{sent}");
    fixture.forget();

    receive_until(&mut fixture, &mut server, &mut 0, sent);
    fixture.expect_writable(Token(0));
    assert!(client.write(&huge).unwrap() > 0);
}

#[test]
fn directions_do_not_disarm_each_other() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut client, Token(0), BOTH);
    fixture.expect_writable(Token(0));
    fixture.forget();
    server.write_all(b"data").unwrap();
    fixture.expect_readable(Token(0));
    fill(&mut client);
    // Writing has disarmed the write direction only: the data can still be read.
    let mut buffer = [0; 4];
    client.read_exact(&mut buffer).unwrap();
    assert_eq!(&buffer, b"data");
    server.write_all(b"more").unwrap();
    fixture.forget();
    fixture.expect_readable(Token(0));
}

#[test]
fn try_io_runs_once_and_rearms_after_would_block() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut client, Token(0), Interest::READABLE);
    let mut calls = 0;
    let value = client.try_io(|| {
        calls += 1;
        Ok("value")
    });
    assert_eq!((value.unwrap(), calls), ("value", 1));

    for _ in 0..3 {
        server.write_all(b"x").unwrap();
        fixture.expect_readable(Token(0));
        assert_eq!((&client).read(&mut [0; 1]).unwrap(), 1);
        let error = client.try_io(|| (&client).read(&mut [0; 1])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
    let error = client.try_io(|| Err::<(), _>(ErrorKind::AddrInUse.into()));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::AddrInUse);
}

#[test]
fn try_io_outside_a_poll_keeps_the_error() {
    let socket = UdpSocket::bind(local()).unwrap();
    let error = socket.try_io(|| socket.recv(&mut [0; 4])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

#[test]
fn two_thousand_polls_can_be_made() {
    for _ in 0..2_000 {
        let mut poll = Poll::new().unwrap();
        poll.poll(&mut Events::with_capacity(1), Some(Duration::ZERO))
            .unwrap();
    }
}

#[test]
fn two_polls_share_no_events() {
    let mut first = Fixture::new();
    let mut second = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    first.register(&mut client, Token(1), Interest::READABLE);
    second.register(&mut server, Token(2), Interest::READABLE);
    server.write_all(b"to the client").unwrap();
    first.expect_readable(Token(1));
    second.expect_silence(Token(2));
    second.expect_silence(Token(1));
}

#[test]
fn slices_that_add_up_to_more_than_memory_are_a_short_write() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut client, Token(0), Interest::WRITABLE);
    fixture.register(&mut server, Token(1), Interest::READABLE);
    fixture.expect_writable(Token(0));
    // The same memory in every slice: 4 GiB in all, where usize may have 32 bits.
    let bytes = vec![0; 8 << 20];
    let slices = vec![IoSlice::new(&bytes); 512];
    let sent = client.write_vectored(&slices).unwrap();
    fixture.forget();
    receive_until(&mut fixture, &mut server, &mut 0, sent);
    fixture.expect_writable(Token(0));
}
