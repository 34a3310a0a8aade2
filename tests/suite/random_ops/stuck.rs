//! Writers with unread data beside one at the end of its stream, all with full buffers: where
//! the system can't wait for the one it must not be late with the others.

use std::time::{Duration, Instant};

use mio::Interest;

use super::model::Reset;
use super::world::{World, MAX_LENGTH};

/// How late a writer may be, at best.
const MAX_DELAY: Duration = Duration::from_millis(30);
/// In how many rounds.
const ROUNDS: usize = 3;

impl World<'_> {
    /// Two such writers, and the time until one of them is reported.
    pub(super) fn stuck_writers(&mut self) {
        let (Some(first), Some(second)) = (self.stuck_pair(), self.stuck_pair()) else {
            return;
        };
        self.note("stuck writers", first.0, second.0);
        // A peer that sends nothing more, and one that has sent something.
        self.at(first.1, |world, index, end| world.shut_down_end(index, end));
        self.at(second.1, |world, index, end| {
            world.write(index, end, 7);
        });
        let mut best = Duration::MAX;
        for _ in 0..ROUNDS {
            for (writer, _) in [first, second] {
                self.at(writer, |world, index, end| {
                    while world.write(index, end, MAX_LENGTH) {}
                    if end.model.reset == Reset::No {
                        world.register_for(end, Interest::WRITABLE);
                    }
                });
            }
            for _ in 0..ROUNDS {
                self.poll(Duration::from_millis(8));
            }
            best = best.min(self.time_until_writable(second.1));
        }
        if best > MAX_DELAY {
            self.fail((best, "a writer with unread data is late"));
        }
    }

    /// Reads everything at one end, and measures how long the other's event takes from then.
    fn time_until_writable(&mut self, reader: usize) -> Duration {
        self.at(reader, |world, _, end| {
            world.register_for(end, Interest::READABLE)
        });
        let mut is_over = false;
        while !is_over {
            self.poll_until_reported();
            self.at(reader, |world, index, end| {
                world.drain(index, end);
                is_over = end.model.waiting == 0 || end.model.reset != Reset::No;
            });
        }
        let start = Instant::now();
        self.poll_until_reported();
        start.elapsed()
    }
}
