//! The conditions of a socket that AFD reports: which of them are armed, and what an event
//! reports of them; for Windows.
//!
//! AFD is level-triggered: a request ends at once as long as one of its conditions holds. A
//! program is given edges. So each condition is *armed* when the socket is registered,
//! disarmed when an event has reported it, and re-armed by I/O:
//!
//! | condition | holds | reported as | re-armed by |
//! |---|---|---|---|
//! | RECEIVE | while there are unread data | readable | reading |
//! | ACCEPT | while a connection waits to be accepted | readable | reading |
//! | DISCONNECT | from the peer's shutdown of its writing on, also behind unread data | readable, read closed | reading |
//! | SEND | while there is space in the send buffer | writable | writing, but not after ABORT or CONNECT_FAIL |
//! | ABORT | from a reset on | readable, writable, closed in both directions | either |
//! | CONNECT_FAIL | from a failed connect on | as ABORT, and as an error | either |
//! | LOCAL_CLOSE | when the socket was closed here while a request was pending | error, and what the interests include | nothing |
//!
//! *Reading* means: a read, accept, receive or peek that would have blocked, or a read,
//! accept or receive that has got something (see `io_source.rs`). *Writing* means: a write
//! that would have blocked, or was short. Register and reregister arm all that the
//! interests include. Reading the end of a stream (zero bytes) re-arms nothing, so a
//! DISCONNECT that lasts is not reported on and on.
//!
//! An event disarms the conditions that have happened and no others. RECEIVE leaves
//! DISCONNECT armed: when the peer closes behind data that the program leaves unread, or
//! reads by other means than this library's functions, the end is still reported. After
//! ABORT and CONNECT_FAIL nothing else can happen, so they disarm everything.

use std::io;

use crate::sys::event::Readiness;
use crate::Interest;

/// A set of conditions of a socket, as AFD takes and reports it.
///
/// The values are not in Microsoft's documentation; they are in the public headers of
/// other implementations: ReactOS (sdk/include/reactos/drivers/afd/shared.h) and Wine
/// (include/wine/afd.h).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(super) struct Conditions(u32);

impl Conditions {
    /// None.
    pub(super) const NONE: Self = Self(0);
    /// There are data to receive.
    const RECEIVE: Self = Self(0x0001);
    /// There is space in the send buffer, or a connection was made.
    const SEND: Self = Self(0x0004);
    /// The peer has shut down its writing.
    const DISCONNECT: Self = Self(0x0008);
    /// The connection was reset.
    const ABORT: Self = Self(0x0010);
    /// The socket was closed on this side.
    pub(super) const LOCAL_CLOSE: Self = Self(0x0020);
    /// There is a connection to accept.
    const ACCEPT: Self = Self(0x0080);
    /// A connection could not be made.
    const CONNECT_FAIL: Self = Self(0x0100);

    /// What `Interest::READABLE` includes, besides `BROKEN`.
    const READ: Self = Self::RECEIVE.and(Self::DISCONNECT).and(Self::ACCEPT);
    /// What `Interest::WRITABLE` includes, besides `BROKEN`.
    const WRITE: Self = Self::SEND;
    /// The end of both directions.
    const BROKEN: Self = Self::ABORT.and(Self::CONNECT_FAIL);

