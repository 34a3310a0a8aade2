//! Calls on descriptors that the library doesn't make, for Unix and WASI.

use std::io;
use std::os::fd::AsRawFd;

/// Changes how many connections may wait at a listener.
#[cfg(unix)]
#[track_caller]
pub(crate) fn set_backlog(listener: &impl AsRawFd, backlog: u16) {
    // SAFETY: the call takes no memory.
    let result = unsafe { libc::listen(listener.as_raw_fd(), backlog.into()) };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
}

/// Changes how many connections may wait at a listener.
#[cfg(target_os = "wasi")]
#[track_caller]
pub(crate) fn set_backlog(listener: &impl AsRawFd, backlog: u16) {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    extern "C" {
        fn sock_listen(fd: u32, backlog: u32) -> u32;
    }

    // SAFETY: the call takes no memory.
    let errno = unsafe { sock_listen(listener.as_raw_fd() as u32, backlog.into()) };
    assert_eq!(errno, 0);
}

/// Receives one byte.
#[cfg(unix)]
pub(crate) fn receive_byte(socket: &impl AsRawFd) -> io::Result<u8> {
    let mut byte = 0_u8;
    let buffer: *mut u8 = &mut byte;
    // SAFETY: the buffer holds the one byte that is requested.
    match unsafe { libc::recv(socket.as_raw_fd(), buffer.cast(), 1, 0) } {
        1 => Ok(byte),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Receives one byte.
#[cfg(target_os = "wasi")]
pub(crate) fn receive_byte(socket: &impl AsRawFd) -> io::Result<u8> {
    let mut byte = [0];
    match super::receive(socket, &mut byte)? {
        1 => Ok(byte[0]),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
