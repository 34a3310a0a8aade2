//! What is seen from outside of the library only: descriptors, their modes, and
//! that none is left over. Linux.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::mem::zeroed;
use std::os::fd::{AsRawFd, RawFd};
use std::process::{Command, Stdio};
use std::time::Duration;

use mio::net::{TcpListener, TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixStream};
use mio::unix::pipe;
use mio::{Events, Interest, Poll, Token, Waker};

use crate::support::{local, start, tcp_pair, TempPath};

/// Has the descriptor been made non-blocking and closed on exec?
#[track_caller]
fn check_modes(source: &impl AsRawFd) {
    let fd = source.as_raw_fd();
    // SAFETY: the command takes no memory.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
    assert!(flags >= 0 && flags & libc::O_NONBLOCK != 0, "blocks");
    check_closed_on_exec(fd);
}

/// Is the descriptor closed on exec?
#[track_caller]
fn check_closed_on_exec(fd: RawFd) {
    // SAFETY: the command takes no memory.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFD) };
    assert!(flags >= 0 && flags & libc::FD_CLOEXEC != 0, "inherited");
}

#[test]
fn all_descriptors_are_non_blocking_and_closed_on_exec() {
    let (path, datagram_path) = (TempPath::new(), TempPath::new());
    let (client, server) = tcp_pair();
    check_modes(&client);
    check_modes(&server);
    check_modes(&TcpListener::bind(local()).unwrap());
    check_modes(&UdpSocket::bind(local()).unwrap());

    let listener = UnixListener::bind(&path).unwrap();
    check_modes(&listener);
    check_modes(&UnixStream::connect(&path).unwrap());
    check_modes(&listener.accept().unwrap().0);
    let (first, second) = UnixStream::pair().unwrap();
    check_modes(&first);
    check_modes(&second);

    check_modes(&UnixDatagram::bind(&datagram_path).unwrap());
    check_modes(&UnixDatagram::unbound().unwrap());
    let (first, second) = UnixDatagram::pair().unwrap();
    check_modes(&first);
    check_modes(&second);

    let (sender, receiver) = pipe::new().unwrap();
    check_modes(&sender);
    check_modes(&receiver);
}

#[cfg(not(mio_unsupported_force_poll_poll))] // it has no descriptor
#[test]
fn selector_and_its_clones_are_closed_on_exec() {
    let poll = Poll::new().unwrap();
    let registry = poll.registry().try_clone().unwrap();
    let (first, second) = (poll.as_raw_fd(), registry.as_raw_fd());
    assert!(first > 2 && second > 2 && first != second);
    check_closed_on_exec(first);
    check_closed_on_exec(second);
}

// ci/syscalls.sh runs this with two numbers of rounds, and counts the system calls
// that a round makes: three changes and three polls.
#[test]
fn rounds_of_changes_and_polls_repeat() {
    let rounds = std::env::var("MIO_SUITE_ROUNDS").map_or(10, |text| text.parse().unwrap());
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(8);
    let (_sender, mut receiver) = pipe::new().unwrap();
    let mut socket = UdpSocket::bind(local()).unwrap();
    poll.registry()
        .register(&mut receiver, Token(0), Interest::READABLE)
        .unwrap();
    for round in 1..=rounds {
        poll.registry()
            .register(&mut socket, Token(round), Interest::WRITABLE)
            .unwrap();
        poll.poll(&mut events, None).unwrap();
        assert!(events.iter().all(|event| event.token() == Token(round)));
        assert_eq!(events.iter().count(), 1);
        poll.registry()
            .reregister(&mut socket, Token(round + 1), Interest::WRITABLE)
            .unwrap();
        poll.poll(&mut events, None).unwrap();
        assert!(events.iter().all(|event| event.token() == Token(round + 1)));
        assert_eq!(events.iter().count(), 1);
        poll.registry().deregister(&mut socket).unwrap();
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        assert!(events.is_empty());
    }
}

#[test]
fn registry_clone_works_on_after_its_poll() {
    let poll = Poll::new().unwrap();
    let registry = poll.registry().try_clone().unwrap();
    let (mut sender, mut receiver) = pipe::new().unwrap();
    registry
        .register(&mut receiver, Token(1), Interest::READABLE)
        .unwrap();
    drop(poll);
    sender.write_all(b"hello").unwrap();
    registry
        .register(&mut sender, Token(2), Interest::WRITABLE)
        .unwrap();
    registry.deregister(&mut receiver).unwrap();
    registry.deregister(&mut sender).unwrap();
    assert_eq!(receiver.read(&mut [0; 8]).unwrap(), 5);
}

/// Runs one test of this file in a process of its own, where nobody else opens
/// descriptors. True in that process.
#[track_caller]
fn is_alone(test: &str) -> bool {
    const ALONE: &str = "MIO_SUITE_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", &format!("unix_system::{test}")])
        .args(["--test-threads=1", "--nocapture"])
        .env(ALONE, "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let output = start(&mut command).wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    false
}

/// Opens descriptors until there is none left.
fn open_all() -> Vec<File> {
    let mut files = Vec::new();
    loop {
        match File::open("/dev/null") {
            Ok(file) => files.push(file),
            Err(error) => {
                assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
                return files;
            }
        }
    }
}

/// Allows this process no descriptor from this number on.
fn limit_descriptors(limit: libc::rlim_t) {
    // SAFETY: zero is a value of all its fields, which are integers.
    let mut limits: libc::rlimit = unsafe { zeroed() };
    // SAFETY: the pointer is to a local that outlives the call.
    let result = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limits) };
    assert_eq!(result, 0);
    limits.rlim_cur = limit;
    // SAFETY: as above.
    let result = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limits) };
    assert_eq!(result, 0);
}

