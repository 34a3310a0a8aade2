//! `TcpStream`: connecting, I/O, options, shutting down, resets.

use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::net::Shutdown;

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Token};

use crate::support::{
    connect_to, local, local_both, receive_to_end, refused, tcp_pair, Fixture, PREVIEW_2,
};

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);
const CLIENT: Token = Token(1);

#[test]
fn connect_reports_writable_and_knows_both_addresses() {
    for address in local_both() {
        let mut fixture = Fixture::new();
        let listener = TcpListener::bind(address).unwrap();
        let server = listener.local_addr().unwrap();
        let mut client = TcpStream::connect(server).unwrap();
        fixture.register(&mut client, CLIENT, BOTH);
        let ready = fixture.expect_writable(CLIENT);
        assert!(
            !ready.error && !ready.read_closed && !ready.write_closed,
            "{ready:?}"
        );
        assert!(client.take_error().unwrap().is_none());
        assert_eq!(client.peer_addr().unwrap(), server);
        let own = client.local_addr().unwrap();
        assert!(own.ip().is_loopback() && own.port() != 0);
        let (_, peer) = fixture.until("the accepted stream", |_| listener.accept().ok());
        assert_eq!(peer, own);
    }
}

#[test]
fn connected_stream_without_data_is_not_readable() {
    let mut fixture = Fixture::new();
    let (mut client, _server) = tcp_pair();
    fixture.register(&mut client, CLIENT, Interest::READABLE);
    fixture.expect_silence(CLIENT);
    let error = client.read(&mut [0; 4]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

#[test]
fn refused_connection_returns_its_error_once() {
    let mut fixture = Fixture::new();
    if let Some((client, ready)) = refused(&mut fixture, BOTH) {
        assert!(ready.writable && ready.write_closed, "{ready:?}");
        let error = client.take_error().unwrap().expect("an error");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        // Wine returns it each time.
        assert!(cfg!(windows) || client.take_error().unwrap().is_none());
        assert!(client.peer_addr().is_err());
        fixture.forget();
        // Querying the peer may cause one more event, but no unbounded number.
        fixture.poll_for(std::time::Duration::from_millis(1));
        fixture.forget();
        fixture.expect_silence(CLIENT);
    }
}

#[test]
fn refused_connection_is_readable_when_registered_for_reading_only() {
    let mut fixture = Fixture::new();
    if let Some((mut client, ready)) = refused(&mut fixture, Interest::READABLE) {
        assert!(ready.readable && ready.read_closed, "{ready:?}");
        assert!(!ready.writable, "{ready:?}");
        match client.read(&mut [0; 4]) {
            // Wine returns the end of the stream, Windows `NotConnected`.
            Ok(count) => assert_eq!((cfg!(windows), count), (true, 0)),
            // Preview 2 keeps the reason for `take_error`.
            Err(_) if PREVIEW_2 => {
                let error = client.take_error().unwrap().expect("an error");
                assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
            }
            Err(error) => assert!(
                cfg!(windows) || error.kind() == ErrorKind::ConnectionRefused,
                "{error}"
            ),
        }
    }
}

#[test]
fn unreachable_address_is_an_error_and_no_panic() {
    // The broadcast address can't be connected to, and no host uses the network for it.
    let error = TcpStream::connect("255.255.255.255:9".parse().unwrap()).unwrap_err();
    assert_ne!(error.kind(), ErrorKind::WouldBlock, "{error}");
    // Port 0 is no port.
    match TcpStream::connect("127.0.0.1:0".parse().unwrap()) {
        Err(error) => assert_ne!(error.kind(), ErrorKind::WouldBlock, "{error}"),
        Ok(mut client) => {
            let mut fixture = Fixture::new();
            fixture.register(&mut client, CLIENT, BOTH);
            fixture.expect(CLIENT, "refused", |ready| ready.write_closed || ready.error);
            assert!(client.take_error().unwrap().is_some());
        }
    }
}

#[test]
fn echo_of_many_messages_arrives_in_order() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut client, Token(0), BOTH);
    fixture.register(&mut server, Token(1), BOTH);
    let mut received = Vec::new();
    let mut buffer = [0; 64];
    for round in 0..200_u32 {
        client.write_all(&round.to_le_bytes()).unwrap();
        fixture.until("the echo", |_| {
            match server.read(&mut buffer) {
                Ok(count) => server.write_all(&buffer[..count]).unwrap(),
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
            match client.read(&mut buffer) {
                Ok(count) => received.extend_from_slice(&buffer[..count]),
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
            (received.len() == 4 * (round as usize + 1)).then_some(())
        });
    }
    for (round, bytes) in received.chunks(4).enumerate() {
        assert_eq!(bytes, (round as u32).to_le_bytes());
    }
}

#[test]
fn large_transfer_by_events_alone_finishes() {
    const TOTAL: usize = 16 << 20;
    const CHUNK: usize = 1 << 16;
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut client, Token(0), Interest::WRITABLE);
    fixture.register(&mut server, Token(1), Interest::READABLE);
    // Twice, so that a part that wraps around is contiguous.
    let chunk: Vec<u8> = (0..2 * CHUNK)
        .map(|index| (index % CHUNK % 251) as u8)
        .collect();
    let (mut sent, mut received) = (0, 0);
    let mut buffer = vec![0; 10_000];
    // Each side works only after an event, and stops at any error.
    while received < TOTAL {
        let (writable, readable) = fixture.until("either side", |fixture| {
            let reported = |token| fixture.events.iter().any(|event| event.token() == token);
            let ready = (reported(Token(0)), reported(Token(1)));
            fixture.events.clear();
            (ready.0 || ready.1).then_some(ready)
        });
        fixture.forget();
        while writable && sent < TOTAL {
            let at = sent % CHUNK;
            match client.write(&chunk[at..CHUNK]) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("write failed: {error}"),
            }
        }
        if !readable {
            continue;
        }
        loop {
            match server.read(&mut buffer) {
                Ok(count) => {
                    let at = received % CHUNK;
                    assert!(buffer[..count] == chunk[at..at + count], "wrong bytes");
                    received += count;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("read failed: {error}"),
            }
        }
    }
    assert!(sent >= TOTAL && received <= sent);
}

#[test]
fn vectored_write_sends_all_buffers_at_once() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut server, Token(1), Interest::READABLE);
    let parts: [&[u8]; 5] = [b"head", b"", b"-", b"body", b""];
    let slices: Vec<_> = parts.iter().map(|part| IoSlice::new(part)).collect();
    assert_eq!(client.write_vectored(&slices).unwrap(), 9);
    assert_eq!(client.write_vectored(&[]).unwrap(), 0);
    client.flush().unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(receive_to_end(&mut fixture, &mut server), b"head-body");
}

