//! What has to be reported about one socket, and what must not.
//!
//! A direction is *armed* when the next readiness has to be reported, and its event
//! is *pending* when this readiness is certain to exist or to arrive. Systems differ in
//! which other events they report. Such events are accepted; the rules hold for all
//! systems.

use std::collections::VecDeque;

use mio::event::Event;
use mio::{Interest, Token};

use crate::support::PREVIEW_2;

/// Bytes that always fit into the buffers between two ends.
const MIN_IN_TRANSIT: usize = 16 * 1024;

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

/// What is known about one socket.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// A datagram socket.
    pub(crate) udp: bool,
    /// The current registration.
    pub(crate) registered: Option<(Token, Interest)>,
    pub(crate) read: Direction,
    pub(crate) write: Direction,
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
    pub(crate) fn new(udp: bool) -> Self {
        Self {
            udp,
            ..Self::default()
        }
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
            Reset::No => self.udp || (!self.full && !self.shut && in_transit <= MIN_IN_TRANSIT),
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
        self.could_read |= self.udp && self.sent > 0;
    }

    /// It was deregistered.
    pub(crate) fn deregister(&mut self) {
        self.registered = None;
        self.read = Direction::default();
        self.write = Direction::default();
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
    }

    /// A datagram was received.
    pub(crate) fn has_received(&mut self) {
        self.received += 1;
        self.read.armed = self.wants(Interest::READABLE);
        self.read.pending &= self.has_input();
    }

    /// A read has found nothing.
    pub(crate) fn found_nothing(&mut self) {
        self.read.armed = self.wants(Interest::READABLE);
        self.read.pending = self.read.armed && self.has_input();
    }

    /// A read has found the end, or an error that is one.
    pub(crate) fn read_end(&mut self) {
        self.read = Direction::default();
    }

    /// A write of `wanted` bytes has sent `count`. `in_transit` bytes have not been read.
    pub(crate) fn has_written(&mut self, count: usize, wanted: usize, in_transit: usize) {
        self.sent += count;
        self.could_read |= self.udp;
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
            self.reset = Reset::Maybe;
        }
        self.could_read = true;
        self.write.pending = false;
    }

    /// Checks an event; the error says what is wrong about it.
    pub(crate) fn report(&mut self, event: &Event) -> Result<(), &'static str> {
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
        }
        let reset = self.reset != Reset::No || (self.udp && self.peer_closed);
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

    /// Is an event pending?
    pub(crate) fn is_pending(&self) -> bool {
        self.read.pending || self.write.pending
    }
}
