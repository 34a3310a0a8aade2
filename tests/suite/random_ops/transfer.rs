//! Reading and writing, with a check of every byte count.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut, Read, Write};

use super::handle::Handle;
use super::model::Reset;
use super::world::{End, World, MAX_LENGTH, PERIOD, SOCKETS};
use crate::support::{receive, PREVIEW_2};

/// The ways of a read or write: inside of `try_io`, behind empty slices, and the plain one.
const WAYS: usize = 12;
/// How many empty slices come before the one with data: more than a system takes, too.
const EMPTY_SLICES: [usize; 2] = [1, 1025];
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
        if end.model.is_datagram() {
            return self.receive(index, end);
        }
        let way = self.choices.below(WAYS);
        let Some(Handle::Tcp(stream)) = &mut end.handle else {
            return false;
        };
        let buffer = &mut self.buffer[..wanted];
        let result = match way {
            0 => stream.try_io(|| receive(stream, buffer)),
            1 | 2 => {
                let empty = EMPTY_SLICES[way - 1];
                let mut slices: Vec<_> = (0..empty).map(|_| IoSliceMut::new(&mut [])).collect();
                slices.push(IoSliceMut::new(buffer));
                stream.read_vectored(&mut slices)
            }
            _ => stream.read(buffer),
        };
        self.check_read(index, end, result, wanted, way)
    }

    /// Checks the result of a read.
    fn check_read(
        &mut self,
        index: usize,
        end: &mut End,
        result: io::Result<usize>,
        wanted: usize,
        way: usize,
    ) -> bool {
        let model = &mut end.model;
        match result {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.note("read nothing", index, wanted);
                if model.must_fail() {
                    self.fail((index, &end.model, "an error was lost"));
                }
                model.found_nothing();
                false
            }
            // What the library has taken only its own functions return.
            Ok(0) if model.must_fail() && !(way == 0 && cfg!(target_os = "wasi")) => {
                self.fail((index, &end.model, "an error was lost"));
            }
            Ok(0) if model.reset != Reset::No => {
                model.read_end();
                false
            }
            Ok(0) => {
                self.note("read the end", index, way);
                if !model.finished || model.waiting > 0 {
                    self.fail((index, "has ended too early"));
                }
                model.read_end();
                false
            }
            Ok(count) => {
                self.note(
                    if way == 0 { "read by try_io" } else { "read" },
                    index,
                    count,
                );
                if model.reset == Reset::No && count > model.waiting {
                    self.fail((index, count, "bytes were read, more than were written"));
                }
                self.compare(index, model.received, count);
                match way {
                    0 => model.has_read_by_try_io(count),
                    _ => model.has_read(count, wanted),
                }
                if end.model.waiting == 0 {
                    if let Some(peer) = self.peer(end) {
                        peer.drained();
                    }
                }
                true
            }
            Err(error) if model.reset == Reset::No => self.fail((index, "read", error)),
            Err(_) => {
                self.note("read an error", index, way);
                model.has_failed();
                model.read_end();
                false
            }
        }
    }

    /// Checks what was read against what was written, at its start and its end:
    /// what lost, added or mixed up bytes would shift these. (To compare 64 KiB takes
    /// an interpreter milliseconds.)
    pub(super) fn compare(&mut self, index: usize, position: usize, count: usize) {
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
        let index = self.choices.below(SOCKETS);
        if !PREVIEW_2 {
            self.peek_at(index);
        }
    }

    pub(super) fn peek_at(&mut self, index: usize) {
        let Some((index, mut end)) = self.take_at(index) else {
            return;
        };
        match &end.handle {
            Some(Handle::Tcp(stream)) => {
                let result = stream.peek(&mut self.buffer[..100]);
                self.peeked(index, &mut end, result);
            }
            _ => self.peek_datagram(index, &mut end),
        }
        self.ends[index] = Some(end);
    }

    fn peeked(&mut self, index: usize, end: &mut End, result: io::Result<usize>) {
        self.note("peek", index, *result.as_ref().unwrap_or(&0));
        let model = &mut end.model;
        match result {
            Ok(0) if model.must_fail() => self.fail((index, &end.model, "an error was lost")),
            Ok(count) if model.reset == Reset::No && count > model.waiting => {
                self.fail((index, count, "bytes were seen, more than were written"));
            }
            Ok(count) => self.compare(index, model.received, count),
            Err(error) if error.kind() == ErrorKind::WouldBlock && !model.must_fail() => {
                model.found_nothing();
            }
            Err(error) if !model.has_failed() => self.fail(("peek", error)),
            Err(_) => model.read_end(),
        }
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
            if !end.model.is_datagram() && !end.model.peer_closed {
                while self.write(index, &mut end, MAX_LENGTH) {}
            }
            self.ends[index] = Some(end);
        }
    }

    /// Writes once; `false` when the write was short.
    pub(super) fn write(&mut self, index: usize, end: &mut End, wanted: usize) -> bool {
        if end.model.shut {
            return false;
        }
        if end.model.is_datagram() {
            self.send(index, end, wanted.min(1000));
            return false;
        }
        let from = end.model.sent % PERIOD;
        let Some(Handle::Tcp(stream)) = &mut end.handle else {
            return false;
        };
        let bytes = &self.pattern[from..from + wanted];
        let result = match self.choices.below(WAYS) {
            way @ (1 | 2) => {
                let mut slices = vec![IoSlice::new(&[]); EMPTY_SLICES[way - 1]];
                slices.push(IoSlice::new(bytes));
                stream.write_vectored(&slices)
            }
            _ => stream.write(bytes),
        };
        self.note("write", index, *result.as_ref().unwrap_or(&0));
        match result {
            Ok(0) => self.fail((index, wanted, "a write has sent nothing")),
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
                end.model.has_failed();
                end.model.sent_to_closed_peer();
                false
            }
            Err(error) => self.fail((index, "write", error)),
        }
    }
}
