//! Reading and writing, with a check of every byte count.

use std::io::{ErrorKind, Read, Write};

use super::model::Reset;
use super::world::{End, Handle, World, MAX_LENGTH, PERIOD};
use crate::support::PREVIEW_2;

/// Most datagrams in transit: the system could drop more.
const DATAGRAMS: usize = 16;
/// How many bytes are compared at the start and at the end of what was read.
const ENDS: usize = 32;
/// Lengths of reads and writes.
const LENGTHS: [usize; 6] = [1, 7, 100, 1000, 5000, MAX_LENGTH];

impl World<'_> {
    pub(super) fn read_once(&mut self) {
        if let Some((index, mut end)) = self.take() {
            let wanted = self.choices.pick(&LENGTHS);
            self.read(index, &mut end, wanted);
            self.ends[index] = Some(end);
        }
    }

    pub(super) fn drain_one(&mut self) {
        if let Some((index, mut end)) = self.take() {
            self.drain(index, &mut end);
            self.ends[index] = Some(end);
        }
    }

    /// Reads until it would block or has ended.
    pub(super) fn drain(&mut self, index: usize, end: &mut End) {
        while self.read(index, end, MAX_LENGTH) {}
    }

    /// Reads once; `false` when it would block or has ended.
    fn read(&mut self, index: usize, end: &mut End, wanted: usize) -> bool {
        let result = match &mut end.handle {
            Some(Handle::Tcp(stream)) => stream.read(&mut self.buffer[..wanted]),
            Some(Handle::Udp(socket)) => socket.recv(&mut self.buffer),
            None => return false,
        };
        let model = &mut end.model;
        match result {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.note("read nothing", index, wanted);
                model.found_nothing();
                false
            }
            Ok(count) if model.udp => {
                self.note("receive", index, count);
                if model.datagrams.pop_front() != Some(count) {
                    self.fail((index, count, "bytes are not the next datagram"));
                }
                self.compare(index, model.received, count);
                model.has_received();
                true
            }
            Err(_) if model.udp && model.peer_closed => {
                self.note("receive an error", index, 0);
                model.read.pending &= !model.datagrams.is_empty();
                true
            }
            Ok(0) if model.reset != Reset::No => {
                model.read_end();
                false
            }
            Ok(0) => {
                self.note("read the end", index, 0);
                if !model.finished || model.waiting > 0 {
                    self.fail((index, "has ended too early"));
                }
                model.read_end();
                false
            }
            Ok(count) => {
                self.note("read", index, count);
                if model.reset == Reset::No && count > model.waiting {
                    self.fail((index, count, "bytes were read, more than were written"));
                }
                self.compare(index, model.received, count);
                model.has_read(count, wanted);
                if end.model.waiting == 0 {
                    if let Some(peer) = self.peer(end) {
                        peer.drained();
                    }
                }
                true
            }
            Err(error) if model.reset == Reset::No => self.fail((index, "read", error)),
            Err(_) => {
                self.note("read an error", index, 0);
                model.read_end();
                false
            }
        }
    }

    /// Checks what was read against what was written, at its start and its end:
    /// what lost, added or mixed up bytes would shift these. (To compare 64 KiB takes
    /// an interpreter milliseconds.)
    fn compare(&mut self, index: usize, position: usize, count: usize) {
        for from in [0, count.saturating_sub(ENDS)] {
            let to = count.min(from + ENDS);
            let expected = &self.pattern[position % PERIOD..];
            if self.buffer[from..to] != expected[from..to] {
                self.fail((index, position, count, "bytes have changed"));
            }
        }
    }

    /// Peeks, and compares.
    pub(super) fn peek(&mut self) {
        if PREVIEW_2 {
            return;
        }
        let Some((index, mut end)) = self.take() else {
            return;
        };
        if let (Some(Handle::Tcp(stream)), Reset::No) = (&end.handle, end.model.reset) {
            let result = stream.peek(&mut self.buffer[..100]);
            self.note("peek", index, *result.as_ref().unwrap_or(&0));
            match result {
                Ok(count) if count > end.model.waiting => {
                    self.fail((index, count, "bytes were seen, more than were written"));
                }
                Ok(count) => self.compare(index, end.model.received, count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => end.model.found_nothing(),
                Err(error) => self.fail(("peek", error)),
            }
        }
        self.ends[index] = Some(end);
    }

    pub(super) fn write_once(&mut self) {
        if let Some((index, mut end)) = self.take() {
            let wanted = self.choices.pick(&LENGTHS);
            self.write(index, &mut end, wanted);
            self.ends[index] = Some(end);
        }
    }

    /// Writes until it would block.
    pub(super) fn fill(&mut self) {
        if let Some((index, mut end)) = self.take() {
            if !end.model.udp && !end.model.peer_closed {
                while self.write(index, &mut end, MAX_LENGTH) {}
            }
            self.ends[index] = Some(end);
        }
    }

    /// Writes once; `false` when the write was short.
    fn write(&mut self, index: usize, end: &mut End, wanted: usize) -> bool {
        if end.model.shut {
            return false;
        }
        if end.model.udp {
            self.send(index, end, wanted.min(1000));
            return false;
        }
        let from = end.model.sent % PERIOD;
        let Some(Handle::Tcp(stream)) = &mut end.handle else {
            return false;
        };
        let result = stream.write(&self.pattern[from..from + wanted]);
        self.note("write", index, *result.as_ref().unwrap_or(&0));
        match result {
            Ok(count) => {
                if let Some(peer) = self.peer(end) {
                    peer.input();
                    peer.waiting += count;
                } else {
                    end.model.sent_to_closed_peer();
                }
                let in_transit = self.in_transit(end);
                end.model.has_written(count, wanted, in_transit);
                count == wanted
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let in_transit = self.in_transit(end);
                end.model.write_blocked(in_transit);
                false
            }
            Err(_) if end.model.peer_closed => {
                end.model.sent_to_closed_peer();
                false
            }
            Err(error) => self.fail((index, "write", error)),
        }
    }

    /// Sends a datagram, unless too many are in transit.
    fn send(&mut self, index: usize, end: &mut End, length: usize) {
        // Some are empty.
        let length = if length == 7 { 0 } else { length };
        let waiting = self.peer(end).map_or(0, |peer| peer.datagrams.len());
        let from = end.model.sent % PERIOD;
        let Some(Handle::Udp(socket)) = &end.handle else {
            return;
        };
        if waiting >= DATAGRAMS {
            return;
        }
        let result = socket.send(&self.pattern[from..from + length]);
        self.note("send", index, length);
        match result {
            Ok(count) if count == length => {
                if let Some(peer) = self.peer(end) {
                    peer.datagrams.push_back(length);
                    peer.input();
                }
                end.model.has_written(1, 1, 0);
            }
            Err(_) if end.model.peer_closed => {}
            result => self.fail((index, "send", result)),
        }
    }
}
