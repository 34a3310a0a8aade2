//! Many idle connections and a few busy ones: delays are bounded, and no event is lost
//! where a backend polls the two differently.

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Token};

use crate::support::{connect_to, local, pair_to_reset, Fixture, PREVIEW_2};

/// The token of the first idle connection.
const IDLE: usize = 100;

/// The token of a busy one.
const BUSY: Token = Token(0);

/// A poll that watches a hundred connections on which nothing happens, and their
/// other ends.
fn with_idle(listener: &mut TcpListener) -> (Fixture, Vec<(TcpStream, TcpStream)>) {
    let fixture = Fixture::new();
    let mut idle: Vec<_> = (0..100).map(|_| connect_to(listener)).collect();
    for (index, (client, _)) in idle.iter_mut().enumerate() {
        fixture.register(client, Token(IDLE + index), Interest::READABLE);
    }
    (fixture, idle)
}

/// Sends something `times` times, and receives it.
fn exchange(fixture: &mut Fixture, client: &mut TcpStream, server: &mut TcpStream, times: usize) {
    let mut buffer = [0; 8];
    for _ in 0..times {
        server.write_all(b"ping").unwrap();
        fixture.expect_readable(BUSY);
        assert_eq!(client.read(&mut buffer).unwrap(), 4);
        assert_eq!(&buffer[..4], b"ping");
    }
}

/// Receives from the busy connections that the last poll has reported, and sends to
/// each of them.
fn answer_all(fixture: &Fixture, busy: &mut [(TcpStream, TcpStream)]) {
    let mut buffer = [0; 8];
    for event in &fixture.events {
        if let Some((client, server)) = busy.get_mut(event.token().0) {
            assert_eq!(client.read(&mut buffer).unwrap(), 4);
            server.write_all(b"ping").unwrap();
        }
    }
}

#[test]
fn idle_connections_stay_silent_among_busy_ones() {
    let mut listener = TcpListener::bind(local()).unwrap();
    let (mut fixture, mut idle) = with_idle(&mut listener);
    let (mut client, mut server) = connect_to(&mut listener);
    fixture.register(&mut client, BUSY, Interest::READABLE);
    exchange(&mut fixture, &mut client, &mut server, 50);
    for index in 0..idle.len() {
        fixture.expect_silence(Token(IDLE + index));
    }
    // Each of them is still registered.
    for (index, (_, server)) in idle.iter_mut().enumerate() {
        server.write_all(b"late").unwrap();
        fixture.expect_readable(Token(IDLE + index));
    }
}

#[test]
fn idle_connection_is_reported_while_others_stay_busy() {
    let mut listener = TcpListener::bind(local()).unwrap();
    let (mut fixture, mut idle) = with_idle(&mut listener);
    let mut busy: Vec<_> = (0..4).map(|_| connect_to(&mut listener)).collect();
    for (index, (client, server)) in busy.iter_mut().enumerate() {
        fixture.register(client, Token(index), Interest::READABLE);
        server.write_all(b"ping").unwrap();
    }
    let mut buffer = [0; 8];
    // A new connection may count as active: wait until it is idle.
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_millis(50) {
        fixture.poll_for(Duration::from_millis(5));
        answer_all(&fixture, &mut busy);
    }
    let (mut longest, mut shortest) = (Duration::ZERO, Duration::MAX);
    for chosen in [3, 50, 99, 4, 51] {
        idle[chosen].1.write_all(b"late").unwrap();
        let start = Instant::now();
        let mut heard = false;
        while !heard {
            assert!(start.elapsed() < Duration::from_secs(5), "never heard");
            fixture.poll_for(Duration::from_secs(1));
            answer_all(&fixture, &mut busy);
            let mut tokens = fixture.events.iter().map(|event| event.token());
            heard = tokens.any(|token| token == Token(IDLE + chosen));
        }
        longest = longest.max(start.elapsed());
        shortest = shortest.min(start.elapsed());
        assert_eq!(idle[chosen].0.read(&mut buffer).unwrap(), 4);
        assert_eq!(&buffer[..4], b"late");
    }
    // A backend may report it a millisecond or two late; a machine under load adds to it, but
    // hardly each time.
    assert!(shortest < Duration::from_millis(50), "{shortest:?}");
    assert!(longest < Duration::from_millis(500), "{longest:?}");
}

