//! A waker by eventfd: a counter in the kernel that is readable when it changes.
//! Linux and Android.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;

use crate::sys::contract;
use crate::sys::source::descriptor::DescriptorSelector;
use crate::sys::unix::check;
use crate::sys::Selector;
use crate::{Interest, Token};

/// The counter. Nobody reads it: each write is an edge, and that is all.
#[derive(Debug)]
pub(crate) struct Waker {
    /// The eventfd; a file since std reads and writes that without `unsafe`.
    counter: File,
}

impl contract::Waker for Waker {
    type Selector = Selector;

    fn new(selector: &Selector, token: Token) -> io::Result<Self> {
        let flags = libc::EFD_CLOEXEC | libc::EFD_NONBLOCK;
        // SAFETY: the call takes no memory.
        let fd = unsafe { libc::eventfd(0, flags) };
        // SAFETY: the call has just returned it.
        let counter = File::from(unsafe { check::owned_fd(fd) }?);
        selector.register(counter.as_raw_fd(), token, Interest::READABLE)?;
        Ok(Self { counter })
    }

    fn wake(&self) -> io::Result<()> {
        loop {
            match (&self.counter).write(&1_u64.to_ne_bytes()) {
                // The counter is at its maximum, after 2^64 - 2 wakes. Emptying
                // it makes room, and the write that follows is the edge.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    match (&self.counter).read(&mut [0; 8]) {
                        Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                            return Err(error);
                        }
                        _ => {}
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result.map(drop),
            }
        }
    }
}
