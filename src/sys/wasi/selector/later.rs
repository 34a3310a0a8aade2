//! What a selector has to do at a later time. WASI preview 1.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;

use super::key::{Direction, Key};
use super::state::State;
use crate::sys::retry::ACCEPT_RETRY_DELAY;
use crate::sys::wasi::host;

/// The shortest pause before something is armed again, and the unit of all pauses:
/// what is due at about the same time comes together.
const TICK: u64 = ACCEPT_RETRY_DELAY.as_nanos() as u64;

/// How often a pause doubles at most, to 640 ms.
const MOST_DOUBLINGS: u8 = 6;

/// What is to be done.
#[derive(Debug, Default)]
pub(super) struct Later {
    /// Directions to be armed, by the time when they are due, as user data. Each
    /// direction of a slot is in it at most once.
    to_arm: BinaryHeap<Reverse<(u64, u64)>>,
}

impl Later {
    /// Is there nothing to be done?
    pub(super) fn is_empty(&self) -> bool {
        self.to_arm.is_empty()
    }

    /// When something is to be armed.
    pub(super) fn next_due(&self) -> Option<u64> {
        self.to_arm.peek().map(|Reverse((due, _))| *due)
    }
}

impl State {
    /// Arms a direction after a pause, which doubles with each time that this
    /// follows upon itself.
    pub(super) fn arm_later(&mut self, slot: u32, direction: Direction, now: u64) {
        let key = self.table.key(slot, direction);
        let Some(entry) = self.table.current(key) else {
            return;
        };
        let pauses = &mut entry.pauses[direction as usize];
        let pause = TICK << (*pauses).min(MOST_DOUBLINGS);
        *pauses = pauses.saturating_add(1);
        if !std::mem::replace(&mut entry.delayed[direction as usize], true) {
            let ticks = (now.saturating_add(pause) / TICK).saturating_add(1);
            let due = ticks.saturating_mul(TICK);
            self.later.to_arm.push(Reverse((due, key.encode())));
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

    /// Does what has become due.
    pub(super) fn catch_up(&mut self) -> io::Result<()> {
        if self.later.is_empty() {
            return Ok(());
        }
        let now = host::now()?;
        while let Some(Reverse((due, user_data))) = self.later.to_arm.peek().copied() {
            if due > now {
                break;
            }
            self.later.to_arm.pop();
            let key = Key::decode(user_data);
            if let Some(entry) = self.table.current(key) {
                entry.delayed[key.direction() as usize] = false;
                self.table.arm(key.slot(), key.direction());
            }
        }
        Ok(())
    }
}