/// A function that makes something, which is dropped.
type Constructor<'a> = (&'a str, Box<dyn Fn() -> io::Result<()> + 'a>);

/// Makes a named entry of a function that makes something.
fn constructor<'a, T>(name: &'a str, make: impl Fn() -> io::Result<T> + 'a) -> Constructor<'a> {
    (name, Box::new(move || make().map(drop)))
}

#[test]
fn constructors_without_descriptors_left_fail_and_leak_nothing() {
    if !is_alone("constructors_without_descriptors_left_fail_and_leak_nothing") {
        return;
    }
    let (path, other_path) = (TempPath::new(), TempPath::new());
    let listener = TcpListener::bind(local()).unwrap();
    let address = listener.local_addr().unwrap();
    let unix_listener = UnixListener::bind(&path).unwrap();
    let poll = Poll::new().unwrap();
    let bind_datagram = || {
        let _ = fs::remove_file(&other_path);
        UnixDatagram::bind(&other_path)
    };
    let bind_listener = || {
        let _ = fs::remove_file(&other_path);
        UnixListener::bind(&other_path)
    };
    // In release builds a poll takes several wakers; otherwise each has its own.
    let waker = || Poll::new().and_then(|poll| Waker::new(poll.registry(), Token(0)));
    let constructors = [
        constructor("Poll::new", Poll::new),
        constructor("Registry::try_clone", || poll.registry().try_clone()),
        constructor("Waker::new", waker),
        constructor("TcpListener::bind", || TcpListener::bind(local())),
        constructor("TcpStream::connect", || TcpStream::connect(address)),
        constructor("TcpListener::accept", || listener.accept()),
        constructor("UdpSocket::bind", || UdpSocket::bind(local())),
        constructor("UnixListener::bind", bind_listener),
        constructor("UnixListener::accept", || unix_listener.accept()),
        constructor("UnixStream::connect", || UnixStream::connect(&path)),
        constructor("UnixStream::pair", UnixStream::pair),
        constructor("UnixDatagram::bind", bind_datagram),
        constructor("UnixDatagram::unbound", UnixDatagram::unbound),
        constructor("UnixDatagram::pair", UnixDatagram::pair),
        constructor("pipe::new", pipe::new),
    ];
    limit_descriptors(64);
    let mut taken = open_all();
    for (name, make) in &constructors {
        for free in 0..4 {
            let spare: Vec<_> = taken.drain(taken.len() - free..).collect();
            drop(spare);
            let result = make();
            if let Err(error) = &result {
                let expected = [Some(libc::EMFILE), Some(libc::EAGAIN)];
                assert!(expected.contains(&error.raw_os_error()), "{name}: {error}");
            }
            let reopened = open_all();
            assert_eq!(reopened.len(), free, "{name} with {free} left: {result:?}");
            taken.extend(reopened);
        }
    }
}

#[test]
fn constructors_that_are_refused_leak_nothing() {
    if !is_alone("constructors_that_are_refused_leak_nothing") {
        return;
    }
    let (path, dead_path) = (TempPath::new(), TempPath::new());
    let listener = TcpListener::bind(local()).unwrap();
    let used = listener.local_addr().unwrap();
    let socket = UdpSocket::bind(local()).unwrap();
    let used_by_udp = socket.local_addr().unwrap();
    let _unix_listener = UnixListener::bind(&path).unwrap();
    drop(UnixListener::bind(&dead_path).unwrap());
    // Broadcast can't be connected to, and nobody has this address.
    let nowhere = "255.255.255.255:9".parse().unwrap();
    let foreign = "192.0.2.1:0".parse().unwrap();
    let constructors = [
        constructor("TcpListener::bind, used", || TcpListener::bind(used)),
        constructor("TcpListener::bind, foreign", || TcpListener::bind(foreign)),
        constructor("TcpStream::connect", || TcpStream::connect(nowhere)),
        constructor("TcpListener::accept", || listener.accept()),
        constructor("UdpSocket::bind", || UdpSocket::bind(used_by_udp)),
        constructor("UnixListener::bind", || UnixListener::bind(&path)),
        constructor("UnixDatagram::bind", || UnixDatagram::bind(&path)),
        constructor("UnixStream::connect", || UnixStream::connect(&dead_path)),
        constructor("UnixStream::connect, too long", || {
            UnixStream::connect("x".repeat(200))
        }),
    ];
    let count = || fs::read_dir("/proc/self/fd").unwrap().count();
    let before = count();
    for (name, make) in &constructors {
        for _ in 0..3 {
            make().expect_err(name);
        }
        assert_eq!(count(), before, "{name}");
    }
}

#[test]
fn many_polls_leak_nothing() {
    if !is_alone("many_polls_leak_nothing") {
        return;
    }
    let count = || {
        // An emulated kqueue closes its descriptors when the next one is made.
        drop(Poll::new().unwrap());
        fs::read_dir("/proc/self/fd").unwrap().count()
    };
    let before = count();
    let mut events = Events::with_capacity(4);
    for _ in 0..2000 {
        let mut poll = Poll::new().unwrap();
        let waker = Waker::new(poll.registry(), Token(0)).unwrap();
        let (mut sender, _receiver) = pipe::new().unwrap();
        let registry = poll.registry().try_clone().unwrap();
        registry
            .register(&mut sender, Token(1), Interest::WRITABLE)
            .unwrap();
        waker.wake().unwrap();
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        assert_eq!(events.iter().count(), 2);
    }
    assert_eq!(count(), before);
}
