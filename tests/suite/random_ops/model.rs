//! What has to be reported about one socket, and what must not.
//!
//! A direction is *armed* when the next readiness has to be reported, and its event
//! is *pending* when this readiness is certain to exist or to arrive. Systems differ in
//! which other events they report. Such events are accepted; the rules hold for all
//! systems.

use std::collections::VecDeque;

use mio::event::Event;
use mio::{Interest, Token};

use crate::support::{KQUEUE, PREVIEW_2};

/// Bytes that always fit into the buffers between two ends.
pub(super) const MIN_IN_TRANSIT: usize = 16 * 1024;
/// Most events of one source while nothing is done with it or its peer.
const MAX_UNASKED: u32 = 20;
/// The end of a stream is reported also behind data that was reported before. (The hosts of
/// WASI report levels, where unread data hide it.)
const REPORTS_ENDS: bool = !cfg!(target_os = "wasi");
/// Wine detects the end by peeking, so unread data hide it there too.
const ENDS_HIDE: bool = cfg!(mio_on_wine);
/// A refused datagram is certain to be reported, and an event shows that the next operation
/// returns the error. (On Windows only a receive does.)
pub(super) const STRICT_ERRORS: bool = !(cfg!(windows) || PREVIEW_2);
/// Errors have a flag of their own in events.
const HAS_ERROR_EVENTS: bool = !(cfg!(target_os = "wasi") || KQUEUE);

/// The kinds of sockets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Tcp,
    Udp,
    UnixDatagram,
}

/// One direction of a registration.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Direction {
    /// The next readiness has to be reported.
    armed: bool,
    /// Its event has to be reported.
    pub(crate) pending: bool,
}

/// What is known about the end of a connection by a reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reset {
    /// There is none.
    #[default]
    No,
    /// There may be one.
    Maybe,
    /// There is one, received or in transit.
    Surely,
}

/// An error that an operation returns once, of a reset or a refusal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Failure {
    /// There is none.
    #[default]
    No,
    /// There may be one.
    Maybe,
    /// There is one, received or in transit.
    Surely,
    /// It was reported, and no operation has returned it yet: the next one does.
    Seen,
}

/// What is known about one socket.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) kind: Kind,
    /// The current registration.
    pub(crate) registered: Option<(Token, Interest)>,
    pub(crate) read: Direction,
    pub(crate) write: Direction,
    /// The event of the stream's end, which is reported once.
    end: Direction,
    /// The error of a reset or a refusal.
    pub(crate) failure: Failure,
    /// A datagram socket's error has to be reported.
    pub(crate) failure_pending: bool,
    /// It is certain that its connection was made.
    pub(crate) connected: bool,
    /// Events since something was done with it or its peer.
    pub(crate) unasked: u32,
    /// Bytes that were sent to it and have not been read.
    pub(crate) waiting: usize,
    /// The same for datagrams: the length of each.
    pub(crate) datagrams: VecDeque<usize>,
    /// How much it has sent and received: bytes, or datagrams.
    pub(crate) sent: usize,
    pub(crate) received: usize,
    /// Its peer sends nothing more.
    pub(crate) finished: bool,
    /// It sends nothing more.
    pub(crate) shut: bool,
    pub(crate) reset: Reset,
    /// Its peer is closed.
    pub(crate) peer_closed: bool,
    /// It could not write everything, and its peer has not read everything since.
    full: bool,
    /// There may have been something to read since it was registered.
    could_read: bool,
}

