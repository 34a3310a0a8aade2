//! Counts that the host gives, checked against the bounds of the buffers. WASI preview 1.
//!
//! A count beyond the buffer that was given would let a caller slice past it. Nothing else
//! is checked: a host owns the memory of its guest.

use std::io;

/// A count that the host gives, of something that there was `room` for.
pub(super) fn count(claimed: usize, room: usize) -> io::Result<usize> {
    if claimed > room {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the host reports more than fits into the buffers",
        ));
    }
    Ok(claimed)
}

/// The room of some buffers, which may add up to more than there is memory.
pub(super) fn room(lengths: impl Iterator<Item = usize>) -> usize {
    lengths.fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_beyond_the_room_are_errors() {
        assert_eq!(count(0, 0).unwrap(), 0);
        assert_eq!(count(7, 7).unwrap(), 7);
        for claimed in [8, usize::MAX] {
            let error = count(claimed, 7).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
        assert_eq!(room([1, 2].into_iter()), 3);
        assert_eq!(room([usize::MAX, 2].into_iter()), usize::MAX);
    }
}
