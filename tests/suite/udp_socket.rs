//! `UdpSocket`: datagrams, connected and not, options, errors.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use mio::net::UdpSocket;
use mio::{Interest, Token};

use crate::support::{local, local_both, udp_pair, Fixture, PREVIEW_2};

const RECEIVER: Token = Token(0);

#[test]
fn fresh_socket_is_writable_and_not_readable() {
    for address in local_both() {
        let mut fixture = Fixture::new();
        let mut socket = UdpSocket::bind(address).unwrap();
        assert_ne!(socket.local_addr().unwrap().port(), 0);
        fixture.register(
            &mut socket,
            RECEIVER,
            Interest::READABLE | Interest::WRITABLE,
        );
        let ready = fixture.expect_writable(RECEIVER);
        assert!(
            !ready.readable && !ready.error && !ready.write_closed,
            "{ready:?}"
        );
        let error = socket.recv_from(&mut [0; 4]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        let error = socket.peek_from(&mut [0; 4]).unwrap_err();
        let expected = if PREVIEW_2 {
            ErrorKind::Unsupported
        } else {
            ErrorKind::WouldBlock
        };
        assert_eq!(error.kind(), expected);
    }
}

#[test]
fn datagram_arrives_with_its_senders_address() {
    for address in local_both() {
        let mut fixture = Fixture::new();
        let mut receiver = UdpSocket::bind(address).unwrap();
        let sender = UdpSocket::bind(address).unwrap();
        fixture.register(&mut receiver, RECEIVER, Interest::READABLE);
        let target = receiver.local_addr().unwrap();
        assert_eq!(sender.send_to(b"hello", target).unwrap(), 5);
        fixture.expect_readable(RECEIVER);
        let mut buffer = [0; 16];
        for _ in 0..if PREVIEW_2 { 0 } else { 2 } {
            let (count, from) = receiver.peek_from(&mut buffer).unwrap();
            assert_eq!(
                (&buffer[..count], from),
                (&b"hello"[..], sender.local_addr().unwrap())
            );
        }
        let (count, from) = receiver.recv_from(&mut buffer).unwrap();
        assert_eq!(
            (&buffer[..count], from),
            (&b"hello"[..], sender.local_addr().unwrap())
        );
        let error = receiver.recv_from(&mut buffer).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
}

#[test]
fn unconnected_socket_has_no_peer_and_cannot_send() {
    let socket = UdpSocket::bind(local()).unwrap();
    assert_eq!(
        socket.peer_addr().unwrap_err().kind(),
        ErrorKind::NotConnected
    );
    let error = socket.send(b"nowhere").unwrap_err();
    assert_ne!(error.kind(), ErrorKind::WouldBlock, "{error}");
    if cfg!(target_os = "linux") {
        // "Destination address required" has no kind of its own.
        assert_eq!(error.raw_os_error(), Some(89));
    }
}

#[test]
fn unconnected_socket_receives_without_the_address() {
    let mut fixture = Fixture::new();
    let mut receiver = UdpSocket::bind(local()).unwrap();
    let sender = UdpSocket::bind(local()).unwrap();
    fixture.register(&mut receiver, RECEIVER, Interest::READABLE);
    sender
        .send_to(b"plain", receiver.local_addr().unwrap())
        .unwrap();
    fixture.expect_readable(RECEIVER);
    let mut buffer = [0; 8];
    assert!(PREVIEW_2 || receiver.peek(&mut buffer).unwrap() == 5);
    assert_eq!(receiver.recv(&mut buffer).unwrap(), 5);
    assert_eq!(&buffer[..5], b"plain");
}

#[test]
fn connected_pair_talks_in_both_directions() {
    let mut fixture = Fixture::new();
    let (mut first, mut second) = udp_pair();
    assert_eq!(first.peer_addr().unwrap(), second.local_addr().unwrap());
    fixture.register(&mut first, Token(1), Interest::READABLE);
    fixture.register(&mut second, Token(2), Interest::READABLE);
    let mut buffer = [0; 8];
    for round in 0..10_u8 {
        assert_eq!(first.send(&[round; 3]).unwrap(), 3);
        fixture.expect_readable(Token(2));
        assert!(PREVIEW_2 || second.peek(&mut buffer).unwrap() == 3);
        assert_eq!(second.recv(&mut buffer).unwrap(), 3);
        assert_eq!(buffer[..3], [round; 3]);
        assert_eq!(second.send(&[round; 2]).unwrap(), 2);
        fixture.expect_readable(Token(1));
        assert_eq!(first.recv(&mut buffer).unwrap(), 2);
    }
}

#[test]
fn connected_socket_drops_what_others_send() {
    let mut fixture = Fixture::new();
    let (mut first, second) = udp_pair();
    let stranger = UdpSocket::bind(local()).unwrap();
    fixture.register(&mut first, RECEIVER, Interest::READABLE);
    stranger
        .send_to(b"spam", first.local_addr().unwrap())
        .unwrap();
    fixture.expect_silence(RECEIVER);
    second.send(b"mail").unwrap();
    fixture.expect_readable(RECEIVER);
    let mut buffer = [0; 8];
    assert_eq!(first.recv(&mut buffer).unwrap(), 4);
    assert_eq!(&buffer[..4], b"mail");
}

#[test]
fn second_connect_replaces_the_peer() {
    let mut fixture = Fixture::new();
    let (mut first, second) = udp_pair();
    let third = UdpSocket::bind(local()).unwrap();
    first.connect(third.local_addr().unwrap()).unwrap();
    assert_eq!(first.peer_addr().unwrap(), third.local_addr().unwrap());
    fixture.register(&mut first, RECEIVER, Interest::READABLE);
    second.send(b"old").unwrap();
    third.send_to(b"new", first.local_addr().unwrap()).unwrap();
    fixture.expect_readable(RECEIVER);
    let mut buffer = [0; 8];
    assert_eq!(first.recv(&mut buffer).unwrap(), 3);
    assert_eq!(&buffer[..3], b"new");
}

#[test]
fn empty_datagram_is_not_the_end() {
    let mut fixture = Fixture::new();
    let (mut receiver, sender) = udp_pair();
    fixture.register(&mut receiver, RECEIVER, Interest::READABLE);
    let from = sender.local_addr().unwrap();
    for _ in 0..3 {
        assert_eq!(sender.send(b"").unwrap(), 0);
        fixture.expect_readable(RECEIVER);
        assert_eq!(receiver.recv_from(&mut [0; 8]).unwrap(), (0, from));
    }
    let error = receiver.recv(&mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    sender.send(b"after").unwrap();
    fixture.expect_readable(RECEIVER);
    assert_eq!(receiver.recv(&mut [0; 8]).unwrap(), 5);
}

#[test]
fn datagram_larger_than_the_buffer_loses_its_rest() {
    let mut fixture = Fixture::new();
    let (mut receiver, sender) = udp_pair();
    fixture.register(&mut receiver, RECEIVER, Interest::READABLE);
    sender.send(b"0123456789").unwrap();
    sender.send(b"next").unwrap();
    fixture.expect_readable(RECEIVER);
    let mut buffer = [0; 4];
    match receiver.recv(&mut buffer) {
        Ok(count) => assert_eq!((count, &buffer), (4, b"0123")),
        // Windows reports the loss.
        Err(error) => assert_eq!((cfg!(windows), error.raw_os_error()), (true, Some(10_040))),
    }
    fixture.until("the next datagram", |_| receiver.recv(&mut buffer).ok());
    assert_eq!(&buffer, b"next");
}

#[test]
fn datagrams_have_an_upper_limit() {
    let (first, _second) = udp_pair();
    let error = first.send(&[0; 70_000]).unwrap_err();
    assert_ne!(error.kind(), ErrorKind::WouldBlock, "{error}");
    assert_eq!(first.send(&[1; 60_000]).unwrap(), 60_000);
}

#[test]
fn every_datagram_after_a_receive_is_reported() {
    let mut fixture = Fixture::new();
    let (mut receiver, sender) = udp_pair();
    fixture.register(&mut receiver, RECEIVER, Interest::READABLE);
    let mut buffer = [0; 2];
    for round in 0..10_u8 {
        // The datagram fills the buffer: no short read, no `WouldBlock`.
        sender.send(&[round; 2]).unwrap();
        fixture.expect_readable(RECEIVER);
        assert_eq!(receiver.recv(&mut buffer).unwrap(), 2);
        assert_eq!(buffer, [round; 2]);
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
fn refusal_of_the_peer_is_returned_once_and_the_socket_survives() {
    let mut fixture = Fixture::new();
    let mut socket = UdpSocket::bind(local()).unwrap();
    let gone = UdpSocket::bind(local()).unwrap();
    let address = gone.local_addr().unwrap();
    socket.connect(address).unwrap();
    drop(gone);
    fixture.register(
        &mut socket,
        RECEIVER,
        Interest::READABLE | Interest::WRITABLE,
    );
    socket.send(b"anyone?").unwrap();
    let error = fixture.until("the refusal", |_| match socket.recv(&mut [0; 4]) {
        Ok(_) => panic!("nobody has sent anything"),
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(error) => Some(error),
    });
    let expected = [ErrorKind::ConnectionRefused, ErrorKind::ConnectionReset];
    assert!(expected.contains(&error.kind()), "{error:?}");
    fixture.forget();

    let back = UdpSocket::bind(address).unwrap();
    back.send_to(b"here", socket.local_addr().unwrap()).unwrap();
    fixture.expect_readable(RECEIVER);
    let mut buffer = [0; 8];
    assert_eq!(socket.recv(&mut buffer).unwrap(), 4);
    assert_eq!(&buffer[..4], b"here");
}

#[test]
fn used_address_is_refused() {
    let first = UdpSocket::bind(local()).unwrap();
    let error = UdpSocket::bind(first.local_addr().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

#[test]
fn broadcast_round_trips_or_is_unsupported() {
    let socket = UdpSocket::bind(local()).unwrap();
    if PREVIEW_2 {
        for error in [
            socket.broadcast().unwrap_err(),
            socket.set_broadcast(true).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Unsupported);
        }
        return;
    }
    assert!(!socket.broadcast().unwrap());
    socket.set_broadcast(true).unwrap();
    assert!(socket.broadcast().unwrap());
    socket.set_broadcast(false).unwrap();
    assert!(!socket.broadcast().unwrap());
    assert!(socket.take_error().unwrap().is_none());
}

#[test]
#[cfg_attr(
    target_os = "wasi",
    ignore = "no WASI host has these options, see the next test"
)]
fn options_round_trip() {
    let socket = UdpSocket::bind(local()).unwrap();
    socket.set_ttl(42).unwrap();
    assert_eq!(socket.ttl().unwrap(), 42);
    assert_eq!(socket.multicast_ttl_v4().unwrap(), 1);
    socket.set_multicast_ttl_v4(5).unwrap();
    assert_eq!(socket.multicast_ttl_v4().unwrap(), 5);
    for on in [false, true] {
        socket.set_multicast_loop_v4(on).unwrap();
        assert_eq!(socket.multicast_loop_v4().unwrap(), on);
    }
    assert!(socket.only_v6().is_err());

    let Some(v6) = local_both().get(1).copied() else {
        return;
    };
    let socket = UdpSocket::bind(v6).unwrap();
    for on in [false, true] {
        socket.set_multicast_loop_v6(on).unwrap();
        assert_eq!(socket.multicast_loop_v6().unwrap(), on);
    }
    socket.only_v6().unwrap();
}

#[test]
fn options_that_wasi_lacks_are_unsupported() {
    let socket = UdpSocket::bind(local()).unwrap();
    let group = Ipv4Addr::new(224, 0, 0, 251);
    let group6: Ipv6Addr = "ff02::fb".parse().unwrap();
    if cfg!(target_os = "wasi") {
        if PREVIEW_2 {
            socket.set_ttl(4).unwrap();
            assert_eq!(socket.ttl().unwrap(), 4);
        } else {
            assert!(socket.ttl().is_err() && socket.set_ttl(4).is_err());
        }
        let errors = [
            socket.multicast_ttl_v4().unwrap_err(),
            socket.set_multicast_ttl_v4(4).unwrap_err(),
            socket.multicast_loop_v4().unwrap_err(),
            socket.set_multicast_loop_v4(true).unwrap_err(),
            socket.multicast_loop_v6().unwrap_err(),
            socket.set_multicast_loop_v6(true).unwrap_err(),
            socket
                .join_multicast_v4(&group, &Ipv4Addr::UNSPECIFIED)
                .unwrap_err(),
            socket
                .leave_multicast_v4(&group, &Ipv4Addr::UNSPECIFIED)
                .unwrap_err(),
            socket.join_multicast_v6(&group6, 0).unwrap_err(),
            socket.leave_multicast_v6(&group6, 0).unwrap_err(),
            socket.only_v6().unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(error.to_string().contains("WASI"), "{error}");
        }
    } else {
        // Leaving what was not joined fails, with an error of the system.
        assert!(socket
            .leave_multicast_v4(&group, &Ipv4Addr::LOCALHOST)
            .is_err());
    }
}

#[test]
#[cfg_attr(target_os = "wasi", ignore = "no WASI host has multicast")]
fn multicast_group_can_be_joined_and_normal_traffic_goes_on() {
    let mut fixture = Fixture::new();
    let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let mut receiver = UdpSocket::bind(any).unwrap();
    let group = Ipv4Addr::new(224, 0, 0, 251);
    receiver
        .join_multicast_v4(&group, &Ipv4Addr::LOCALHOST)
        .unwrap();
    fixture.register(&mut receiver, RECEIVER, Interest::READABLE);
    let sender = UdpSocket::bind(local()).unwrap();
    let port = receiver.local_addr().unwrap().port();
    sender
        .send_to(b"direct", (Ipv4Addr::LOCALHOST, port).into())
        .unwrap();
    fixture.expect_readable(RECEIVER);
    assert_eq!(receiver.recv(&mut [0; 16]).unwrap(), 6);
    receiver
        .leave_multicast_v4(&group, &Ipv4Addr::LOCALHOST)
        .unwrap();
}
