//! Named pipes: bytes, ends and clients. Windows only.

use std::fs::OpenOptions;
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::time::Duration;

use mio::windows::NamedPipe;
use mio::Token;

use crate::support::windows::{
    kind_of, open_client, pipe_name, pipe_pair, read_exactly, would_block, write_all, BOTH,
};
use crate::support::Fixture;

const SERVER: Token = Token(0);
const CLIENT: Token = Token(usize::MAX);
const NEXT: Token = Token(2);

#[test]
fn both_ends_become_writable_after_registration() {
    let mut fixture = Fixture::new();
    let name = pipe_name();
    let mut server = NamedPipe::new(&name).unwrap();
    let mut client = open_client(&name).unwrap();
    // Interests make no difference.
    fixture.register(&mut server, SERVER, mio::Interest::READABLE);
    fixture.register(&mut client, CLIENT, mio::Interest::READABLE);
    assert!(!fixture.expect_writable(SERVER).readable);
    assert!(!fixture.expect_writable(CLIENT).readable);
    fixture.expect_silence(SERVER);
}

#[test]
fn connect_with_a_client_there_succeeds() {
    let fixture = Fixture::new();
    let name = pipe_name();
    let mut server = NamedPipe::new(&name).unwrap();
    fixture.register(&mut server, SERVER, BOTH);
    let _client = open_client(&name).unwrap();
    server.connect().unwrap();
    server.connect().unwrap();
    assert!(server.take_error().unwrap().is_none());
}

#[test]
fn connect_without_a_client_ends_with_a_writable_event() {
    let mut fixture = Fixture::new();
    let name = pipe_name();
    let mut server = NamedPipe::new(&name).unwrap();
    fixture.register(&mut server, SERVER, BOTH);
    assert_eq!(kind_of(server.connect()), ErrorKind::WouldBlock);
    assert_eq!(kind_of(server.connect()), ErrorKind::WouldBlock);
    assert_eq!(kind_of(server.read(&mut [0; 1])), ErrorKind::WouldBlock);
    assert_eq!(kind_of(server.write(b"x")), ErrorKind::WouldBlock);
    fixture.poll_for(Duration::ZERO);
    assert!(fixture.events.is_empty());
    fixture.expect_silence(SERVER);

    let _client = open_client(&name).unwrap();
    fixture.expect_writable(SERVER);
    assert!(server.take_error().unwrap().is_none());
    assert_eq!(server.write(b"x").unwrap(), 1);
}

#[test]
fn connect_before_registration_begins_with_it() {
    let mut fixture = Fixture::new();
    let name = pipe_name();
    let mut server = NamedPipe::new(&name).unwrap();
    assert_eq!(kind_of(server.connect()), ErrorKind::WouldBlock);
    fixture.register(&mut server, SERVER, BOTH);
    fixture.expect_silence(SERVER);
    let _client = open_client(&name).unwrap();
    fixture.expect_writable(SERVER);
    assert!(server.take_error().unwrap().is_none());
    server.connect().unwrap();
}

#[test]
fn bytes_arrive_and_buffered_ones_come_first() {
    let mut fixture = Fixture::new();
    let (mut server, mut client) = pipe_pair(&mut fixture, SERVER, CLIENT);
    assert_eq!(kind_of(server.read(&mut [0; 8])), ErrorKind::WouldBlock);
    assert_eq!(client.write(b"abcdef").unwrap(), 6);
    fixture.expect_readable(SERVER);
    let mut buffer = [0; 4];
    assert_eq!(server.read(&mut []).unwrap(), 0);
    assert_eq!(server.read(&mut buffer).unwrap(), 4);
    assert_eq!(&buffer, b"abcd");
    assert_eq!(server.read(&mut buffer).unwrap(), 2);
    assert_eq!(&buffer[..2], b"ef");
    assert_eq!(kind_of(server.read(&mut buffer)), ErrorKind::WouldBlock);
    fixture.expect_writable(CLIENT);

    assert_eq!((&server).write(b"back").unwrap(), 4);
    assert_eq!(read_exactly(&mut fixture, &client, 4), b"back");
}

#[test]
fn second_write_waits_for_the_writable_event_of_the_first() {
    let mut fixture = Fixture::new();
    let (mut server, client) = pipe_pair(&mut fixture, SERVER, CLIENT);
    assert_eq!(server.write(b"one").unwrap(), 3);
    assert_eq!(kind_of(server.write(b"two")), ErrorKind::WouldBlock);
    fixture.expect_writable(SERVER);
    assert_eq!(server.write(b"two").unwrap(), 3);
    assert_eq!(read_exactly(&mut fixture, &client, 6), b"onetwo");
}

