//! States in which a host's poll may return at once, repeatedly and without events:
//! they must cost no CPU, and no readiness may get lost.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use mio::net::UdpSocket;
use mio::{Interest, Token};

use crate::support::{cpu_time, local, receive_until, tcp_pair, udp_pair, Fixture};

/// Waits without an event, and checks that this takes little CPU time: the best of
/// some tries, since a busy machine and unoptimised code take more.
fn expect_cheap_silence(fixture: &mut Fixture, except: Token) {
    const WAIT: Duration = Duration::from_millis(400);
    let mut least = Duration::MAX;
    for _ in 0..5 {
        let (start, cpu) = (Instant::now(), cpu_time());
        while start.elapsed() < WAIT {
            fixture.poll_for(WAIT.saturating_sub(start.elapsed()));
            let silent = fixture.events.iter().all(|event| event.token() == except);
            assert!(silent, "{:?}", fixture.events);
        }
        match (cpu, cpu_time()) {
            (Some(before), Some(after)) => least = least.min(after - before),
            _ => return,
        }
        if least < WAIT / 16 {
            return;
        }
    }
    panic!("used at least {least:?} of CPU while waiting {WAIT:?}");
}

#[test]
fn half_closed_peer_with_a_full_buffer_costs_no_cpu_and_becomes_writable() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    let (mut other, mut peer) = tcp_pair();
    fixture.register(&mut server, Token(0), Interest::WRITABLE);
    fixture.register(&mut other, Token(1), Interest::READABLE);
    fixture.expect_writable(Token(0));
    client.shutdown(Shutdown::Write).unwrap();
    let mut sent = 0;
    let chunk = vec![1; 256 * 1024];
    fixture.until("a full buffer", |_| loop {
        match server.write(&chunk) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Some(()),
            Err(error) => panic!("write failed: {error}"),
        }
    });
    fixture.forget();
    // An event that reports the half-closed state is allowed, a loop of them is not.
    expect_cheap_silence(&mut fixture, Token(0));

    // Other sources are served meanwhile, without delay.
    let best = (0..5)
        .map(|_| {
            let start = Instant::now();
            peer.write_all(b"ping").unwrap();
            fixture.expect_readable(Token(1));
            assert_eq!(other.read(&mut [0; 8]).unwrap(), 4);
            start.elapsed()
        })
        .min();
    assert!(best.unwrap() < Duration::from_millis(50), "{best:?}");
    fixture.forget();

    receive_until(&mut fixture, &mut client, &mut 0, sent);
    fixture.expect_writable(Token(0));
}

#[test]
fn many_half_closed_peers_cost_little_cpu() {
    let mut fixture = Fixture::new();
    let mut pairs: Vec<_> = (0..40).map(|_| tcp_pair()).collect();
    let chunk = vec![1; 256 * 1024];
    let mut sent = Vec::new();
    for (index, (client, server)) in pairs.iter_mut().enumerate() {
        client.shutdown(Shutdown::Write).unwrap();
        fixture.register(server, Token(index), Interest::WRITABLE);
        fixture.expect_writable(Token(index));
        let mut count = 0;
        loop {
            match server.write(&chunk) {
                Ok(more) => count += more,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("write failed: {error}"),
            }
        }
        sent.push(count);
    }
    fixture.until("the last of what had been ready", |fixture| {
        fixture.poll_for(Duration::from_millis(20));
        fixture.events.is_empty().then_some(())
    });
    fixture.forget();
    expect_cheap_silence(&mut fixture, Token(usize::MAX));
    for (index, (client, _)) in pairs.iter_mut().enumerate() {
        // All of it: a host may have buffered more than the socket holds.
        receive_until(&mut fixture, client, &mut 0, sent[index]);
        fixture.expect_writable(Token(index));
    }
}

#[test]
#[cfg_attr(
    any(
        mio_on_wine,
        all(target_os = "wasi", any(target_env = "p2", target_env = "p3"))
    ),
    ignore = "Wine and wasmtime keep the refusal to themselves"
)]
fn refused_datagram_is_reported_beside_a_busy_socket() {
    let mut fixture = Fixture::new();
    let mut socket = UdpSocket::bind(local()).unwrap();
    let gone = UdpSocket::bind(local()).unwrap();
    socket.connect(gone.local_addr().unwrap()).unwrap();
    drop(gone);
    let (mut busy, sender) = udp_pair();
    fixture.register(&mut socket, Token(0), Interest::READABLE);
    fixture.register(&mut busy, Token(1), Interest::READABLE);
    socket.send(b"anyone?").unwrap();
    let start = Instant::now();
    let reported = |fixture: &Fixture| fixture.events.iter().any(|event| event.token() == Token(0));
    while !reported(&fixture) {
        assert!(start.elapsed() < Duration::from_secs(5), "never reported");
        sender.send(b"x").unwrap();
        fixture.poll_for(Duration::from_secs(1));
        let _ = busy.recv(&mut [0; 4]);
    }
    let error = socket.recv(&mut [0; 4]).unwrap_err();
    let expected = [ErrorKind::ConnectionRefused, ErrorKind::ConnectionReset];
    assert!(expected.contains(&error.kind()), "{error:?}");
}

#[test]
#[cfg_attr(
    any(
        mio_on_wine,
        all(target_os = "wasi", any(target_env = "p2", target_env = "p3"))
    ),
    ignore = "Wine and wasmtime keep the refusal to themselves"
)]
fn refused_datagram_is_reported_to_a_reader() {
    let mut fixture = Fixture::new();
    let mut socket = UdpSocket::bind(local()).unwrap();
    let (mut idle, sender) = udp_pair();
    let gone = UdpSocket::bind(local()).unwrap();
    socket.connect(gone.local_addr().unwrap()).unwrap();
    drop(gone);
    fixture.register(&mut socket, Token(0), Interest::READABLE);
    fixture.register(&mut idle, Token(1), Interest::READABLE);
    for _ in 0..3 {
        socket.send(b"anyone?").unwrap();
        fixture.expect(Token(0), "refused", |ready| ready.readable || ready.error);
        let error = fixture.until("the refusal", |_| match socket.recv(&mut [0; 4]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            result => Some(result.unwrap_err()),
        });
        let expected = [ErrorKind::ConnectionRefused, ErrorKind::ConnectionReset];
        assert!(expected.contains(&error.kind()), "{error:?}");
        // The other socket may have been probed.
        let error = idle.recv(&mut [0; 4]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        fixture.forget();
        expect_cheap_silence(&mut fixture, Token(1));
    }
    fixture.forget();
    sender.send(b"x").unwrap();
    fixture.expect_readable(Token(1));
}
