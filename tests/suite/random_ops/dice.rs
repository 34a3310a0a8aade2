//! Where the choices come from: a seed, or the bytes of a fuzzer.

/// A source of choices.
#[allow(dead_code)] // the test has one, the fuzzer the other
pub(crate) enum Dice<'a> {
    /// The state of a generator (SplitMix64): few operations, and any seed is good.
    Seed(u64),
    /// What is left of given bytes.
    Bytes(&'a [u8]),
}

impl Dice<'_> {
    /// One of `0..sides`; zero when the bytes have run out.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        match self {
            Dice::Seed(state) => {
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut value = *state;
                value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                ((value ^ (value >> 31)) % sides as u64) as usize
            }
            Dice::Bytes(bytes) => match bytes.split_first() {
                Some((first, rest)) => {
                    *bytes = rest;
                    usize::from(*first) % sides
                }
                None => 0,
            },
        }
    }

    /// One of these.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.roll(choices.len())]
    }

    /// Have the bytes run out?
    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Dice::Bytes([]))
    }
}
