//! Counts that the host gives, checked against the bounds of the buffers. WASI preview 1.
//!
//! A count beyond the buffer that was given would let a caller slice past it. Nothing else
//! is checked: a host owns the memory of its guest.

use std::io;

/// Checks a count that the host gives, of something that a buffer has `capacity` for.
pub(super) fn count(count: usize, capacity: usize) -> io::Result<usize> {
    if count > capacity {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the host reports more than fits into the buffers",
        ));
    }
    Ok(count)
}

/// The total length of some buffers, which may be more than there is memory.
pub(super) fn total(lengths: impl Iterator<Item = usize>) -> usize {
    lengths.fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_beyond_the_capacity_are_errors() {
        assert_eq!(count(0, 0).unwrap(), 0);
        assert_eq!(count(7, 7).unwrap(), 7);
        for too_many in [8, usize::MAX] {
            let error = count(too_many, 7).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
        assert_eq!(total([1, 2].into_iter()), 3);
        assert_eq!(total([usize::MAX, 2].into_iter()), usize::MAX);
    }
}
