//! The choice of each step, and the end of a run.

use std::time::Duration;

use mio::Interest;

use super::model::Reset;
use super::world::World;

/// How rare the check of stuck writers is among the last of the steps: it waits.
const STUCK_WRITERS: usize = 40;
/// How rare interrupted polls are among theirs: each starts a thread.
const INTERRUPTIONS: usize = 8;

impl World<'_> {
    /// All steps of a run, and the check of the final state. The run ends early when the
    /// choices run out.
    pub(crate) fn run(&mut self, steps: u64) {
        for _ in 0..steps {
            if self.choices.is_over() {
                break;
            }
            self.step();
        }
        self.finish();
    }

    /// One step.
    fn step(&mut self) {
        self.step += 1;
        match self.choices.below(128) {
            0..=18 => drop(self.poll(Duration::ZERO)),
            19..=26 => self.poll_until_reported(),
            27..=30 => self.zero_polls(),
            31..=32 => self.poll_until_quiet(),
            33..=48 => self.read_once(),
            49..=60 => self.drain_one(),
            61..=75 => self.write_once(),
            76..=77 => self.fill(),
            78..=84 => self.register(),
            85..=90 => self.reregister(),
            91..=92 => self.deregister(),
            93..=94 => self.close(false),
            95 => self.close(true),
            96..=97 => self.shut_down(),
            98 => self.shut_down_behind_data(),
            99..=101 => self.connect(),
            102 => self.connect_without_listener(),
            103..=104 => self.accept(),
            105 => self.udp_pair(),
            106 => self.unix_pair(),
            107..=108 => self.refuse(),
            109..=110 => self.reopen(),
            111..=113 => self.take_error_of_one(),
            114..=115 => self.deregister_and_take_error(),
            116..=117 => self.peek(),
            118..=119 => self.peek_at_refused(),
            120 => self.wake(),
            121 => self.reregister_listener(),
            122..=123 => self.wrong_calls(),
            #[cfg(windows)]
            124 => self.pipe_of_a_closed_client(),
            125..=126 if self.choices.below(INTERRUPTIONS) == 0 => self.poll_interrupted(),
            127 if self.choices.below(STUCK_WRITERS) == 0 => self.stuck_writers(),
            _ => self.register(),
        }
    }

    /// Reads and compares all unread data, then closes everything.
    fn finish(&mut self) {
        self.step += 1;
        while self.at_listener.waiting > 0 {
            self.poll_until_reported();
            self.accept_all();
        }
        self.poll_until_quiet();
        for index in 0..self.ends.len() {
            let Some(mut end) = self.ends[index].take() else {
                continue;
            };
            self.register_for(index, &mut end, Interest::READABLE);
            while end.model.reset == Reset::No && end.model.waiting + end.model.datagrams.len() > 0
            {
                self.ends[index] = Some(end);
                self.poll_until_reported();
                end = self.ends[index].take().expect("an end that was put back");
                self.drain(index, &mut end);
            }
            self.ends[index] = Some(end);
        }
        self.poll_until_quiet();
        self.ends.iter_mut().for_each(|end| *end = None);
        self.poll(Duration::ZERO);
    }
}
