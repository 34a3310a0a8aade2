//! Receiving without the library, inside of `try_io` for one.

use std::io;

/// Receives into the buffer.
#[cfg(not(target_os = "wasi"))]
pub(crate) fn receive(stream: &mio::net::TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    io::Read::read(&mut &*socket2::SockRef::from(stream), buffer)
}

/// Receives into the buffer.
#[cfg(all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3"))))]
pub(crate) fn receive(socket: &impl std::os::fd::AsRawFd, buffer: &mut [u8]) -> io::Result<usize> {
    /// A buffer as WASI has it.
    #[repr(C)]
    struct Buffer {
        start: *mut u8,
        length: usize,
    }

    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    extern "C" {
        fn sock_recv(
            fd: u32,
            buffers: *const Buffer,
            buffer_count: usize,
            flags: u32,
            received: *mut usize,
            out_flags: *mut u16,
        ) -> u32;
    }

    let (mut received, mut out_flags) = (0, 0);
    let length = buffer.len();
    let start = buffer.as_mut_ptr();
    let fd = socket.as_raw_fd() as u32;
    // SAFETY: the buffer has this length, and there are the two numbers.
    match unsafe {
        sock_recv(
            fd,
            &Buffer { start, length },
            1,
            0,
            &mut received,
            &mut out_flags,
        )
    } {
        0 => Ok(received),
        errno => Err(io::Error::from_raw_os_error(errno as i32)),
    }
}

/// Reads: preview 2 has no other way for a stream.
#[cfg(all(target_os = "wasi", any(target_env = "p2", target_env = "p3")))]
pub(crate) fn receive(stream: &mio::net::TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    io::Read::read(&mut &*stream, buffer)
}
