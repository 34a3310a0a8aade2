//! Pipes of this library and of child processes.

use std::io::{ErrorKind, IoSlice, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
use std::process::{Command, Stdio};

use mio::unix::pipe::{self, Receiver, Sender};
use mio::{Interest, Token};

use crate::support::{start, Fixture};

const SENDER: Token = Token(1);
const RECEIVER: Token = Token(2);

/// A registered pipe, with the first writable event taken.
fn registered(fixture: &mut Fixture) -> (Sender, Receiver) {
    let (mut sender, mut receiver) = pipe::new().unwrap();
    fixture.register(&mut sender, SENDER, Interest::WRITABLE);
    fixture.register(&mut receiver, RECEIVER, Interest::READABLE);
    fixture.expect_writable(SENDER);
    fixture.expect_silence(RECEIVER);
    fixture.forget();
    (sender, receiver)
}

/// Writes until the pipe is full; the number of bytes.
fn fill(mut sender: &Sender) -> usize {
    let mut sent = 0;
    loop {
        match sender.write(&[1; 4096]) {
            Ok(count) => sent += count,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                return sent;
            }
        }
    }
}

#[test]
fn bytes_arrive_and_are_reported() {
    let mut fixture = Fixture::new();
    let (mut sender, mut receiver) = registered(&mut fixture);
    let empty = receiver.read(&mut [0; 8]).unwrap_err();
    assert_eq!(empty.kind(), ErrorKind::WouldBlock);
    for _ in 0..3 {
        let parts = [IoSlice::new(b"mar"), IoSlice::new(b"co")];
        assert_eq!(sender.write_vectored(&parts).unwrap(), 5);
        fixture.expect_readable(RECEIVER);
        let mut message = [0; 8];
        assert_eq!((&receiver).read(&mut message).unwrap(), 5);
        assert_eq!(&message[..5], b"marco");
        let empty = receiver.read(&mut message).unwrap_err();
        assert_eq!(empty.kind(), ErrorKind::WouldBlock);
    }
    sender.flush().unwrap();
}

#[test]
fn drained_pipe_becomes_writable() {
    let mut fixture = Fixture::new();
    let (sender, mut receiver) = registered(&mut fixture);
    let mut sent = fill(&sender);
    fixture.expect_silence(SENDER);
    let mut buffer = [0; 4096];
    while sent > 0 {
        sent -= receiver.read(&mut buffer).unwrap();
    }
    fixture.expect_writable(SENDER);
}

#[test]
fn dropped_sender_is_one_read_closed_event() {
    let mut fixture = Fixture::new();
    let (mut sender, mut receiver) = registered(&mut fixture);
    sender.write_all(b"last").unwrap();
    drop(sender);
    fixture.expect(RECEIVER, "read closed", |ready| ready.read_closed);
    let mut text = String::new();
    assert_eq!(receiver.read_to_string(&mut text).unwrap(), 4);
    assert_eq!(text, "last");
    // Unread data may have been reported once more together with the end.
    fixture.poll_for(std::time::Duration::ZERO);
    fixture.forget();
    fixture.expect_silence(RECEIVER);
    fixture.expect_silence(SENDER);
}

#[test]
fn dropped_receiver_is_one_write_closed_event() {
    let mut fixture = Fixture::new();
    let (mut sender, receiver) = registered(&mut fixture);
    drop(receiver);
    fixture.expect(SENDER, "write closed", |ready| ready.write_closed);
    fixture.expect_silence(SENDER);
    let broken = sender.write(b"late").unwrap_err();
    assert_eq!(broken.kind(), ErrorKind::BrokenPipe);
}

// mio's issue 1350: an error alone, while the buffer is full.
#[test]
fn dropped_receiver_of_a_full_pipe_is_write_closed() {
    let mut fixture = Fixture::new();
    let (sender, receiver) = registered(&mut fixture);
    fill(&sender);
    fixture.expect_silence(SENDER);
    drop(receiver);
    fixture.expect(SENDER, "write closed", |ready| ready.write_closed);
}

#[test]
fn output_of_a_child_blocks_until_set_nonblocking() {
    let mut fixture = Fixture::new();
    let mut command = Command::new("cat");
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = start(piped.stderr(Stdio::piped()));
    let mut input = Sender::from(child.stdin.take().unwrap());
    let mut output = Receiver::from(child.stdout.take().unwrap());
    let mut errors = Receiver::from(child.stderr.take().unwrap());
    for fd in [input.as_raw_fd(), output.as_raw_fd(), errors.as_raw_fd()] {
        assert!(!is_nonblocking(fd));
    }
    input.set_nonblocking(true).unwrap();
    output.set_nonblocking(true).unwrap();
    errors.set_nonblocking(true).unwrap();
    let empty = output.read(&mut [0; 8]).unwrap_err();
    assert_eq!(empty.kind(), ErrorKind::WouldBlock);

    fixture.register(&mut output, RECEIVER, Interest::READABLE);
    fixture.register(&mut errors, Token(3), Interest::READABLE);
    input.write_all(b"hello").unwrap();
    fixture.expect_readable(RECEIVER);
    let mut message = [0; 8];
    assert_eq!(output.read(&mut message).unwrap(), 5);
    assert_eq!(&message[..5], b"hello");
    drop(input);
    for token in [RECEIVER, Token(3)] {
        fixture.expect(token, "read closed", |ready| ready.read_closed);
    }
    assert_eq!(errors.read(&mut message).unwrap(), 0);
    assert!(child.wait().unwrap().success());
    output.set_nonblocking(false).unwrap();
    assert!(!is_nonblocking(output.as_raw_fd()));
}

/// Does this descriptor have O_NONBLOCK?
fn is_nonblocking(fd: i32) -> bool {
    // SAFETY: the command takes no memory.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
    assert!(flags >= 0);
    flags & libc::O_NONBLOCK != 0
}

#[test]
fn try_io_rearms_after_would_block() {
    let mut fixture = Fixture::new();
    let (mut sender, receiver) = registered(&mut fixture);
    for round in 0..3 {
        sender.write_all(&[round]).unwrap();
        fixture.expect_readable(RECEIVER);
        let mut byte = [0xff];
        let count = receiver.try_io(|| (&receiver).read(&mut byte)).unwrap();
        assert_eq!((count, byte), (1, [round]));
        let result = receiver.try_io(|| (&receiver).read(&mut byte));
        assert_eq!(result.unwrap_err().kind(), ErrorKind::WouldBlock);
    }
    let returned = sender.try_io(|| Ok(7)).unwrap();
    assert_eq!(returned, 7);
}

#[test]
fn conversions_keep_the_pipe() {
    let (sender, receiver) = pipe::new().unwrap();
    let fd = sender.as_raw_fd();
    let sender = Sender::from(OwnedFd::from(sender));
    // SAFETY: the ends give their descriptors up.
    let mut sender = unsafe { Sender::from_raw_fd(sender.into_raw_fd()) };
    // SAFETY: as above.
    let mut receiver = unsafe { Receiver::from_raw_fd(receiver.into_raw_fd()) };
    assert_eq!(sender.as_raw_fd(), fd);
    sender.write_all(b"hello").unwrap();
    assert_eq!(receiver.read(&mut [0; 8]).unwrap(), 5);
}
