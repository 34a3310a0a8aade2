//! The ends of pipes; for all Unix systems. The type is std's file, which reads
//! and writes descriptors of any kind.

use std::io;
use std::os::fd::AsFd;

pub(crate) use std::fs::File as End;

use crate::sys::posix::{blocking, new_fd};

/// A new pipe: the end to read from, and the end to write to.
pub(crate) fn new() -> io::Result<(End, End)> {
    let (reader, writer) = new_fd::pipe()?;
    Ok((reader.into(), writer.into()))
}

/// Chooses whether operations on this end wait.
pub(crate) fn set_nonblocking(end: &End, nonblocking: bool) -> io::Result<()> {
    blocking::set_nonblocking(end.as_fd(), nonblocking)
}
