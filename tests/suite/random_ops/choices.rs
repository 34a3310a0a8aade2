//! Pseudo-random choices, from a seed or from the bytes of a fuzzer.

/// A source of choices.
#[allow(dead_code)] // the test has one, the fuzzer the other
pub(crate) enum Choices<'a> {
    /// The state of a generator (SplitMix64): few operations, and any seed is good.
    Seed(u64),
    /// The rest of given bytes.
    Bytes(&'a [u8]),
}

impl Choices<'_> {
    /// One of `0..limit`; zero when the bytes have run out.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        match self {
            Choices::Seed(state) => {
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut value = *state;
                value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                ((value ^ (value >> 31)) % limit as u64) as usize
            }
            Choices::Bytes(bytes) => match bytes.split_first() {
                Some((first, rest)) => {
                    *bytes = rest;
                    usize::from(*first) % limit
                }
                None => 0,
            },
        }
    }

    /// One of these values.
    pub(crate) fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }

    /// Have the bytes run out?
    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Choices::Bytes([]))
    }
}
