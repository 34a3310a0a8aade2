//! Named pipes: registrations, drops, messages and steady state. Windows only.

use std::io::{ErrorKind, Read, Write};
use std::os::windows::io::{AsRawHandle, FromRawHandle};
use std::ptr;

use mio::windows::NamedPipe;
use mio::{Poll, Token};
use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::Storage::FileSystem::{FILE_FLAG_OVERLAPPED, PIPE_ACCESS_DUPLEX};
use windows_sys::Win32::System::Pipes::{
    CreateNamedPipeW, SetNamedPipeHandleState, PIPE_READMODE_MESSAGE, PIPE_TYPE_MESSAGE,
};

use crate::support::windows::{
    kind_of, open_client, pipe_name, pipe_pair, read_exactly, would_block, write_all, BOTH,
};
use crate::support::{allocations_during, Fixture};

const SERVER: Token = Token(0);
const CLIENT: Token = Token(1);
const OTHER: Token = Token(2);

#[test]
fn unregistered_pipe_would_block_and_is_not_found() {
    let fixture = Fixture::new();
    let mut server = NamedPipe::new(pipe_name()).unwrap();
    assert_eq!(kind_of(server.read(&mut [0; 1])), ErrorKind::WouldBlock);
    assert_eq!(kind_of(server.write(b"x")), ErrorKind::WouldBlock);
    let registry = fixture.poll.registry();
    let unknown = registry.reregister(&mut server, OTHER, BOTH);
    assert_eq!(kind_of(unknown), ErrorKind::NotFound);
    assert_eq!(
        kind_of(registry.deregister(&mut server)),
        ErrorKind::NotFound
    );
}

#[test]
fn pipe_belongs_to_the_poll_of_its_first_registration() {
    let fixture = Fixture::new();
    let other = Poll::new().unwrap();
    let mut server = NamedPipe::new(pipe_name()).unwrap();
    fixture.register(&mut server, SERVER, BOTH);
    let registry = other.registry();
    for result in [
        registry.register(&mut server, OTHER, BOTH),
        registry.reregister(&mut server, OTHER, BOTH),
        registry.deregister(&mut server),
        fixture.poll.registry().register(&mut server, OTHER, BOTH),
    ] {
        assert_eq!(kind_of(result), ErrorKind::AlreadyExists);
    }
    let own = fixture.poll.registry();
    own.deregister(&mut server).unwrap();
    assert_eq!(kind_of(own.deregister(&mut server)), ErrorKind::NotFound);
    let elsewhere = registry.register(&mut server, OTHER, BOTH);
    assert_eq!(kind_of(elsewhere), ErrorKind::AlreadyExists);
    own.register(&mut server, SERVER, BOTH).unwrap();
}

#[test]
fn deregistered_pipe_is_silent_though_its_packets_are_queued() {
    // Consumers use tokens as pointers, so a stale event is a memory error.
    let mut fixture = Fixture::new();
    let (mut server, mut client) = pipe_pair(&mut fixture, SERVER, CLIENT);
    client.write_all(b"news").unwrap();
    server.write_all(b"more").unwrap();
    fixture.poll.registry().deregister(&mut server).unwrap();
    fixture.expect_silence(SERVER);

    // What was read in the background is not lost.
    fixture.register(&mut server, OTHER, BOTH);
    fixture.expect_readable(OTHER);
    assert_eq!(read_exactly(&mut fixture, &server, 4), b"news");
    fixture.expect_silence(SERVER);
}

#[test]
fn dropped_pipe_is_silent_and_its_peer_sees_the_end_without_a_poll() {
    let mut fixture = Fixture::new();
    let (server, mut client) = pipe_pair(&mut fixture, SERVER, CLIENT);
    client.write_all(b"unread").unwrap();
    drop(server);
    let mut own = Fixture::new();
    own.expect_silence(SERVER);
    // Only now are the packets of both pipes dequeued.
    fixture.expect_readable(CLIENT);
    assert_eq!(client.read(&mut [0; 8]).unwrap(), 0);
    fixture.expect_silence(SERVER);
}

