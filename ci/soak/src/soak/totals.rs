//! Counts of all connections.

use crate::exchange::Sum;

/// How a client can misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misbehaviour {
    /// Resets the connection anywhere.
    Reset,
    /// Half-closes in the middle of a request, and waits.
    HalfClose,
    /// Requests much and reads it slowly.
    SlowReader,
    /// Sends random bytes.
    Garbage,
    /// Stops in the middle of a request, and closes after some time.
    Abandon,
}

/// All of them, in the order in which they are counted.
pub const MISBEHAVIOURS: [Misbehaviour; 5] = [
    Misbehaviour::Reset,
    Misbehaviour::HalfClose,
    Misbehaviour::SlowReader,
    Misbehaviour::Garbage,
    Misbehaviour::Abandon,
];

/// Counts and checksums.
#[derive(Default)]
pub struct Totals {
    /// Well-behaved connections that were served completely.
    pub good: usize,
    /// Connections that misbehaved, by `MISBEHAVIOURS`.
    pub bad: [usize; MISBEHAVIOURS.len()],
    pub exchanges: usize,
    /// Bytes of all expected and of all received responses.
    pub expected: u64,
    pub received: u64,
    /// The sums of their checksums, one for each exchange.
    pub expected_sum: u64,
    pub received_sum: u64,
    /// Well-behaved connections that failed.
    pub failed: usize,
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

    pub fn has_misbehaved(&mut self, misbehaviour: Misbehaviour) {
        if let Some(at) = MISBEHAVIOURS.iter().position(|each| *each == misbehaviour) {
            self.bad[at] += 1;
        }
    }

    /// Prints the counts; `true` when they are as expected.
    pub fn print(&self) -> bool {
        let bad: usize = self.bad.iter().sum();
        let each: Vec<String> = MISBEHAVIOURS
            .iter()
            .zip(self.bad)
            .map(|(misbehaviour, count)| format!("{misbehaviour:?} {count}"))
            .collect();
        println!(
            "{} connections behaved, {bad} misbehaved ({}), at most {} at a time",
            self.good,
            each.join(", "),
            self.most
        );
        println!(
            "{} exchanges, {} of {} bytes came back, checksums {:016x} and {:016x}, {} connections failed",
            self.exchanges,
            self.received,
            self.expected,
            self.received_sum,
            self.expected_sum,
            self.failed
        );
        let complete = self.expected == self.received && self.expected_sum == self.received_sum;
        complete && self.failed == 0 && self.good > 0 && self.bad.iter().all(|count| *count > 0)
    }
}