#[test]
#[cfg_attr(
    all(target_os = "wasi", any(target_env = "p2", target_env = "p3")),
    ignore = "preview 2 has no peek, and std reads into one buffer there"
)]
fn vectored_read_fills_the_buffers_in_order() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut server, Token(1), Interest::READABLE);
    client.write_all(b"head-body").unwrap();

    let (mut first, mut second, mut rest) = ([0; 3], [0; 4], [9; 8]);
    let count = fixture.until("all of it", |_| {
        let mut buffer = [0; 16];
        match server.peek(&mut buffer) {
            Ok(9) => {
                let mut slices = [
                    IoSliceMut::new(&mut first),
                    IoSliceMut::new(&mut []),
                    IoSliceMut::new(&mut second),
                    IoSliceMut::new(&mut rest),
                ];
                Some(server.read_vectored(&mut slices).unwrap())
            }
            _ => None,
        }
    });
    assert_eq!(count, 9);
    assert_eq!((&first, &second), (b"hea", b"d-bo"));
    assert_eq!(rest, [b'd', b'y', 9, 9, 9, 9, 9, 9]);
}

#[test]
fn empty_slices_before_the_data_are_skipped() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut server, Token(1), Interest::READABLE);
    // More than one system call takes.
    let mut slices = vec![IoSlice::new(b""); 2_000];
    assert_eq!(client.write_vectored(&slices).unwrap(), 0);
    slices.push(IoSlice::new(b"hello"));
    assert_eq!(client.write_vectored(&slices).unwrap(), 5);

    let mut buffer = [0; 8];
    fixture.expect_readable(Token(1));
    let mut slices: Vec<_> = (0..2_000).map(|_| IoSliceMut::new(&mut [])).collect();
    slices.push(IoSliceMut::new(&mut buffer));
    assert_eq!(server.read_vectored(&mut slices).unwrap(), 5);
    assert_eq!(&buffer[..5], b"hello");
}

