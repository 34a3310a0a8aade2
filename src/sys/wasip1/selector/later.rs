//! What a selector has to arm at a later time. WASI preview 1.

use std::io;

use super::key::{Direction, Key};
use super::state::State;
use crate::sys::retry::{due_tick, RetryQueue, Schedule, ACCEPT_RETRY_DELAY};
use crate::sys::wasip1::host;

/// The unit of all pauses: what is due at about the same time comes together.
const TICK_NS: u64 = ACCEPT_RETRY_DELAY.as_nanos() as u64;

/// The pauses of a direction: they double up to 640 ms.
const PAUSES: Schedule = Schedule {
    free: 0,
    first_ns: TICK_NS,
    max_doublings: 6,
};

/// Directions to be armed at a later time. Each direction of a slot is in it at most once.
pub(super) type Later = RetryQueue<u64, Key>;

impl State {
    /// Arms a direction after a pause, which doubles with each time that this
    /// follows upon itself.
    pub(super) fn arm_later(&mut self, slot: u32, direction: Direction, now: u64) {
        let key = self.table.key(slot, direction);
        let Some(entry) = self.table.current(key) else {
            return;
        };
        let pause = entry.pauses[direction as usize].next_ns(&PAUSES);
        if !std::mem::replace(&mut entry.delayed[direction as usize], true) {
            let due = due_tick(now.saturating_add(pause), TICK_NS);
            self.later.push(due, key);
        }
    }

    /// The same from now on.
    pub(super) fn arm_after_pause(&mut self, slot: u32, direction: Direction) {
        match host::now() {
            Ok(now) => self.arm_later(slot, direction, now),
            // Without a clock: early is better than never.
            Err(_) => self.table.arm(slot, direction),
        }
    }

    /// Arms what has become due.
    pub(super) fn catch_up(&mut self) -> io::Result<()> {
        if self.later.next_due().is_none() {
            return Ok(());
        }
        let now = host::now()?;
        while let Some(key) = self.later.pop_due(now) {
            if let Some(entry) = self.table.current(key) {
                entry.delayed[key.direction() as usize] = false;
                self.table.arm(key.slot(), key.direction());
            }
        }
        Ok(())
    }
}