#[test]
#[cfg_attr(mio_on_wine, ignore = "Wine keeps the error of a reset to itself")]
fn reset_of_a_busy_connection_is_returned_once_by_any_call() {
    let mut listener = TcpListener::bind(local()).unwrap();
    let (mut fixture, idle) = with_idle(&mut listener);
    for round in 0..30 {
        let (mut client, mut server) = pair_to_reset();
        fixture.register(&mut client, BUSY, Interest::READABLE);
        if let Some(server) = server.stream() {
            exchange(&mut fixture, &mut client, server, 5);
        }
        server.reset();
        fixture.expect_readable(BUSY);
        let registry = fixture.poll.registry();
        // Preview 2 reports a reset to the next read or write only, without its kind.
        let error = match if PREVIEW_2 { round % 2 * 2 } else { round % 5 } {
            0 => client.read(&mut [0; 4]).unwrap_err(),
            1 => client.take_error().unwrap().expect("an error"),
            2 => client.write(b"x").unwrap_err(),
            3 => client.peek(&mut [0; 4]).unwrap_err(),
            _ => {
                let wanted = Interest::READABLE | Interest::WRITABLE;
                registry.reregister(&mut client, BUSY, wanted).unwrap();
                client.read(&mut [0; 4]).unwrap_err()
            }
        };
        let is_reset = error.kind() == ErrorKind::ConnectionReset;
        assert!(is_reset || PREVIEW_2, "round {round}: {error}");
        assert!(client.take_error().unwrap().is_none());
        assert_eq!(client.read(&mut [0; 4]).unwrap_or(0), 0);
        drop(client);
        fixture.forget();
    }
    drop(idle);
}