impl Model {
    /// A socket that is connected, or about to be.
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            ..Self::default()
        }
    }

    /// Is it a datagram socket?
    pub(crate) fn is_datagram(&self) -> bool {
        self.kind != Kind::Tcp
    }

    /// Does the registration have this interest?
    fn wants(&self, direction: Interest) -> bool {
        let wants = |(_, interests): (Token, Interest)| {
            (direction.is_readable() && interests.is_readable())
                || (direction.is_writable() && interests.is_writable())
        };
        self.registered.is_some_and(wants)
    }

    /// Is reading certain not to block, once everything has arrived?
    fn has_input(&self) -> bool {
        self.waiting > 0
            || !self.datagrams.is_empty()
            || self.finished
            || self.reset == Reset::Surely
    }

    /// Is writing certain not to block? `in_transit` bytes of it have not been read.
    fn can_write(&self, in_transit: usize) -> bool {
        match self.reset {
            Reset::Surely => true,
            Reset::Maybe => false,
            Reset::No => match self.kind {
                Kind::Udp => true,
                Kind::UnixDatagram => !self.peer_closed,
                Kind::Tcp => !self.full && !self.shut && in_transit <= MIN_IN_TRANSIT,
            },
        }
    }

    /// It was registered or reregistered.
    pub(crate) fn register(&mut self, token: Token, interests: Interest, in_transit: usize) {
        // Windows may deliver a completion from before a change after it.
        let gathered = cfg!(windows) && self.registered.is_some() && self.could_read;
        self.registered = Some((token, interests));
        self.read.armed = interests.is_readable();
        self.read.pending = self.read.armed && self.has_input();
        self.write.armed = interests.is_writable();
        self.write.pending = self.write.armed && self.can_write(in_transit);
        self.could_read = gathered || self.has_input() || self.reset == Reset::Maybe;
        // Hosts of preview 2 may still report readiness that was consumed.
        self.could_read |= PREVIEW_2;
        // A refused datagram makes the socket readable, and may have been in transit.
        self.could_read |= self.is_datagram() && self.sent > 0;
        self.end.armed = REPORTS_ENDS && interests.is_readable();
        self.end.pending = false;
        self.expect_end();
        self.failure_pending = false;
        self.expect_failure(self.failure == Failure::Seen);
    }

    /// The end of the stream has to be reported, if it has come and was not reported.
    fn expect_end(&mut self) {
        let is_visible = match ENDS_HIDE {
            true => self.waiting == 0,
            false => self.waiting <= MIN_IN_TRANSIT,
        };
        if self.finished && is_visible && self.reset == Reset::No {
            self.end.pending |= self.end.armed;
        }
    }

    /// The error of a datagram socket has to be reported, if it has one that was not, or for
    /// `once_more`.
    fn expect_failure(&mut self, once_more: bool) {
        let is_expected = self.failure == Failure::Surely || once_more;
        self.failure_pending |= self.is_datagram() && self.read.armed && is_expected;
    }

    /// It was deregistered.
    pub(crate) fn deregister(&mut self) {
        self.registered = None;
        self.read = Direction::default();
        self.write = Direction::default();
        self.end = Direction::default();
        self.failure_pending = false;
    }

    /// Its peer sends nothing more, and `waiting` bytes come before the end.
    pub(crate) fn finish(&mut self) {
        self.finished = true;
        if ENDS_HIDE && self.waiting > 0 {
            self.end = Direction::default();
        }
        self.expect_end();
    }

    /// Its peer has reset the connection, or may have.
    pub(crate) fn reset(&mut self, reset: Reset, has_error: bool) {
        self.reset = reset;
        self.end = Direction::default();
        self.failure = match (reset, has_error) {
            (Reset::No, _) => self.failure,
            (Reset::Surely, true) => Failure::Surely,
            _ => Failure::Maybe,
        };
    }

    /// A datagram went to a closed peer.
    pub(crate) fn refuse(&mut self) {
        let is_certain = STRICT_ERRORS && self.kind == Kind::Udp;
        if is_certain && self.failure != Failure::Seen {
            self.failure = Failure::Surely;
            self.expect_failure(false);
        } else if !is_certain {
            self.failure = Failure::Maybe;
        }
    }

    /// An operation has returned an error. `false` when there was none to return.
    pub(crate) fn has_failed(&mut self) -> bool {
        let is_expected = self.failure != Failure::No
            || self.reset != Reset::No
            || (self.is_datagram() && self.peer_closed);
        self.failure = match self.failure {
            // One may follow.
            Failure::Maybe if !STRICT_ERRORS => Failure::Maybe,
            _ => Failure::No,
        };
        self.failure_pending = false;
        is_expected
    }

    /// Does the next operation have to return an error?
    pub(crate) fn must_fail(&self) -> bool {
        STRICT_ERRORS && self.failure == Failure::Seen
    }

    /// Its peer has sent something, has finished, or has reset the connection.
    ///
    /// It arrives for certain unless much else is in transit before it.
    pub(crate) fn input(&mut self) {
        self.could_read = true;
        if self.waiting <= MIN_IN_TRANSIT || self.reset == Reset::Surely {
            self.read.pending |= self.read.armed;
        }
        if self.reset == Reset::Surely {
            self.write.pending |= self.write.armed;
        }
    }

    /// Its peer has read everything.
    pub(crate) fn drained(&mut self) {
        self.full = false;
        self.write.pending |= self.write.armed && !self.shut && self.reset == Reset::No;
    }

    /// A read for `wanted` bytes has returned `count`.
    pub(crate) fn has_read(&mut self, count: usize, wanted: usize) {
        self.waiting = self.waiting.saturating_sub(count);
        self.received += count;
        self.read.armed = self.wants(Interest::READABLE);
        if count < wanted && self.waiting > 0 && self.reset == Reset::No {
            // That was all that had arrived: the rest is in transit.
            self.read.pending = self.read.armed;
        } else {
            // Data that had arrived may have been reported already.
            self.read.pending &= self.has_input();
        }
        self.expect_end();
    }

    /// The same for a read inside of `try_io`, which re-arms nothing.
    pub(crate) fn has_read_by_try_io(&mut self, count: usize) {
        self.waiting = self.waiting.saturating_sub(count);
        self.received += count;
        self.read.pending &= self.has_input();
        self.expect_end();
    }

    /// A datagram was received, or an error in place of one.
    pub(crate) fn has_received(&mut self, count: usize) {
        self.received += count;
        self.read.armed = self.wants(Interest::READABLE);
        self.read.pending &= self.has_input();
        self.expect_failure(false);
    }

    /// A send to a closed peer has failed. Linux drops what such a Unix socket has not received
    /// yet (`unix_dgram_disconnected` in net/unix/af_unix.c).
    pub(crate) fn lose_datagrams(&mut self) {
        self.received += self.datagrams.len();
        self.datagrams.clear();
        self.read.pending = false;
    }

    /// A read has found nothing.
    pub(crate) fn found_nothing(&mut self) {
        self.read.armed = self.wants(Interest::READABLE);
        self.read.pending = self.read.armed && self.has_input();
        self.expect_failure(false);
    }

    /// A read has found the end, or an error that is one.
    pub(crate) fn read_end(&mut self) {
        self.read = Direction::default();
        self.end = Direction::default();
    }

    /// A write of `wanted` bytes has sent `count`. `in_transit` bytes have not been read.
    pub(crate) fn has_written(&mut self, count: usize, wanted: usize, in_transit: usize) {
        self.sent += count;
        self.could_read |= self.is_datagram();
        self.connected = true;
        if count < wanted {
            self.write_blocked(in_transit);
        } else if in_transit > MIN_IN_TRANSIT {
            self.write.pending = false;
        }
    }

    /// A write would block, or was short.
    pub(crate) fn write_blocked(&mut self, in_transit: usize) {
        self.full = in_transit > 0;
        self.write.armed = self.wants(Interest::WRITABLE);
        self.write.pending = self.write.armed && self.can_write(in_transit);
    }

    /// It has shut down its write direction. Systems differ in what they report then.
    pub(crate) fn shut_down(&mut self) {
        self.shut = true;
        self.write = Direction::default();
    }

    /// Something was sent to a closed peer: it may answer with a reset.
    pub(crate) fn sent_to_closed_peer(&mut self) {
        if self.reset == Reset::No {
            self.reset(Reset::Maybe, false);
        }
        self.could_read = true;
        self.write.pending = false;
    }

    /// Checks an event; the error says what is wrong about it.
    pub(crate) fn report(&mut self, event: &Event) -> Result<(), &'static str> {
        self.unasked += 1;
        if self.unasked > MAX_UNASKED {
            return Err("it is reported repeatedly, and nothing has happened");
        }
        self.note_failure(event);
        if event.is_readable() {
            if !self.wants(Interest::READABLE) {
                return Err("no interest in readable");
            }
            if !self.could_read {
                return Err("there was nothing to read since it was registered");
            }
            self.read = Direction::default();
        }
        if event.is_writable() {
            if !self.wants(Interest::WRITABLE) {
                return Err("no interest in writable");
            }
            self.write = Direction::default();
            self.connected |= self.reset == Reset::No;
        }
        if event.is_read_closed() {
            self.end = Direction::default();
        }
        let reset = self.reset != Reset::No
            || self.failure != Failure::No
            || (self.is_datagram() && self.peer_closed);
        if event.is_read_closed() && !self.finished && !reset {
            return Err("reading is not closed");
        }
        if event.is_write_closed() && !self.shut && !reset {
            return Err("writing is not closed");
        }
        if event.is_error() && !reset {
            return Err("there is no error");
        }
        Ok(())
    }

    /// What an event shows about an error.
    fn note_failure(&mut self, event: &Event) {
        let is_shown = match self.is_datagram() {
            true => event.is_error() || (event.is_readable() && self.datagrams.is_empty()),
            false => event.is_error() || event.is_write_closed(),
        };
        if is_shown && self.failure == Failure::Surely {
            self.failure = Failure::Seen;
        }
        if is_shown || (!HAS_ERROR_EVENTS && event.is_readable()) {
            self.failure_pending = false;
        }
    }

    /// Is an event pending?
    pub(crate) fn is_pending(&self) -> bool {
        let directions = [self.read, self.write, self.end];
        directions.iter().any(|each| each.pending) || self.failure_pending
    }
}
