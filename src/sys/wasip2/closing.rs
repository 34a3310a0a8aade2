//! Closes TCP streams without blocking, on WASI preview 2.
//!
//! A write hands bytes to the host, which may still be sending them when the stream is closed.
//! What happens then is up to the host (the documentation of `output-stream` in wasi:io 0.2).
//! wasmtime 36 discards them. wasmtime 49 blocks the whole program until the peer has read
//! them (`TcpWriter::cancel` in crates/wasi/src/p2/tcp.rs), which may never happen. A kernel
//! does neither: it goes on sending.
//!
//! So does this module. A stream that is not writable goes into a list. Each call of poll(2)
//! waits for the streams of the list too, and closes those that have become writable. At the
//! end of the program it waits for the rest, for at most `MAX_EXIT_WAIT_MS`. They are not shut
//! down for writing before: jco 1.35 makes a close of that, which discards the bytes
//! (`socketTcpShutdown` in preview2-shim's io/worker-socket-tcp.js).

use std::net::TcpStream;
use std::ops::Deref;
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd, RawFd};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

use libc::{c_int, pollfd, POLLOUT};

use crate::sys::posix::raw_poll;

/// The streams that are closed when everything is sent.
static SENDING: Mutex<Vec<OwnedFd>> = Mutex::new(Vec::new());

/// A stream whose drop never blocks.
pub(super) struct UnblockedClose {
    /// The stream; `None` only while it is dropped or converted.
    stream: Option<TcpStream>,
}

impl From<TcpStream> for UnblockedClose {
    fn from(stream: TcpStream) -> Self {
        Self {
            stream: Some(stream),
        }
    }
}

impl From<UnblockedClose> for OwnedFd {
    fn from(mut closing: UnblockedClose) -> Self {
        closing.take().into()
    }
}

impl IntoRawFd for UnblockedClose {
    fn into_raw_fd(mut self) -> RawFd {
        self.take().into_raw_fd()
    }
}

impl Deref for UnblockedClose {
    type Target = TcpStream;

    fn deref(&self) -> &TcpStream {
        self.stream.as_ref().expect(PRESENT)
    }
}

impl Drop for UnblockedClose {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.take() {
            if is_sending(&stream) {
                close_when_sent(stream.into());
            }
        }
    }
}

impl UnblockedClose {
    /// Moves the stream out, before it is converted.
    fn take(&mut self) -> TcpStream {
        self.stream.take().expect(PRESENT)
    }
}

/// Is the host sending? It reports a stream as writable when it is not, but only to a call
/// that may wait (`poll_call.rs`). A socket with an error is not connected: EINPROGRESS, or why
/// that has failed. Nor is one that can't be polled.
fn is_sending(stream: &TcpStream) -> bool {
    if !matches!(stream.take_error(), Ok(None)) {
        return false;
    }
    let mut fd = to_pollfd(stream.as_raw_fd());
    raw_poll::poll(std::slice::from_mut(&mut fd), MAX_CLOSE_WAIT_MS).is_ok() && fd.revents == 0
}

/// Puts a stream into the list.
fn close_when_sent(stream: OwnedFd) {
    static EXIT: Once = Once::new();
    EXIT.call_once(|| {
        // SAFETY: the function takes no arguments, and nothing that it uses is ever freed.
        if unsafe { libc::atexit(close_at_exit) } != 0 {
            crate::log::debug!("atexit(3) failed: bytes may be lost at the end of the program");
        }
    });
    lock().push(stream);
}

/// Adds the streams of the list to an array for poll(2).
pub(super) fn add_sending(fds: &mut Vec<pollfd>) {
    fds.extend(lock().iter().map(|fd| to_pollfd(fd.as_raw_fd())));
}

/// Closes the streams that poll(2) has reported, and returns their number. `fds` is what
/// `add_sending` has added.
pub(super) fn close_reported(fds: &[pollfd]) -> usize {
    let is_reported = |fd: RawFd| fds.iter().any(|other| other.fd == fd && other.revents != 0);
    let mut sending = lock();
    let before = sending.len();
    sending.retain(|fd| !is_reported(fd.as_raw_fd()));
    before - sending.len()
}