    /// The union of both sets.
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The conditions that are in both sets.
    const fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// These conditions without the others.
    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Is one of the others among these?
    const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Is there none?
    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// The conditions of one socket that are armed.
#[derive(Debug)]
pub(super) struct ArmedConditions {
    /// The interests of the registration.
    interests: Interest,
    /// What is to be reported when it happens next.
    armed: Conditions,
    /// Was the end of both directions reported? Then nothing can be written any more,
    /// although SEND holds.
    is_broken: bool,
}

impl ArmedConditions {
    /// All that the interests include. Fails with `Unsupported` for interests that AFD has
    /// no conditions for.
    pub(super) fn new(interests: Interest) -> io::Result<Self> {
        if interests.is_aio() || interests.is_lio() || interests.is_priority() {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "Windows can watch for reading and writing only (Interest::AIO, LIO, PRIORITY)",
            ));
        }
        let mut conditions = Self {
            interests,
            armed: Conditions::NONE,
            is_broken: false,
        };
        conditions.rearm(interests);
        Ok(conditions)
    }

    /// The conditions that are armed.
    pub(super) fn armed(&self) -> Conditions {
        self.armed
    }

    /// Re-arms a direction as far as the interests include it.
    pub(super) fn rearm(&mut self, direction: Interest) {
        if direction.is_readable() && self.interests.is_readable() {
            self.arm(Conditions::READ);
        }
        if direction.is_writable() && self.interests.is_writable() && !self.is_broken {
            self.arm(Conditions::WRITE);
        }
    }

    /// Arms conditions, and with them the end of both directions.
    fn arm(&mut self, conditions: Conditions) {
        self.armed = self.armed.and(conditions).and(Conditions::BROKEN);
    }

    /// Disarms everything.
    pub(super) fn disarm_all(&mut self) {
        self.armed = Conditions::NONE;
    }

    /// The flags of an event for what has happened, which is disarmed. What is not armed
    /// has no flags: its event was reported before, or the interests have changed.
    pub(super) fn report(&mut self, happened: Conditions) -> Readiness {
        if happened.has(Conditions::LOCAL_CLOSE) {
            return self.report_failure();
        }
        let happened = happened.within(self.armed);
        let broken = happened.has(Conditions::BROKEN);
        self.is_broken |= broken;
        self.armed = match broken {
            true => Conditions::NONE,
            false => self.armed.without(happened),
        };
        let read_closed = broken || happened.has(Conditions::DISCONNECT);
        let readable = broken || happened.has(Conditions::READ);
        let writable = broken || happened.has(Conditions::WRITE);
        Readiness::default()
            .and_if(
                readable && self.interests.is_readable(),
                Readiness::READABLE,
            )
            .and_if(
                writable && self.interests.is_writable(),
                Readiness::WRITABLE,
            )
            .and_if(happened.has(Conditions::CONNECT_FAIL), Readiness::ERROR)
            .and_if(read_closed, Readiness::READ_CLOSED)
            .and_if(broken, Readiness::WRITE_CLOSED)
    }

    /// The flags of an event for a socket that AFD refuses to watch, which is disarmed: the
    /// next operation on it returns the reason.
    pub(super) fn report_failure(&mut self) -> Readiness {
        self.disarm_all();
        Readiness::ERROR
            .and_if(self.interests.is_readable(), Readiness::READABLE)
            .and_if(self.interests.is_writable(), Readiness::WRITABLE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

    /// A socket with these interests.
    fn registered(interests: Interest) -> ArmedConditions {
        ArmedConditions::new(interests).unwrap()
    }

    #[test]
    fn data_leave_the_end_of_the_stream_armed() {
        let end = Readiness::READABLE.and(Readiness::READ_CLOSED);
        for interests in [Interest::READABLE, BOTH] {
            let mut socket = registered(interests);
            assert_eq!(socket.report(Conditions::RECEIVE), Readiness::READABLE);
            let both = Conditions::RECEIVE.and(Conditions::DISCONNECT);
            assert_eq!(socket.report(both), end);
            // Both last; neither is reported on and on.
            assert_eq!(socket.report(both), Readiness::default());
            assert!(!socket.armed().has(both));
            socket.rearm(Interest::READABLE);
            assert_eq!(socket.report(both), end);
        }
    }

    #[test]
    fn directions_are_disarmed_and_rearmed_apart() {
        let mut socket = registered(BOTH);
        assert_eq!(socket.report(Conditions::SEND), Readiness::WRITABLE);
        assert!(socket.armed().has(Conditions::RECEIVE));
        assert_eq!(socket.report(Conditions::ACCEPT), Readiness::READABLE);
        socket.rearm(Interest::READABLE);
        assert!(!socket.armed().has(Conditions::SEND));
        socket.rearm(Interest::WRITABLE);
        assert_eq!(socket.report(Conditions::SEND), Readiness::WRITABLE);
    }

    #[test]
    fn reset_is_reported_whatever_was_reported_before_and_ends_writing() {
        let mut socket = registered(BOTH);
        socket.report(Conditions::RECEIVE.and(Conditions::SEND));
        let closed = Readiness::READ_CLOSED.and(Readiness::WRITE_CLOSED);
        let all = Readiness::READABLE.and(Readiness::WRITABLE).and(closed);
        let lasting = Conditions::ABORT.and(Conditions::SEND);
        assert_eq!(socket.report(lasting), all);
        assert!(socket.armed().is_empty());
        socket.rearm(Interest::WRITABLE);
        assert!(socket.armed().is_empty(), "SEND would hold indefinitely");
        let mut reader = registered(Interest::READABLE);
        let read = Readiness::READABLE.and(closed);
        assert_eq!(reader.report(Conditions::ABORT), read);
        let mut failed = registered(Interest::WRITABLE);
        let refused = Readiness::WRITABLE.and(closed).and(Readiness::ERROR);
        assert_eq!(failed.report(Conditions::CONNECT_FAIL), refused);
    }

    #[test]
    fn closed_socket_is_an_error_and_disarmed() {
        let mut socket = registered(Interest::READABLE);
        let flags = socket.report(Conditions::LOCAL_CLOSE);
        assert_eq!(flags, Readiness::ERROR.and(Readiness::READABLE));
        assert!(socket.armed().is_empty());
    }

    #[test]
    fn interests_without_a_condition_are_unsupported() {
        for interests in [Interest::PRIORITY, Interest::AIO, Interest::LIO] {
            let error = ArmedConditions::new(interests).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        }
    }
}
