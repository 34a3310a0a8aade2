//! A notifier by pipe(2): it is readable while there is a byte in it. For Unix systems
//! without eventfd(2).

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, RawFd};

use crate::sys::posix::new_fd;

/// Both ends of a pipe.
#[derive(Debug)]
pub(crate) struct Notifier {
    /// The end that the selector watches.
    reader: File,
    /// The end that is written to.
    writer: File,
}

impl Notifier {
    /// A notifier that isn't readable.
    pub(crate) fn new() -> io::Result<Self> {
        let (reader, writer) = new_fd::pipe()?;
        Ok(Self {
            reader: reader.into(),
            writer: writer.into(),
        })
    }

    /// The descriptor that `notify` makes readable.
    pub(crate) fn raw_fd(&self) -> RawFd {
        self.reader.as_raw_fd()
    }

    /// Makes it readable. Each call is an edge, also when it is readable.
    pub(crate) fn notify(&self) -> io::Result<()> {
        loop {
            // Drained first, so that it never fills up and becomes readable anew: illumos
            // reports no edge for another byte in a pipe that isn't empty
            // (<https://www.illumos.org/issues/13436>).
            self.drain()?;
            match (&self.writer).write(&[1]) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result.map(drop),
            }
        }
    }

    /// Makes it unreadable.
    pub(crate) fn drain(&self) -> io::Result<()> {
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
    fn notifying_never_fills_the_pipe() {
        let notifier = Notifier::new().unwrap();
        for _ in 0..100_000 {
            notifier.notify().unwrap();
        }
        notifier.drain().unwrap();
        let empty = (&notifier.reader).read(&mut [0; 1]).unwrap_err();
        assert_eq!(empty.kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn full_pipe_becomes_readable_anew() {
        let notifier = Notifier::new().unwrap();
        while (&notifier.writer).write(&[0; 4096]).is_ok() {}
        notifier.notify().unwrap();
        assert_eq!((&notifier.reader).read(&mut [0; 8]).unwrap(), 1);
    }
}