#[test]
#[cfg_attr(
    mio_on_wine,
    ignore = "Wine hands all slices to one call of Linux, which takes 1,024"
)]
fn more_slices_than_the_system_takes_do_not_fail() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut server, Token(1), Interest::READABLE);
    let slices: Vec<_> = (0..3_000).map(|_| IoSlice::new(b"ab")).collect();
    let sent = client.write_vectored(&slices).unwrap();
    assert!((32..=6_000).contains(&sent), "{sent}");

    let mut bytes = vec![[0; 2]; 3_000];
    let mut received = 0;
    fixture.until("all of it", |_| {
        let mut slices: Vec<_> = bytes.iter_mut().map(|each| IoSliceMut::new(each)).collect();
        match server.read_vectored(&mut slices) {
            Ok(count) => received += count,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
        (received >= sent).then_some(())
    });
    assert_eq!(received, sent);
    assert_eq!(&bytes[0], b"ab");
}

#[test]
fn peek_consumes_nothing_and_rearms_when_it_would_block_or_is_unsupported() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut client, CLIENT, Interest::READABLE);
    let mut buffer = [0; 16];
    let error = client.peek(&mut buffer).unwrap_err();
    if PREVIEW_2 {
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        return;
    }
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    server.write_all(b"look").unwrap();
    fixture.expect_readable(CLIENT);
    for _ in 0..2 {
        assert_eq!(client.peek(&mut buffer).unwrap(), 4);
        assert_eq!(&buffer[..4], b"look");
    }
    assert_eq!(client.read(&mut buffer).unwrap(), 4);
    assert_eq!(&buffer[..4], b"look");
    let error = client.peek(&mut buffer).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    server.write_all(b"more").unwrap();
    fixture.expect_readable(CLIENT);
}

#[test]
#[cfg_attr(
    all(target_os = "wasi", any(target_env = "p2", target_env = "p3")),
    ignore = "preview 2 has no peek"
)]
fn peek_before_the_event_does_not_lose_it() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut client, CLIENT, Interest::READABLE);
    server.write_all(b"early").unwrap();
    fixture.until("data", |_| client.peek(&mut [0; 8]).ok());
    // Earlier events may have reported it; a further peek must still rearm.
    fixture
        .poll
        .registry()
        .reregister(&mut client, CLIENT, Interest::READABLE)
        .unwrap();
    assert_eq!(client.peek(&mut [0; 8]).unwrap(), 5);
    fixture.expect_readable(CLIENT);
}

#[test]
fn nodelay_round_trips_or_stays_off() {
    let (client, _server) = tcp_pair();
    assert!(!client.nodelay().unwrap());
    client.set_nodelay(true).unwrap();
    // A WASI host that lacks the option stays at `false`.
    let stays_off = cfg!(target_os = "wasi") && !PREVIEW_2;
    assert_eq!(client.nodelay().unwrap(), !stays_off);
    client.set_nodelay(false).unwrap();
    assert!(!client.nodelay().unwrap());
}

#[test]
fn ttl_round_trips_or_is_unsupported() {
    let (client, _server) = tcp_pair();
    if cfg!(target_os = "wasi") && !PREVIEW_2 {
        assert_eq!(client.ttl().unwrap_err().kind(), ErrorKind::Unsupported);
        assert_eq!(
            client.set_ttl(9).unwrap_err().kind(),
            ErrorKind::Unsupported
        );
    } else {
        assert!(client.ttl().unwrap() > 0);
        client.set_ttl(9).unwrap();
        assert_eq!(client.ttl().unwrap(), 9);
    }
}

#[test]
fn data_before_a_close_arrive() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut server, Token(0), Interest::READABLE);
    client.write_all(&[5; 10_000]).unwrap();
    drop(client);
    let received = receive_to_end(&mut fixture, &mut server);
    assert_eq!(received, [5; 10_000]);
}

#[test]
fn pending_connection_reports_its_outcome_after_queries() {
    let mut fixture = Fixture::new();
    let mut listener = TcpListener::bind(local()).unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    fixture.register(&mut client, CLIENT, Interest::WRITABLE);
    // Queries while it is undecided must not consume the event.
    let _ = client.take_error().unwrap();
    let _ = client.peer_addr();
    fixture.expect_writable(CLIENT);
    client.peer_addr().unwrap();
    fixture.register(&mut listener, Token(0), Interest::READABLE);
    fixture.expect_readable(Token(0));
    listener.accept().unwrap();
}

#[test]
fn debug_shows_a_stream_in_every_state() {
    let (client, server) = tcp_pair();
    assert!(format!("{client:?}").contains("Stream"));
    drop(server);
    client.shutdown(Shutdown::Both).ok();
    assert!(format!("{client:?}").contains("Stream"));
    let mut listener = TcpListener::bind(local()).unwrap();
    connect_to(&mut listener);
    assert!(format!("{listener:?}").contains("Listener"));
}
