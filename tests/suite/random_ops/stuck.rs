//! Writers with unread data beside one at the end of its stream, all with full buffers: where
//! the system can't wait for the one it must not be late with the others.

use std::time::Duration;

use mio::Interest;

use super::model::Reset;
use super::polling::IS_ASYNCHRONOUS;
use super::world::{World, MAX_LENGTH};

/// In how many rounds.
const ROUNDS: usize = 4;
/// How many polls without a timeout may find nothing before a writer is reported, at best. (A
/// number, and no time, since the machine may be slow.)
const MAX_EMPTY_POLLS: usize = 20;

impl World<'_> {
    /// Two such writers, and the polls until one of them is reported.
    pub(super) fn stuck_writers(&mut self) {
        if !self.make_free(4) {
            return;
        }
        let (Some(first), Some(second)) = (self.stuck_pair(), self.stuck_pair()) else {
            return;
        };
        self.note("stuck writers", first.0, second.0);
        // A peer that sends nothing more, and one that has sent something.
        self.at(first.1, |world, index, end| world.shut_down_end(index, end));
        self.at(second.1, |world, index, end| {
            world.write(index, end, 7);
        });
        let mut best = usize::MAX;
        for _ in 0..ROUNDS {
            for (writer, _) in [first, second] {
                self.at(writer, |world, index, end| {
                    while world.write(index, end, MAX_LENGTH) {}
                    if end.model.reset == Reset::No {
                        world.register_for(index, end, Interest::WRITABLE);
                    }
                });
            }
            for _ in 0..ROUNDS {
                self.poll(Duration::from_millis(8));
            }
            best = best.min(self.empty_polls_until_writable(second));
        }
        if best > MAX_EMPTY_POLLS && !IS_ASYNCHRONOUS {
            self.fail((best, "a writer with unread data is late"));
        }
    }

    /// Reads everything at one end, and counts the polls until the writer is reported.
    fn empty_polls_until_writable(&mut self, (writer, reader): (usize, usize)) -> usize {
        self.at(reader, |world, index, end| {
            world.register_for(index, end, Interest::READABLE)
        });
        let mut is_over = false;
        while !is_over {
            self.poll_until_read(reader);
            self.at(reader, |world, index, end| {
                world.drain(index, end);
                is_over = end.model.waiting == 0 || end.model.reset != Reset::No;
            });
        }
        let mut count = 0;
        while self.ends[writer]
            .as_ref()
            .is_some_and(|end| end.model.write.pending)
        {
            if count > 10 * MAX_EMPTY_POLLS {
                self.poll_until_reported();
            }
            count += usize::from(self.poll(Duration::ZERO) == Some(0));
        }
        count
    }

    /// Polls until an end has an event for reading, whatever else is pending.
    fn poll_until_read(&mut self, reader: usize) {
        let is_pending = |world: &Self| {
            let end = world.ends[reader].as_ref();
            end.is_some_and(|end| end.model.read.pending)
        };
        for _ in 0..100 {
            if is_pending(self) {
                self.poll(Duration::from_millis(100));
            }
        }
        if is_pending(self) {
            self.fail((reader, "an event was lost"));
        }
    }
}
