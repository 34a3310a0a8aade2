//! What all visits together have done.

use crate::exchange::Sum;

/// How a client can misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misdeed {
    /// Resets the connection anywhere.
    Reset,
    /// Says in the middle that this was all, and waits.
    HalfClose,
    /// Asks for a lot and takes it in drops.
    SlowReader,
    /// Sends what means nothing.
    Garbage,
    /// Stops in the middle, and leaves after a while.
    Abandon,
}

/// All of them, in the order in which they are counted.
pub const MISDEEDS: [Misdeed; 5] = [
    Misdeed::Reset,
    Misdeed::HalfClose,
    Misdeed::SlowReader,
    Misdeed::Garbage,
    Misdeed::Abandon,
];

/// Counts and sums.
#[derive(Default)]
pub struct Totals {
    /// Visits that behaved and have got everything.
    pub good: usize,
    /// Visits that misbehaved, by `MISDEEDS`.
    pub bad: [usize; MISDEEDS.len()],
    pub exchanges: usize,
    /// Bytes that had to come back, and that came.
    pub expected: u64,
    pub received: u64,
    /// The sums of their checksums, one for each exchange.
    pub expected_sum: u64,
    pub received_sum: u64,
    /// Visits that were not treated as they have to be.
    pub lost: usize,
    /// The most connections at one time.
    pub most: usize,
}

impl Totals {
    pub fn expect(&mut self, answer: &[u8]) {
        let mut sum = Sum::default();
        sum.add(answer);
        self.exchanges += 1;
        self.expected += answer.len() as u64;
        self.expected_sum = self.expected_sum.wrapping_add(sum.0);
    }

    pub fn has_misbehaved(&mut self, misdeed: Misdeed) {
        if let Some(at) = MISDEEDS.iter().position(|each| *each == misdeed) {
            self.bad[at] += 1;
        }
    }

    /// Prints it, and says whether all is well.
    pub fn print(&self) -> bool {
        let bad: usize = self.bad.iter().sum();
        let each: Vec<String> = MISDEEDS
            .iter()
            .zip(self.bad)
            .map(|(misdeed, count)| format!("{misdeed:?} {count}"))
            .collect();
        println!(
            "{} visits behaved, {bad} misbehaved ({}), at most {} at a time",
            self.good,
            each.join(", "),
            self.most
        );
        println!(
            "{} exchanges, {} of {} bytes came back, checksums {:016x} and {:016x}, {} visits lost",
            self.exchanges,
            self.received,
            self.expected,
            self.received_sum,
            self.expected_sum,
            self.lost
        );
        let complete = self.expected == self.received && self.expected_sum == self.received_sum;
        complete && self.lost == 0 && self.good > 0 && self.bad.iter().all(|count| *count > 0)
    }
}