#[test]
fn megabytes_pass_in_both_directions() {
    let mut fixture = Fixture::new();
    let (server, client) = pipe_pair(&mut fixture, SERVER, CLIENT);
    let sent: Vec<u8> = (0..1_000_003_u32)
        .map(|number| (number % 251) as u8)
        .collect();
    for (mut from, mut to) in [(&server, &client), (&client, &server)] {
        let mut written = 0;
        let mut received = Vec::new();
        let mut buffer = [0; 5000];
        fixture.until("a megabyte", |_| {
            while written < sent.len() {
                let end = sent.len().min(written + 70_000);
                match would_block(from.write(&sent[written..end])) {
                    Some(count) => written += count.unwrap(),
                    None => break,
                }
            }
            while let Some(count) = would_block(to.read(&mut buffer)) {
                received.extend_from_slice(&buffer[..count.unwrap()]);
            }
            (received.len() >= sent.len()).then_some(())
        });
        assert!(received == sent);
    }
}

#[test]
fn vectored_operations_use_all_buffers() {
    let mut fixture = Fixture::new();
    let (mut server, mut client) = pipe_pair(&mut fixture, SERVER, CLIENT);
    let pieces = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cde")];
    assert_eq!(server.write_vectored(&pieces).unwrap(), 5);
    fixture.expect_readable(CLIENT);
    let (mut first, mut second) = ([0; 1], [b'-'; 6]);
    let mut buffers = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
    assert_eq!(client.read_vectored(&mut buffers).unwrap(), 5);
    assert_eq!((&first, &second), (b"a", b"bcde--"));
    assert_eq!(client.read_vectored(&mut []).unwrap(), 0);
}

