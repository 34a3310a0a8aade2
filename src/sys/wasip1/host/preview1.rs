//! The standard calls of WASI preview 1 that the library uses, made safe.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use wasi::wasi_snapshot_preview1 as bare;
use wasi::{Ciovec, Fd, Iovec, Subscription};

use super::bounds;
use super::errno::error;

/// The number of buffers that the host takes in one call; it refuses more (`IOV_MAX`).
const MAX_BUFFERS: usize = 1024;

/// The time of the monotonic clock in nanoseconds.
pub(super) fn now() -> io::Result<u64> {
    // SAFETY: the call takes no memory of the caller.
    unsafe { wasi::clock_time_get(wasi::CLOCKID_MONOTONIC, 0) }.map_err(error)
}

/// A random number, good enough to be a secret.
#[cfg(feature = "net")]
pub(crate) fn random() -> io::Result<u128> {
    let mut bytes = [0; 16];
    // SAFETY: the host writes as many bytes as `bytes` has.
    unsafe { wasi::random_get(bytes.as_mut_ptr(), bytes.len()) }.map_err(error)?;
    Ok(u128::from_le_bytes(bytes))
}

/// One `poll_oneoff`: waits for one of the subscriptions and replaces what is in
/// `events`.
pub(super) fn poll_oneoff(
    subscriptions: &[Subscription],
    events: &mut Vec<wasi::Event>,
) -> io::Result<()> {
    events.clear();
    events.reserve(subscriptions.len());
    let mut count = 0_usize;
    // SAFETY: the host reads as many subscriptions as there are, and writes at
    // most as many events, for which there is capacity, and their number.
    let errno = unsafe {
        bare::poll_oneoff(
            subscriptions.as_ptr() as i32,
            events.as_mut_ptr() as i32,
            subscriptions.len() as i32,
            &mut count as *mut usize as i32,
        )
    };
    if errno != 0 {
        return Err(bare_error(errno));
    }
    let count = bounds::count(count, subscriptions.len())?;
    // SAFETY: the host has written this many events, and it is no more than the
    // capacity that was reserved.
    unsafe { events.set_len(count) };
    Ok(())
}

/// Fails when a descriptor is closed, or no socket: the host's poll would wait for
/// others and say nothing about it.
pub(crate) fn check_socket(fd: Fd) -> io::Result<()> {
    // SAFETY: the call takes no memory of the caller.
    let status = unsafe { wasi::fd_fdstat_get(fd) }.map_err(error)?;
    match status.fs_filetype {
        wasi::FILETYPE_SOCKET_STREAM | wasi::FILETYPE_SOCKET_DGRAM => Ok(()),
        _ => Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the host can't wait for this descriptor as a socket: it isn't one",
        )),
    }
}

/// The descriptor as the host's calls take it.
pub(super) fn host_fd(fd: &OwnedFd) -> Fd {
    fd.as_raw_fd() as Fd
}

/// Makes a descriptor non-blocking.
#[inline]
pub(crate) fn set_nonblocking(fd: &OwnedFd) -> io::Result<()> {
    // SAFETY: the call takes no memory.
    unsafe { wasi::fd_fdstat_set_flags(host_fd(fd), wasi::FDFLAGS_NONBLOCK) }.map_err(error)
}

/// The next connection of a listener, in blocking mode.
///
/// The call could set the mode itself, but WasmEdge then sets it on the listener
/// instead of the connection.
#[inline]
pub(crate) fn accept(listener: &OwnedFd) -> io::Result<OwnedFd> {
    let mut fd: RawFd = 0;
    // SAFETY: the host writes the number of the connection to `fd`.
    let errno = unsafe { bare::sock_accept(listener.as_raw_fd(), 0, &mut fd as *mut RawFd as i32) };
    match errno {
        // SAFETY: the host has just made it for us.
        0 => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
        errno => Err(bare_error(errno)),
    }
}

/// The error of a call without the wrapping of the crate `wasi`, which takes as many
/// instructions as the rest of a small read. The host's numbers have 16 bits.
fn bare_error(errno: i32) -> io::Error {
    io::Error::from_raw_os_error(errno & 0xffff)
}

/// Receives into a buffer; with `peek`, without consuming.
pub(crate) fn recv_one(fd: &OwnedFd, buffer: &mut [u8], peek: bool) -> io::Result<usize> {
    let flags = if peek { wasi::RIFLAGS_RECV_PEEK } else { 0 };
    let list = [Iovec {
        buf: buffer.as_mut_ptr(),
        buf_len: buffer.len(),
    }];
    let (mut received, mut flags_out) = (0_usize, 0 as wasi::Roflags);
    // SAFETY: the list and the buffer that it points to are borrowed for longer than
    // the call, the buffer mutably; the host writes its two results to them.
    let errno = unsafe {
        bare::sock_recv(
            fd.as_raw_fd(),
            list.as_ptr() as i32,
            1,
            i32::from(flags),
            &mut received as *mut usize as i32,
            &mut flags_out as *mut wasi::Roflags as i32,
        )
    };
    match errno {
        0 => bounds::count(received, buffer.len()),
        errno => Err(bare_error(errno)),
    }
}

