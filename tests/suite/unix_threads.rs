//! Threads and signals that act on a waiting poll. Linux, where /proc shows that a thread
//! sleeps.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::mem::zeroed;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use mio::net::{TcpListener, UdpSocket};
use mio::unix::pipe;
use mio::{Events, Interest, Poll, Registry, Token, Waker};

use crate::support::local;

/// How long a test waits for an event.
const DEADLINE: Duration = Duration::from_secs(5);

/// A thread that waits in a poll, and sends the tokens of its events.
struct Waiting {
    registry: Registry,
    waker: Waker,
    /// Its id in the system.
    thread: libc::pid_t,
    events: mpsc::Receiver<Token>,
    handle: thread::JoinHandle<()>,
}

const STOP: Token = Token(99);

impl Waiting {
    /// Starts the thread.
    fn start() -> Self {
        let mut poll = Poll::new().unwrap();
        let registry = poll.registry().try_clone().unwrap();
        let waker = Waker::new(&registry, STOP).unwrap();
        let (sender, events) = mpsc::channel();
        let (id_sender, id) = mpsc::channel();
        let handle = thread::spawn(move || {
            // SAFETY: the call takes nothing.
            id_sender.send(unsafe { libc::gettid() }).unwrap();
            let mut events = Events::with_capacity(8);
            loop {
                poll.poll(&mut events, None).unwrap();
                for event in &events {
                    if event.token() == STOP {
                        return;
                    }
                    sender.send(event.token()).unwrap();
                }
            }
        });
        let thread = id.recv().unwrap();
        let waiting = Self {
            registry,
            waker,
            thread,
            events,
            handle,
        };
        waiting.until_asleep();
        waiting
    }

    /// Returns when the thread sleeps in its poll.
    fn until_asleep(&self) {
        let path = format!("/proc/self/task/{}/stat", self.thread);
        let start = Instant::now();
        loop {
            let stat = fs::read_to_string(&path).unwrap();
            // The state is what follows the name, which is in parentheses.
            let state = stat.rsplit(") ").next().unwrap();
            if state.starts_with('S') {
                return;
            }
            assert!(start.elapsed() < DEADLINE, "the thread never waits");
            thread::yield_now();
        }
    }

    /// The next event.
    #[track_caller]
    fn next(&self) -> Token {
        self.events.recv_timeout(DEADLINE).expect("an event")
    }

    /// Ends the thread; the events that no test has consumed.
    fn stop(self) -> Vec<Token> {
        self.waker.wake().unwrap();
        self.handle.join().unwrap();
        self.events.try_iter().collect()
    }
}

#[test]
fn registering_during_a_poll_takes_effect_at_once() {
    let waiting = Waiting::start();
    let mut sockets = Vec::new();
    for number in 0..20 {
        waiting.until_asleep();
        let mut socket = UdpSocket::bind(local()).unwrap();
        waiting
            .registry
            .register(&mut socket, Token(number), Interest::WRITABLE)
            .unwrap();
        assert_eq!(waiting.next(), Token(number));
        sockets.push(socket);
    }
    assert_eq!(waiting.stop(), [], "reported once only");
}

#[test]
fn reregistering_during_a_poll_takes_effect_at_once() {
    let waiting = Waiting::start();
    let mut socket = UdpSocket::bind(local()).unwrap();
    waiting
        .registry
        .register(&mut socket, Token(0), Interest::READABLE)
        .unwrap();
    for number in 1..20 {
        waiting.until_asleep();
        waiting
            .registry
            .reregister(&mut socket, Token(number), Interest::WRITABLE)
            .unwrap();
        assert_eq!(waiting.next(), Token(number));
    }
    assert_eq!(waiting.stop(), []);
}

#[test]
fn deregistering_during_a_poll_takes_effect_at_once() {
    let waiting = Waiting::start();
    for _ in 0..20 {
        let (mut sender, mut receiver) = pipe::new().unwrap();
        waiting
            .registry
            .register(&mut receiver, Token(0), Interest::READABLE)
            .unwrap();
        waiting.until_asleep();
        waiting.registry.deregister(&mut receiver).unwrap();
        sender.write_all(b"late").unwrap();
    }
    assert_eq!(waiting.stop(), []);
}

// mio's issue 776, with a poll that waits: it must not keep the descriptor open.
#[test]
fn dropping_during_a_poll_closes_at_once() {
    let waiting = Waiting::start();
    for _ in 0..20 {
        let (mut here, there) = pipe::new().unwrap();
        let mut there = there;
        waiting
            .registry
            .register(&mut there, Token(0), Interest::READABLE)
            .unwrap();
        waiting.until_asleep();
        drop(there);
        let start = Instant::now();
        while !matches!(here.write(b"late"), Err(error) if error.kind() == ErrorKind::BrokenPipe) {
            assert!(start.elapsed() < DEADLINE, "the other end is still open");
            thread::yield_now();
        }
    }
    waiting.stop();
}

