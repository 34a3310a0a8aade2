//! What the host claims, checked before it is used. WASI preview 1.
//!
//! The memory of a guest is safe from its host's mistakes only as far as the guest
//! believes nothing that it can check: a count beyond the room that was given would
//! let a caller slice past its buffer, and std has no descriptor of all ones.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

/// A count that the host gives, of something that there was `room` for.
pub(super) fn count(claimed: usize, room: usize) -> io::Result<usize> {
    if claimed > room {
        return Err(impossible(
            "the host claims more than it was given room for",
        ));
    }
    Ok(claimed)
}

/// The room of some buffers, which may add up to more than there is memory.
pub(super) fn room(lengths: impl Iterator<Item = usize>) -> usize {
    lengths.fold(0, usize::saturating_add)
}

/// A descriptor that the host says it has just made.
///
/// # Safety
///
/// When there is one with this number, nobody else owns it.
pub(super) unsafe fn new_descriptor(fd: u32) -> io::Result<OwnedFd> {
    if fd == u32::MAX {
        return Err(impossible("the host gave a descriptor that can't be"));
    }
    // SAFETY: it isn't the one number that is forbidden, and nobody else owns it, as
    // the caller promises.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

/// The error of a host that is not to be believed.
fn impossible(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
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

    #[test]
    fn descriptor_of_all_ones_is_an_error() {
        // SAFETY: there is no descriptor with this number.
        let error = unsafe { new_descriptor(u32::MAX) }.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
