//! Sending, receiving and peeking at datagrams.

use std::io::ErrorKind;

use super::handle::Handle;
use super::model::Kind;
use super::world::{End, World, PERIOD};

/// Most datagrams in transit: the system could drop more.
const DATAGRAMS: usize = 16;

impl World<'_> {
    /// Receives a datagram, or an error; `false` when it would block.
    pub(super) fn receive(&mut self, index: usize, end: &mut End) -> bool {
        let Some(Handle::Datagram(socket)) = &end.handle else {
            return false;
        };
        let result = socket.receive(&mut self.buffer);
        let model = &mut end.model;
        match result {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.note("receive nothing", index, 0);
                if model.must_fail() {
                    self.fail((index, &end.model, "an error was lost"));
                }
                model.found_nothing();
                false
            }
            Ok(count) => {
                self.note("receive", index, count);
                if model.datagrams.pop_front() != Some(count) {
                    self.fail((index, count, "bytes are not the next datagram"));
                }
                self.compare(index, model.received, count);
                model.has_received(1);
                true
            }
            Err(error) => {
                self.note("receive an error", index, 0);
                if !model.has_failed() {
                    self.fail((index, "receive", error));
                }
                model.has_received(0);
                true
            }
        }
    }

    pub(super) fn peek_datagram(&mut self, index: usize, end: &mut End) {
        let Some(Handle::Datagram(socket)) = &end.handle else {
            return;
        };
        let Some(result) = socket.peek(&mut self.buffer) else {
            return;
        };
        self.note("peek at a datagram", index, *result.as_ref().unwrap_or(&0));
        let model = &mut end.model;
        match result {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if model.must_fail() {
                    self.fail((index, &end.model, "an error was lost"));
                }
                model.found_nothing();
            }
            Ok(count) => {
                if model.datagrams.front() != Some(&count) {
                    self.fail((index, count, "bytes are not the next datagram"));
                }
                self.compare(index, model.received, count);
            }
            Err(error) => {
                if !model.has_failed() {
                    self.fail((index, "peek", error));
                }
                model.has_received(0);
            }
        }
    }

    /// Sends a datagram, unless too many are in transit.
    pub(super) fn send(&mut self, index: usize, end: &mut End, length: usize) {
        // Some are empty.
        let length = if length == 7 { 0 } else { length };
        let waiting = self.peer(end).map_or(0, |peer| peer.datagrams.len());
        let from = end.model.sent % PERIOD;
        let Some(Handle::Datagram(socket)) = &end.handle else {
            return;
        };
        if waiting >= DATAGRAMS {
            return;
        }
        let result = socket.send(&self.pattern[from..from + length]);
        self.note("send", index, length);
        match result {
            Ok(_) if end.model.must_fail() && end.model.kind == Kind::Udp => {
                self.fail((index, &end.model, "an error was lost"));
            }
            Ok(count) if count == length => {
                if let Some(peer) = self.peer(end) {
                    peer.datagrams.push_back(length);
                    peer.input();
                } else {
                    end.model.refuse();
                }
                end.model.has_written(1, 1, 0);
            }
            Err(_) if end.model.has_failed() => {
                if end.model.kind == Kind::UnixDatagram {
                    end.model.lose_datagrams();
                }
            }
            result => self.fail((index, "send", result)),
        }
    }
}
