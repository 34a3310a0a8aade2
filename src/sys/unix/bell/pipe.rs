//! A bell by pipe: it is readable while there is a byte in it. For all Unix systems
//! without anything better.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, RawFd};

use crate::sys::unix::new_fd;

/// Both ends of a pipe.
#[derive(Debug)]
pub(crate) struct Bell {
    /// The end that the selector watches.
    reader: File,
    /// The end that is written to.
    writer: File,
}

impl Bell {
    /// A bell that has not rung.
    pub(crate) fn new() -> io::Result<Self> {
        let (reader, writer) = new_fd::pipe()?;
        Ok(Self {
            reader: reader.into(),
            writer: writer.into(),
        })
    }

    /// What becomes readable when it rings.
    pub(crate) fn raw_fd(&self) -> RawFd {
        self.reader.as_raw_fd()
    }

    /// Makes it readable; an edge each time.
    pub(crate) fn ring(&self) -> io::Result<()> {
        loop {
            // It never fills up, and becomes readable anew: on illumos a byte
            // more in a pipe that holds some is no edge.
            self.silence()?;
            match (&self.writer).write(&[1]) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result.map(drop),
            }
        }
    }

    /// Makes it unreadable.
    pub(crate) fn silence(&self) -> io::Result<()> {
        let mut bytes = [0; 64];
        loop {
            match (&self.reader).read(&mut bytes) {
                Ok(count) if count == bytes.len() => {}
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ringing_never_fills_the_pipe() {
        let bell = Bell::new().unwrap();
        for _ in 0..100_000 {
            bell.ring().unwrap();
        }
        bell.silence().unwrap();
        let empty = (&bell.reader).read(&mut [0; 1]).unwrap_err();
        assert_eq!(empty.kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn full_pipe_rings() {
        let bell = Bell::new().unwrap();
        while (&bell.writer).write(&[0; 4096]).is_ok() {}
        bell.ring().unwrap();
        assert_eq!((&bell.reader).read(&mut [0; 8]).unwrap(), 1);
    }
}