#[test]
fn reading_in_another_thread_waits_for_the_next_data() {
    let waiting = Waiting::start();
    let (mut sender, mut receiver) = pipe::new().unwrap();
    waiting
        .registry
        .register(&mut receiver, Token(0), Interest::READABLE)
        .unwrap();
    for _ in 0..20 {
        waiting.until_asleep();
        sender.write_all(b"hello").unwrap();
        assert_eq!(waiting.next(), Token(0));
        waiting.until_asleep();
        assert_eq!(receiver.read(&mut [0; 5]).unwrap(), 5);
        while !matches!(receiver.read(&mut [0; 5]), Err(error) if error.kind() == ErrorKind::WouldBlock)
        {
        }
        // The complete read may have been reported once more.
        waiting.until_asleep();
        while waiting.events.try_recv().is_ok() {}
    }
    waiting.stop();
}

#[test]
fn wakes_of_many_threads_are_not_lost() {
    let waiting = Waiting::start();
    let (sender, receiver) = mpsc::channel();
    let mut poll = Poll::new().unwrap();
    let waker = std::sync::Arc::new(Waker::new(poll.registry(), Token(0)).unwrap());
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (waker, sender) = (waker.clone(), sender.clone());
            thread::spawn(move || {
                for number in 0..500 {
                    sender.send(number).unwrap();
                    waker.wake().unwrap();
                }
            })
        })
        .collect();
    let mut events = Events::with_capacity(1);
    let mut count = 0;
    while count < 4 * 500 {
        poll.poll(&mut events, Some(DEADLINE)).unwrap();
        assert!(!events.is_empty(), "woken for {count} messages only");
        count += receiver.try_iter().count();
    }
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(waiting.stop(), [], "the other poll was not woken");
}

/// Does nothing: the signal only has to interrupt the wait.
extern "C" fn ignore_signal(_: libc::c_int) {}

#[test]
fn signal_during_a_poll_is_interrupted() {
    // SAFETY: zero is a value of all its fields: integers and no function.
    let mut action: libc::sigaction = unsafe { zeroed() };
    action.sa_sigaction = ignore_signal as extern "C" fn(libc::c_int) as usize;
    // SAFETY: the action lives on; its function does nothing, so that it can be
    // run at any point.
    let result = unsafe { libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut()) };
    assert_eq!(result, 0);

    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(8);
    let (mut sender, mut receiver) = pipe::new().unwrap();
    sender.write_all(b"hello").unwrap();
    let registry = poll.registry();
    registry
        .register(&mut receiver, Token(0), Interest::READABLE)
        .unwrap();
    poll.poll(&mut events, Some(DEADLINE)).unwrap();
    assert!(!events.is_empty());

    // SAFETY: the call takes nothing.
    let this_thread = unsafe { libc::pthread_self() } as usize;
    let is_done = AtomicBool::new(false);
    let result = thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Acquire) {
                // SAFETY: the thread lives, since it waits for this one.
                unsafe { libc::pthread_kill(this_thread as libc::pthread_t, libc::SIGUSR1) };
                thread::yield_now();
            }
        });
        let result = poll.poll(&mut events, Some(DEADLINE));
        is_done.store(true, Ordering::Release);
        result
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Interrupted);
    assert!(events.is_empty(), "{events:?}");
}

// As above: once it is dropped or deregistered, no connection is accepted. The many others make
// poll(2) take longer to release the listener.
#[test]
fn listener_that_is_dropped_during_a_poll_refuses_at_once() {
    let waiting = Waiting::start();
    let mut others: Vec<_> = (0..400)
        .map(|_| UdpSocket::bind(local()).unwrap())
        .collect();
    for other in &mut others {
        waiting
            .registry
            .register(other, Token(1), Interest::READABLE)
            .unwrap();
    }
    for round in 0..50 {
        let mut listener = TcpListener::bind(local()).unwrap();
        let address = listener.local_addr().unwrap();
        waiting
            .registry
            .register(&mut listener, Token(0), Interest::READABLE)
            .unwrap();
        waiting.until_asleep();
        if round % 2 == 0 {
            waiting.registry.deregister(&mut listener).unwrap();
        }
        drop(listener);
        let error = std::net::TcpStream::connect(address).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused, "round {round}");
    }
    waiting.stop();
}
