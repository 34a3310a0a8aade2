//! For systems that run one program and start no other (ESP-IDF, game
//! consoles, WASI preview 2): no descriptor is ever inherited.

use std::io;
use std::os::fd::BorrowedFd;

/// Nothing to do.
pub(crate) fn set_close_on_exec(_: BorrowedFd<'_>) -> io::Result<()> {
    Ok(())
}