#[test]
fn zero_timeout_reports_data_of_an_idle_stream() {
    let mut listener = TcpListener::bind(local()).unwrap();
    let (mut fixture, mut idle) = with_idle(&mut listener);
    let (mut client, mut server) = connect_to(&mut listener);
    fixture.register(&mut client, BUSY, Interest::READABLE);
    // No connection counts as new any more.
    for _ in 0..10 {
        fixture.poll_for(Duration::from_millis(5));
    }
    for quiet in [50, 51, 52, 70, 71, 99] {
        exchange(&mut fixture, &mut client, &mut server, 1);
        // On the loopback interface it is there when this returns, but not on every host.
        idle[quiet].1.write_all(b"x").unwrap();
        let token = Token(IDLE + quiet);
        if PREVIEW_2 {
            fixture.expect_readable(token);
        } else {
            fixture.poll_for(Duration::ZERO);
            let is_reported = fixture.events.iter().any(|event| event.token() == token);
            assert!(is_reported, "{quiet}: {:?}", fixture.events);
        }
        // This consumes a spurious event of the other stream.
        let error = client.read(&mut [0; 8]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        fixture.forget();
    }
}

#[test]
fn reregistered_stream_is_reported_by_the_next_poll_beside_a_busy_one() {
    let mut listener = TcpListener::bind(local()).unwrap();
    let (mut fixture, _idle) = with_idle(&mut listener);
    let (mut busy, mut busy_server) = connect_to(&mut listener);
    let (mut quiet, mut quiet_server) = connect_to(&mut listener);
    let quiet_token = Token(1);
    // Both stay readable: one is read byte by byte, the other not at all.
    busy_server.write_all(&[1; 8192]).unwrap();
    fixture.register(&mut busy, BUSY, Interest::READABLE);
    fixture.expect_readable(BUSY);
    fixture.register(&mut quiet, quiet_token, Interest::READABLE);
    quiet_server.write_all(b"unread").unwrap();
    fixture.expect_readable(quiet_token);
    // The write is an edge for the systems that report edges only. wasmtime refuses some of many
    // reads and writes in a row.
    let mut read_one = || {
        for result in [busy.read(&mut [0]), busy_server.write(b"1")] {
            match result {
                Ok(count) => assert_eq!(count, 1),
                Err(error) => {
                    let is_refusal = PREVIEW_2 && error.kind() == ErrorKind::WouldBlock;
                    assert!(is_refusal, "{error}");
                }
            }
        }
    };
    read_one();
    for round in 0..5 {
        // Long enough for the quiet one not to be an active one any more.
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_millis(60) {
            fixture.expect_readable(BUSY);
            read_one();
        }
        let registry = fixture.poll.registry();
        registry
            .reregister(&mut quiet, quiet_token, Interest::READABLE)
            .unwrap();
        if cfg!(windows) {
            // The system answers after the poll.
            fixture.expect_readable(quiet_token);
        } else {
            // wasmtime's budget of polls may suffice for one stream only. The next poll reports the
            // other.
            let is_reported = (0..if PREVIEW_2 { 2 } else { 1 }).any(|_| {
                fixture.poll_for(Duration::from_secs(5));
                let mut tokens = fixture.events.iter().map(|event| event.token());
                tokens.any(|token| token == quiet_token)
            });
            assert!(is_reported, "round {round}: {:?}", fixture.events);
        }
        fixture.forget();
        read_one();
    }
}

/// Connections whose data are never all read, so that they are always readable, beside idle
/// ones. Each of them is reported, and an idle one too when it gets something, whatever the
/// capacity of the buffer. With `is_reregistered` the last one is registered anew before each
/// poll.
fn assert_turns(readable: usize, idle: usize, capacity: usize, is_reregistered: bool) {
    let mut listener = TcpListener::bind(local()).unwrap();
    let mut fixture = Fixture::new();
    fixture.events = Events::with_capacity(capacity);
    let mut pairs: Vec<_> = (0..readable + idle)
        .map(|_| connect_to(&mut listener))
        .collect();
    for (index, (client, server)) in pairs.iter_mut().enumerate() {
        fixture.register(client, Token(index), Interest::READABLE);
        if index < readable {
            server.write_all(&[1; 1024]).unwrap();
        }
    }
    let mut counts = vec![0; pairs.len()];
    let begin = Instant::now();
    loop {
        let unserved = counts[..readable]
            .iter()
            .filter(|count| **count < 5)
            .count();
        if unserved == 0 {
            // One of the idle ones.
            let chosen = readable + idle / 2;
            if idle == 0 || counts[chosen] > 0 {
                break;
            }
            pairs[chosen].1.write_all(b"x").unwrap();
        }
        assert!(
            begin.elapsed() < Duration::from_secs(10),
            "{unserved} of {readable} wait beside {idle}, {capacity} at once"
        );
        if is_reregistered {
            let last = readable - 1;
            let registry = fixture.poll.registry();
            let client = &mut pairs[last].0;
            registry
                .reregister(client, Token(last), Interest::READABLE)
                .unwrap();
        }
        fixture.poll_for(Duration::from_secs(1));
        for event in &fixture.events {
            let index = event.token().0;
            let (client, server) = &mut pairs[index];
            // wasmtime refuses some of many reads in a row.
            counts[index] += client.read(&mut [0]).unwrap_or(0);
            // An edge for the systems that report edges only.
            let _ = server.write(b"1");
        }
    }
}

#[test]
fn streams_that_are_always_readable_take_turns() {
    // More than wasmtime reports in one poll.
    assert_turns(200, 0, 1024, false);
    assert_turns(200, 0, 64, false);
    assert_turns(200, 100, 1, false);
}

#[test]
fn few_streams_that_are_always_readable_take_turns_in_a_small_buffer() {
    assert_turns(30, 0, 1, false);
    assert_turns(50, 0, 16, false);
}

#[test]
fn stream_that_is_registered_anew_in_each_poll_leaves_turns_to_others() {
    assert_turns(1, 100, 64, true);
    assert_turns(6, 100, 64, true);
    assert_turns(40, 100, 1, true);
}

#[test]
fn error_of_a_refused_connection_outlives_the_registration() {
    let (mut fixture, _idle) = with_idle(&mut TcpListener::bind(local()).unwrap());
    for _ in 0..10 {
        fixture.poll_for(Duration::from_millis(5));
    }
    let closed = TcpListener::bind(local()).unwrap().local_addr().unwrap();
    for _ in 0..10 {
        // Some systems refuse at once.
        let Ok(mut stream) = TcpStream::connect(closed) else {
            continue;
        };
        let token = Token(1_000);
        fixture.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE);
        fixture.expect(token, "refused", |ready| {
            ready.write_closed || ready.read_closed || ready.error || ready.writable
        });
        fixture.poll.registry().deregister(&mut stream).unwrap();
        let error = stream.take_error().unwrap().expect("the refusal");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        fixture.forget();
    }
}