/// Waits until everything is sent, for at most `MAX_EXIT_WAIT_MS`. libc calls it when the
/// program ends.
extern "C" fn close_at_exit() {
    let max = Duration::from_millis(MAX_EXIT_WAIT_MS);
    let start = Instant::now();
    let mut fds = Vec::new();
    while let Some(left) = max.checked_sub(start.elapsed()) {
        fds.clear();
        add_sending(&mut fds);
        // Rounded up, so that the last call is no busy loop.
        if fds.is_empty() || raw_poll::poll(&mut fds, left.as_millis() as c_int + 1).is_err() {
            return;
        }
        close_reported(&fds);
    }
}

/// An element of an array for poll(2), to wait until the stream is writable.
fn to_pollfd(fd: RawFd) -> pollfd {
    pollfd {
        fd,
        events: POLLOUT,
        revents: 0,
    }
}

/// Locks the list, which no panic leaves half changed.
fn lock() -> MutexGuard<'static, Vec<OwnedFd>> {
    SENDING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why there is a stream.
const PRESENT: &str = "a stream is taken once, by its drop or a conversion";

/// The longest wait for a stream to be reported as writable, before it goes into the list. The
/// documentation of `net` states this bound.
const MAX_CLOSE_WAIT_MS: c_int = 1;

/// The longest wait for unsent bytes at the end of the program. The documentation of `net`
/// states this bound.
const MAX_EXIT_WAIT_MS: u64 = 1_000;

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read, Write};
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;
    use crate::sys::wasip2::poll_call::PollCall;

    /// Two ends of a connection, non-blocking.
    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let here = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (there, _) = listener.accept().unwrap();
        here.set_nonblocking(true).unwrap();
        there.set_nonblocking(true).unwrap();
        (here, there)
    }

    /// Is this descriptor in the list?
    fn is_listed(fd: RawFd) -> bool {
        lock().iter().any(|listed| listed.as_raw_fd() == fd)
    }

    #[test]
    fn unsent_bytes_arrive_and_the_stream_is_closed_by_polls() {
        let (here, mut there) = pair();
        let here = UnblockedClose::from(here);
        let mut sent = 0;
        let end = loop {
            match (&*here).write(&[7; 64 * 1024]) {
                Ok(count) => sent += count,
                Err(error) => break error,
            }
        };
        assert_eq!(end.kind(), ErrorKind::WouldBlock);
        let fd = here.as_raw_fd();
        drop(here);
        assert!(is_listed(fd));
        let (mut call, mut buffer, mut received) = (PollCall::new(), vec![0; 64 * 1024], 0);
        let start = Instant::now();
        loop {
            match there.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => received += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    assert_eq!(
                        call.poll(&mut [], 10).unwrap(),
                        0,
                        "nothing of the caller's"
                    );
                }
                Err(error) => panic!("{error} after {received} of {sent} bytes"),
            }
            assert!(start.elapsed() < Duration::from_secs(5));
        }
        assert_eq!(received, sent);
        while is_listed(fd) {
            call.poll(&mut [], 10).unwrap();
            assert!(start.elapsed() < Duration::from_secs(5));
        }
    }

    #[test]
    fn stream_that_has_sent_everything_is_closed_at_once() {
        let (here, mut there) = pair();
        let here = UnblockedClose::from(here);
        (&*here).write_all(b"hello").unwrap();
        let fd = here.as_raw_fd();
        drop(here);
        assert!(!is_listed(fd));
        there.set_nonblocking(false).unwrap();
        let mut received = String::new();
        there.read_to_string(&mut received).unwrap();
        assert_eq!(received, "hello");
    }

    #[test]
    fn connection_attempt_is_given_up_at_once() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let stream = crate::sys::tcp::connect(listener.local_addr().unwrap()).unwrap();
        let fd = stream.as_raw_fd();
        drop(stream);
        assert!(!is_listed(fd));
    }

    #[test]
    fn taken_stream_is_the_callers() {
        let (here, mut there) = pair();
        let fd = UnblockedClose::from(here).into_raw_fd();
        assert!(!is_listed(fd));
        let error = there.read(&mut [0; 4]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock, "it is open");
        // SAFETY: the descriptor was just taken from its owner.
        drop(unsafe { <OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(fd) });
    }
}