#[test]
fn reregister_repeats_the_event_with_the_new_token() {
    let mut fixture = Fixture::new();
    let (mut server, mut client) = pipe_pair(&mut fixture, SERVER, CLIENT);
    client.write_all(b"here").unwrap();
    fixture.expect_readable(SERVER);
    fixture.expect_silence(SERVER);
    let registry = fixture.poll.registry();
    registry.reregister(&mut server, OTHER, BOTH).unwrap();
    let ready = fixture.expect_readable(OTHER);
    assert!(ready.writable);
    fixture.expect_silence(SERVER);
}

#[test]
fn one_event_per_pipe_and_poll() {
    let mut fixture = Fixture::new();
    let (mut server, mut client) = pipe_pair(&mut fixture, SERVER, CLIENT);
    client.write_all(b"a").unwrap();
    server.write_all(b"b").unwrap();
    let timeout = std::time::Duration::from_secs(1);
    fixture
        .poll
        .poll(&mut fixture.events, Some(timeout))
        .unwrap();
    let of_server = fixture
        .events
        .iter()
        .filter(|event| event.token() == SERVER);
    assert!(of_server.count() <= 1, "{:?}", fixture.events);
}

#[test]
fn pipe_works_on_while_only_a_registry_is_left() {
    let mut fixture = Fixture::new();
    let (server, client) = pipe_pair(&mut fixture, SERVER, CLIENT);
    write_all(&mut fixture, &server, b"last words");
    drop(fixture);
    let mut server = server;
    // No poll dequeues packets any more, so no operation completes; none fails.
    assert_eq!(kind_of(server.read(&mut [0; 1])), ErrorKind::WouldBlock);
    drop(client);
    drop(server);
}

#[test]
fn message_larger_than_all_buffers_arrives_complete() {
    let mut fixture = Fixture::new();
    let name = pipe_name();
    let mut server = message_server(&name);
    let mut client = open_client(&name).unwrap();
    let mode = PIPE_READMODE_MESSAGE;
    // SAFETY: the mode is a local, and the call is done with it when it returns.
    let result =
        unsafe { SetNamedPipeHandleState(client.as_raw_handle(), &mode, ptr::null(), ptr::null()) };
    assert_ne!(result, 0, "{}", std::io::Error::last_os_error());
    fixture.register(&mut server, SERVER, BOTH);
    fixture.register(&mut client, CLIENT, BOTH);
    let sent: Vec<u8> = (0..20_011_u32).map(|number| (number % 241) as u8).collect();
    write_all(&mut fixture, &server, &sent);
    fixture.expect_readable(CLIENT);
    let mut received = Vec::new();
    let mut buffer = [0; 100];
    while received.len() < sent.len() {
        let count = fixture.until("a message", |_| would_block(client.read(&mut buffer)));
        received.extend_from_slice(&buffer[..count.unwrap()]);
    }
    assert!(received == sent);
    assert_eq!(kind_of(client.read(&mut buffer)), ErrorKind::WouldBlock);
}

#[test]
fn steady_state_of_a_pipe_allocates_nothing() {
    let mut fixture = Fixture::new();
    let (mut server, mut client) = pipe_pair(&mut fixture, SERVER, CLIENT);
    let mut buffer = [0; 64];
    let mut exchange = |fixture: &mut Fixture| {
        for _ in 0..100 {
            client.write_all(&[5; 64]).unwrap();
            let mut is_done = (false, false);
            while is_done != (true, true) {
                fixture.poll.poll(&mut fixture.events, None).unwrap();
                for event in &fixture.events {
                    is_done.0 |= event.token() == SERVER && event.is_readable();
                    is_done.1 |= event.token() == CLIENT && event.is_writable();
                }
            }
            assert_eq!(server.read(&mut buffer).unwrap(), 64);
        }
    };
    exchange(&mut fixture);
    assert_eq!(allocations_during(|| exchange(&mut fixture)), 0);
}

/// A server that sends messages, which `NamedPipe::new` doesn't make.
fn message_server(name: &str) -> NamedPipe {
    let name: Vec<u16> = name.encode_utf16().chain([0]).collect();
    // SAFETY: the name ends with a zero and outlives the call.
    let handle = unsafe {
        CreateNamedPipeW(
            name.as_ptr(),
            PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED,
            PIPE_TYPE_MESSAGE,
            1,
            65_536,
            65_536,
            0,
            ptr::null(),
        )
    };
    assert_ne!(handle, INVALID_HANDLE_VALUE);
    // SAFETY: the call has just returned it, and nothing else owns it.
    unsafe { NamedPipe::from_raw_handle(handle) }
}
