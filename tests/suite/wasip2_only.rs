//! WASI preview 2 only: queries at which its libc would abort the program, and a host
//! without network.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::{Interest, Token};

use crate::support::{local, pair_to_reset, receive_to_end, refused, tcp_pair, Fixture};

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// The results of all queries of a stream.
fn queries(stream: &TcpStream) -> [io::Result<()>; 5] {
    [
        stream.peer_addr().map(drop),
        stream.local_addr().map(drop),
        stream.ttl().map(drop),
        stream.set_ttl(9),
        stream.shutdown(Shutdown::Both),
    ]
}

#[test]
fn queries_of_a_refused_stream_return() {
    let mut fixture = Fixture::new();
    let attempt = (0..50).find_map(|_| refused(&mut fixture, BOTH));
    let Some((stream, _)) = attempt else {
        println!("each of 50 refusals came at once, which `refused` has checked");
        return;
    };
    for result in queries(&stream) {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::NotConnected);
    }
    assert!(format!("{stream:?}").contains("Stream"));
}

#[test]
fn queries_of_a_connecting_stream_return() {
    let listener = TcpListener::bind(local()).unwrap();
    let address = listener.local_addr().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    assert!(format!("{stream:?}").contains("Stream"));
    assert!(stream.take_error().unwrap().is_none());
    // It may be connected already.
    for result in [
        stream.peer_addr().map(drop),
        stream.ttl().map(drop),
        stream.set_ttl(9),
    ] {
        let unconnected = |error: io::Error| error.kind() == ErrorKind::NotConnected;
        assert!(result.map_or_else(unconnected, |()| true));
    }
    let error = stream.read(&mut [0; 4]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    if let Err(error) = stream.write(b"early") {
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
    // On loopback the connection is complete by now.
    assert_ne!(stream.local_addr().unwrap().port(), 0);
    assert_eq!(stream.peer_addr().unwrap(), address);
}

#[test]
fn stream_whose_peer_is_gone_still_knows_its_address() {
    let (mut stream, gone) = pair_to_reset();
    let peer = stream.peer_addr().unwrap();
    gone.reset();
    let mut fixture = Fixture::new();
    fixture.register(&mut stream, Token(0), Interest::READABLE);
    fixture.expect_readable(Token(0));
    stream.read(&mut [0; 4]).unwrap_err();
    assert_eq!(stream.peer_addr().unwrap(), peer);
    assert!(format!("{stream:?}").contains(&peer.to_string()));
}

#[test]
fn first_datagram_and_first_bytes_go_out_without_waiting() {
    let mut fixture = Fixture::new();
    let mut listener = TcpListener::bind(local()).unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    fixture.register(&mut listener, Token(0), Interest::READABLE);
    fixture.register(&mut client, Token(1), Interest::READABLE);
    fixture.expect_readable(Token(0));
    let (mut stream, _) = listener.accept().unwrap();
    assert_eq!(stream.write(b"hello").unwrap(), 5);
    fixture.expect_readable(Token(1));

    let mut receiver = UdpSocket::bind(local()).unwrap();
    fixture.register(&mut receiver, Token(2), Interest::READABLE);
    let sender = UdpSocket::bind(local()).unwrap();
    let target = receiver.local_addr().unwrap();
    assert_eq!(sender.send_to(b"hello", target).unwrap(), 5);
    fixture.expect_readable(Token(2));
}

#[test]
fn polls_with_zero_timeout_report_streams() {
    let mut fixture = Fixture::new();
    let (mut client, mut server) = tcp_pair();
    fixture.register(&mut client, Token(0), Interest::READABLE);
    for _ in 0..1_000 {
        fixture.poll_for(Duration::ZERO);
        assert!(fixture.events.is_empty(), "{:?}", fixture.events);
    }
    server.write_all(b"hello").unwrap();
    let start = Instant::now();
    while fixture.events.is_empty() {
        assert!(start.elapsed() < Duration::from_secs(5), "no event");
        fixture.poll_for(Duration::ZERO);
    }
}

#[test]
#[ignore = "needs a host that gives no network: ci/wasip2.sh"]
fn without_network_everything_is_denied() {
    for error in [
        TcpListener::bind(local()).unwrap_err(),
        TcpStream::connect("127.0.0.1:80".parse().unwrap()).unwrap_err(),
        UdpSocket::bind(local()).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
    }
}

#[test]
fn dropped_stream_sends_what_it_has_taken_and_does_not_block() {
    let (mut client, mut server) = tcp_pair();
    let mut sent = 0;
    let error = loop {
        match client.write(&[7; 64 * 1024]) {
            Ok(count) => sent += count,
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    drop(client);
    let mut fixture = Fixture::new();
    fixture.register(&mut server, Token(0), Interest::READABLE);
    let received = receive_to_end(&mut fixture, &mut server);
    assert_eq!(received.len(), sent);
    assert!(received.iter().all(|byte| *byte == 7));
}