/// Receives into the buffers; with `peek`, without consuming.
pub(crate) fn recv(fd: &OwnedFd, buffers: &mut [IoSliceMut<'_>], peek: bool) -> io::Result<usize> {
    let capacity = bounds::total(buffers.iter().map(|buffer| buffer.len()));
    let received = with_iovecs(buffers, |buffers| {
        let flags = if peek { wasi::RIFLAGS_RECV_PEEK } else { 0 };
        // SAFETY: the list and the buffers it points to are borrowed for longer
        // than the call, the buffers mutably.
        unsafe { wasi::sock_recv(host_fd(fd), buffers, flags) }
            .map(|(count, _)| count)
            .map_err(error)
    })?;
    bounds::count(received, capacity)
}

/// Peeks at a stream: the number of bytes that can be read, at most one. Takes the error that
/// the host keeps for the stream.
pub(super) fn peek(fd: Fd) -> Result<usize, wasi::Errno> {
    let mut byte = 0_u8;
    let buffer = [Iovec {
        buf: &mut byte,
        buf_len: 1,
    }];
    // SAFETY: the list and the byte it points to outlive the call.
    unsafe { wasi::sock_recv(fd, &buffer, wasi::RIFLAGS_RECV_PEEK) }.map(|(count, _)| count)
}

/// Sends what is in a buffer. (`fd_write` would do for streams, but a dead peer then
/// ends the host process with SIGPIPE.)
pub(crate) fn send_one(fd: &OwnedFd, buffer: &[u8]) -> io::Result<usize> {
    let list = [Ciovec {
        buf: buffer.as_ptr(),
        buf_len: buffer.len(),
    }];
    let mut sent = 0_usize;
    // SAFETY: the list and the buffer that it points to are borrowed for longer than
    // the call; the host writes its result to `sent`.
    let errno = unsafe {
        bare::sock_send(
            fd.as_raw_fd(),
            list.as_ptr() as i32,
            1,
            0,
            &mut sent as *mut usize as i32,
        )
    };
    match errno {
        0 => bounds::count(sent, buffer.len()),
        errno => Err(bare_error(errno)),
    }
}

/// Sends what is in the buffers, as one segment or datagram as far as it goes.
pub(crate) fn send(fd: &OwnedFd, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
    let capacity = bounds::total(buffers.iter().map(|buffer| buffer.len()));
    let sent = with_ciovecs(buffers, |buffers| {
        // SAFETY: the list and the buffers it points to are borrowed for longer
        // than the call.
        unsafe { wasi::sock_send(host_fd(fd), buffers, 0) }.map_err(error)
    })?;
    bounds::count(sent, capacity)
}

/// Shuts one or both directions down.
pub(crate) fn shutdown(fd: &OwnedFd, how: std::net::Shutdown) -> io::Result<()> {
    let how = match how {
        std::net::Shutdown::Read => wasi::SDFLAGS_RD,
        std::net::Shutdown::Write => wasi::SDFLAGS_WR,
        std::net::Shutdown::Both => wasi::SDFLAGS_RD | wasi::SDFLAGS_WR,
    };
    // SAFETY: the call takes no memory.
    unsafe { wasi::sock_shutdown(host_fd(fd), how) }.map_err(error)
}

/// Calls `call` with the first buffers as the host takes them.
pub(super) fn with_iovecs<R>(
    buffers: &mut [IoSliceMut<'_>],
    call: impl FnOnce(&[Iovec]) -> R,
) -> R {
    let mut list = [MaybeUninit::uninit(); MAX_BUFFERS];
    let list = fill(&mut list, buffers.iter_mut(), |buffer| Iovec {
        buf: buffer.as_mut_ptr(),
        buf_len: buffer.len(),
    });
    call(list)
}

/// Calls `call` with the first buffers as the host takes them.
pub(super) fn with_ciovecs<R>(buffers: &[IoSlice<'_>], call: impl FnOnce(&[Ciovec]) -> R) -> R {
    let mut list = [MaybeUninit::uninit(); MAX_BUFFERS];
    let list = fill(&mut list, buffers.iter(), |buffer| Ciovec {
        buf: buffer.as_ptr(),
        buf_len: buffer.len(),
    });
    call(list)
}

/// Fills a list from its start, as far as there is capacity, and gives that part.
/// (The layout of std's slices is documented for other systems only, so they are
/// copied; two buffers cost next to nothing.)
fn fill<B, V: Copy>(
    list: &mut [MaybeUninit<V>; MAX_BUFFERS],
    buffers: impl Iterator<Item = B>,
    convert: impl Fn(B) -> V,
) -> &[V] {
    let mut count = 0;
    for (entry, buffer) in list.iter_mut().zip(buffers) {
        entry.write(convert(buffer));
        count += 1;
    }
    let start: *const MaybeUninit<V> = list.as_ptr();
    // SAFETY: the first `count` entries were written just now, `MaybeUninit<V>`
    // has the layout of `V`, and the result borrows the list.
    unsafe { std::slice::from_raw_parts(start.cast::<V>(), count) }
}