#[test]
fn write_then_drop_still_arrives_and_then_the_end() {
    let mut fixture = Fixture::new();
    let (mut server, mut client) = pipe_pair(&mut fixture, SERVER, CLIENT);
    assert_eq!(server.write(b"goodbye").unwrap(), 7);
    drop(server);
    assert_eq!(read_exactly(&mut fixture, &client, 7), b"goodbye");
    let end = fixture.until("the end", |_| would_block(client.read(&mut [0; 8])));
    assert_eq!(end.unwrap(), 0);
    assert_eq!(client.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn large_write_then_drop_still_arrives() {
    let mut fixture = Fixture::new();
    let (server, client) = pipe_pair(&mut fixture, SERVER, CLIENT);
    // More than the system's buffer: it is under way when the pipe is dropped.
    let sent = vec![7; 300_000];
    write_all(&mut fixture, &server, &sent);
    drop(server);
    assert!(read_exactly(&mut fixture, &client, sent.len()) == sent);
}

#[test]
fn closed_peer_gives_the_end_of_reading_and_an_error_of_writing() {
    let mut fixture = Fixture::new();
    let (mut server, client) = pipe_pair(&mut fixture, SERVER, CLIENT);
    drop(client);
    let ready = fixture.expect_readable(SERVER);
    assert!(!ready.read_closed, "the pipe may serve another client");
    assert_eq!(server.read(&mut [0; 8]).unwrap(), 0);
    for _ in 0..16 {
        match fixture.until("a write", |_| would_block(server.write(b"x"))) {
            Ok(count) => assert_eq!(count, 1),
            Err(error) => return assert_eq!(error.kind(), ErrorKind::BrokenPipe, "{error}"),
        }
    }
    panic!("writing without a reader never fails");
}

#[test]
fn disconnected_server_serves_the_next_client() {
    let mut fixture = Fixture::new();
    let name = pipe_name();
    let mut server = NamedPipe::new(&name).unwrap();
    fixture.register(&mut server, SERVER, BOTH);
    for round in 0..3_u8 {
        let early = round == 1;
        let mut client = None;
        if !early {
            assert_eq!(kind_of(server.connect()), ErrorKind::WouldBlock);
        }
        let mut opened = fixture.until("a free instance", |_| open_client(&name).ok());
        fixture.register(&mut opened, NEXT, BOTH);
        client.replace(opened);
        fixture
            .until("the client", |_| would_block(server.connect()))
            .unwrap();
        assert!(server.take_error().unwrap().is_none());
        let client = client.unwrap();
        write_all(&mut fixture, &server, &[round; 9]);
        assert_eq!(read_exactly(&mut fixture, &client, 9), [round; 9]);
        write_all(&mut fixture, &client, b"unread");
        fixture.expect_readable(SERVER);
        server.disconnect().unwrap();
        if round == 0 {
            // For the round where a client comes before the call.
            assert_eq!(kind_of(server.connect()), ErrorKind::WouldBlock);
        }
        fixture.forget();
    }
}

#[test]
fn disconnect_ends_a_wait_for_a_client() {
    let mut fixture = Fixture::new();
    let name = pipe_name();
    let mut server = NamedPipe::new(&name).unwrap();
    fixture.register(&mut server, SERVER, BOTH);
    assert_eq!(kind_of(server.connect()), ErrorKind::WouldBlock);
    server.disconnect().unwrap();
    fixture.expect_silence(SERVER);
    assert_eq!(kind_of(server.connect()), ErrorKind::WouldBlock);
    let mut client = fixture.until("a free instance", |_| open_client(&name).ok());
    fixture.register(&mut client, CLIENT, BOTH);
    fixture.expect_writable(SERVER);
    assert!(server.take_error().unwrap().is_none());
    write_all(&mut fixture, &server, b"hello");
    assert_eq!(read_exactly(&mut fixture, &client, 5), b"hello");
}

#[test]
fn client_that_has_closed_before_connect_counts_as_connected() {
    let mut fixture = Fixture::new();
    let name = pipe_name();
    let mut server = NamedPipe::new(&name).unwrap();
    fixture.register(&mut server, SERVER, BOTH);
    let mut client = OpenOptions::new().write(true).open(&name).unwrap();
    client.write_all(b"quick").unwrap();
    drop(client);
    server.connect().unwrap();
    assert!(server.take_error().unwrap().is_none());
    // A consumer that has waited for the event calls it a second time.
    server.connect().unwrap();
    assert_eq!(read_exactly(&mut fixture, &server, 5), b"quick");
    let end = fixture.until("the end", |_| would_block(server.read(&mut [0; 8])));
    assert_eq!(end.unwrap(), 0);
    server.connect().unwrap();
    server.disconnect().unwrap();
    assert_eq!(kind_of(server.connect()), ErrorKind::WouldBlock);
    fixture.forget();
    let _client = fixture.until("a free instance", |_| open_client(&name).ok());
    fixture.expect_writable(SERVER);
    server.connect().unwrap();
}

#[test]
fn client_that_has_closed_before_registration_counts_as_connected() {
    let mut fixture = Fixture::new();
    let name = pipe_name();
    let mut server = NamedPipe::new(&name).unwrap();
    drop(open_client(&name).unwrap());
    server.connect().unwrap();
    fixture.register(&mut server, SERVER, BOTH);
    let end = fixture.until("the end", |_| would_block(server.read(&mut [0; 8])));
    assert_eq!(end.unwrap(), 0);
}

#[test]
fn client_that_closes_during_connect_is_an_end() {
    let mut fixture = Fixture::new();
    let name = pipe_name();
    let mut server = NamedPipe::new(&name).unwrap();
    fixture.register(&mut server, SERVER, BOTH);
    assert_eq!(kind_of(server.connect()), ErrorKind::WouldBlock);
    drop(open_client(&name).unwrap());
    fixture.expect_writable(SERVER);
    assert!(server.take_error().unwrap().is_none());
    server.connect().unwrap();
    let end = fixture.until("the end", |_| would_block(server.read(&mut [0; 8])));
    assert_eq!(end.unwrap(), 0);
}

#[test]
fn name_without_the_prefix_is_an_error() {
    assert!(NamedPipe::new("mio_wasi-no-prefix").is_err());
    assert!(NamedPipe::new("").is_err());
    let zero = NamedPipe::new("\\\\.\\pipe\\mio\0wasi");
    assert_eq!(kind_of(zero), ErrorKind::InvalidInput);
}

#[test]
#[cfg_attr(
    mio_on_wine,
    ignore = "Wine 8 doesn't know FILE_FLAG_FIRST_PIPE_INSTANCE"
)]
fn name_that_is_taken_is_refused() {
    let name = pipe_name();
    let _first = NamedPipe::new(&name).unwrap();
    assert_eq!(kind_of(NamedPipe::new(&name)), ErrorKind::PermissionDenied);
}
