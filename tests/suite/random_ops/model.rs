//! What has to be reported about one socket, and what must not.
//!
//! A direction is *armed* when the next readiness has to be reported, and its event
//! is *owed* when this readiness is certain to be there or on its way. Systems
//! differ in what else they report. So there is a grey area between what is owed
//! and what is wrong; the rules hold for each of them.

use std::collections::VecDeque;

use mio::event::Event;
use mio::{Interest, Token};

use crate::support::PREVIEW_2;

/// So much can always be on its way without a writer noticing.
const LITTLE: usize = 16 * 1024;

/// One direction of a registration.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Way {
    /// The next readiness has to be reported.
    armed: bool,
    /// It is there or on its way.
    pub(crate) owed: bool,
}

/// What is known about the end of a connection by a reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reset {
    /// There is none.
    #[default]
    No,
    /// There may be one, now or later.
    Maybe,
    /// It has come or is on its way.
    Surely,
}

/// What is known about one socket.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// A datagram socket.
    pub(crate) udp: bool,
    /// The current registration.
    pub(crate) registered: Option<(Token, Interest)>,
    pub(crate) read: Way,
    pub(crate) write: Way,
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
    pub(crate) alone: bool,
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

    /// Does the registration ask for this?
    fn wants(&self, direction: Interest) -> bool {
        let wants = |(_, interests): (Token, Interest)| {
            (direction.is_readable() && interests.is_readable())
                || (direction.is_writable() && interests.is_writable())
        };
        self.registered.is_some_and(wants)
    }

    /// Is reading certain not to block, now or soon?
    fn has_input(&self) -> bool {
        self.waiting > 0
            || !self.datagrams.is_empty()
            || self.finished
            || self.reset == Reset::Surely
    }

    /// Is writing certain not to block, now or soon? `ahead` bytes of it are on
    /// their way.
    fn has_room(&self, ahead: usize) -> bool {
        match self.reset {
            Reset::Surely => true,
            Reset::Maybe => false,
            Reset::No => self.udp || (!self.full && !self.shut && ahead <= LITTLE),
        }
    }

    /// It was registered, or registered again.
    pub(crate) fn register(&mut self, token: Token, interests: Interest, ahead: usize) {
        // An answer that Windows has gathered before a change may come after it.
        let gathered = cfg!(windows) && self.registered.is_some() && self.could_read;
        self.registered = Some((token, interests));
        self.read.armed = interests.is_readable();
        self.read.owed = self.read.armed && self.has_input();
        self.write.armed = interests.is_writable();
        self.write.owed = self.write.armed && self.has_room(ahead);
        self.could_read = gathered || self.has_input() || self.reset == Reset::Maybe;
        // Hosts of preview 2 remember for a while that there was something.
        self.could_read |= PREVIEW_2;
        // A refused datagram is something to read, and may have been on its way.
        self.could_read |= self.udp && self.sent > 0;
    }

    /// It was deregistered.
    pub(crate) fn deregister(&mut self) {
        self.registered = None;
        self.read = Way::default();
        self.write = Way::default();
    }

    /// Its peer has sent something, has finished, or has reset the connection.
    ///
    /// It arrives for certain unless a lot else is on its way before it.
    pub(crate) fn input(&mut self) {
        self.could_read = true;
        if self.waiting <= LITTLE || self.reset == Reset::Surely {
            self.read.owed |= self.read.armed;
        }
        if self.reset == Reset::Surely {
            self.write.owed |= self.write.armed;
        }
    }

    /// Its peer has read everything.
    pub(crate) fn drained(&mut self) {
        self.full = false;
        self.write.owed |= self.write.armed && !self.shut && self.reset == Reset::No;
    }

    /// A read has returned so much, of so much that was asked for.
    pub(crate) fn has_read(&mut self, count: usize, wanted: usize) {
        self.waiting = self.waiting.saturating_sub(count);
        self.received += count;
        self.read.armed = self.wants(Interest::READABLE);
        if count < wanted && self.waiting > 0 && self.reset == Reset::No {
            // That was all that had arrived: the rest is on its way.
            self.read.owed = self.read.armed;
        } else {
            // What was there already may have been reported already.
            self.read.owed &= self.has_input();
        }
    }

    /// A datagram was received.
    pub(crate) fn has_received(&mut self) {
        self.received += 1;
        self.read.armed = self.wants(Interest::READABLE);
        self.read.owed &= self.has_input();
    }

    /// A read has found nothing.
    pub(crate) fn found_nothing(&mut self) {
        self.read.armed = self.wants(Interest::READABLE);
        self.read.owed = self.read.armed && self.has_input();
    }

    /// A read has found the end, or an error that is one.
    pub(crate) fn read_end(&mut self) {
        self.read = Way::default();
    }

    /// A write has taken so much of so much. `ahead` bytes of it are on their way.
    pub(crate) fn has_written(&mut self, count: usize, wanted: usize, ahead: usize) {
        self.sent += count;
        self.could_read |= self.udp;
        if count < wanted {
            self.full_up(ahead);
        } else if ahead > LITTLE {
            self.write.owed = false;
        }
    }

    /// A write has found no room, or not enough.
    pub(crate) fn full_up(&mut self, ahead: usize) {
        self.full = ahead > 0;
        self.write.armed = self.wants(Interest::WRITABLE);
        self.write.owed = self.write.armed && self.has_room(ahead);
    }

    /// It has shut down its own sending. What it reports then differs.
    pub(crate) fn shut_down(&mut self) {
        self.shut = true;
        self.write = Way::default();
    }

    /// The peer is gone and was sent something: who knows.
    pub(crate) fn wrote_to_nobody(&mut self) {
        if self.reset == Reset::No {
            self.reset = Reset::Maybe;
        }
        self.could_read = true;
        self.write.owed = false;
    }

    /// An event has come: what is wrong about it?
    pub(crate) fn report(&mut self, event: &Event) -> Result<(), &'static str> {
        if event.is_readable() {
            if !self.wants(Interest::READABLE) {
                return Err("readable was not asked for");
            }
            if !self.could_read {
                return Err("there was nothing to read since it was registered");
            }
            self.read = Way::default();
        }
        if event.is_writable() {
            if !self.wants(Interest::WRITABLE) {
                return Err("writable was not asked for");
            }
            self.write = Way::default();
        }
        let reset = self.reset != Reset::No || (self.udp && self.alone);
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

    /// Is an event owed?
    pub(crate) fn is_owed(&self) -> bool {
        self.read.owed || self.write.owed
    }
}
