//! Socket options: those that the host has, by its own numbers and sizes.

use core::mem::size_of;
use core::ptr;

use libc::{c_int, c_void};

use super::host::{self, done, fail};
use super::numbers::{
    IPPROTO_TCP, SOL_SOCKET, SO_ACCEPTCONN, SO_BROADCAST, SO_ERROR, SO_KEEPALIVE, SO_LINGER,
    SO_RCVBUF, SO_RCVTIMEO, SO_REUSEADDR, SO_SNDBUF, SO_SNDTIMEO, SO_TYPE, TCP_NODELAY,
};
use super::types::socklen_t;

/// The level of the host that has options.
const HOST_LEVEL: u32 = 0;

/// Room for the value of any option, aligned as some hosts want it.
#[repr(C, align(8))]
struct Value([u8; 16]);

/// The host's number of an option of SOL_SOCKET, and the size of its value.
fn of_socket(name: c_int) -> Option<(u32, usize)> {
    Some(match name {
        SO_REUSEADDR => (0, 4),
        SO_TYPE => (1, 4),
        SO_ERROR => (2, 4),
        SO_BROADCAST => (4, 4),
        SO_SNDBUF => (5, 4),
        SO_RCVBUF => (6, 4),
        SO_KEEPALIVE => (7, 4),
        SO_LINGER => (9, 8),
        SO_RCVTIMEO => (11, size_of::<libc::timeval>()),
        SO_SNDTIMEO => (12, size_of::<libc::timeval>()),
        SO_ACCEPTCONN => (13, 4),
        _ => return None,
    })
}

/// getsockopt(2). TCP_NODELAY is off, as no host lets it be switched on; other options that
/// the host lacks are `ENOPROTOOPT`.
///
/// # Safety
///
/// `length` points to a length, and `value` to as many writable bytes.
pub unsafe fn getsockopt(
    fd: c_int,
    level: c_int,
    name: c_int,
    value: *mut c_void,
    length: *mut socklen_t,
) -> c_int {
    if value.is_null() || length.is_null() {
        return fail(libc::EFAULT);
    }
    // SAFETY: by this function's contract.
    let room = unsafe { ptr::read_unaligned(length) } as usize;
    let mut bytes = Value([0; 16]);
    let size = match (level, of_socket(name)) {
        (SOL_SOCKET, Some((number, size))) => {
            let mut filled = size as u32;
            // SAFETY: the host writes at most as many bytes, which are there.
            let result = unsafe {
                host::sock_getsockopt(
                    fd as u32,
                    HOST_LEVEL,
                    number,
                    bytes.0.as_mut_ptr(),
                    &mut filled,
                )
            };
            if done(result) != 0 {
                return -1;
            }
            size
        }
        (IPPROTO_TCP, _) if name == TCP_NODELAY => {
            if require_socket(fd) != 0 {
                return -1;
            }
            4
        }
        _ => return fail(libc::ENOPROTOOPT),
    };
    let size = size.min(room);
    // SAFETY: no more is copied than there is room for, by this function's contract.
    unsafe { ptr::copy_nonoverlapping(bytes.0.as_ptr(), value.cast::<u8>(), size) };
    // SAFETY: by this function's contract.
    unsafe { ptr::write_unaligned(length, size as socklen_t) };
    0
}

/// setsockopt(2). Options of TCP succeed without effect: they are hints that programs demand
/// to succeed. Others that the host lacks are `ENOPROTOOPT`.
///
/// # Safety
///
/// `value` points to `length` readable bytes.
pub unsafe fn setsockopt(
    fd: c_int,
    level: c_int,
    name: c_int,
    value: *const c_void,
    length: socklen_t,
) -> c_int {
    if value.is_null() {
        return fail(libc::EFAULT);
    }
    match (level, of_socket(name)) {
        (SOL_SOCKET, Some((number, size))) => {
            if (length as usize) < size {
                return fail(libc::EINVAL);
            }
            let mut bytes = Value([0; 16]);
            // SAFETY: as many bytes are readable, by this function's contract.
            unsafe { ptr::copy_nonoverlapping(value.cast::<u8>(), bytes.0.as_mut_ptr(), size) };
            // SAFETY: the host reads as many bytes, which are there and aligned by the copy.
            done(unsafe {
                host::sock_setsockopt(fd as u32, HOST_LEVEL, number, bytes.0.as_ptr(), size as u32)
            })
        }
        (IPPROTO_TCP, _) => require_socket(fd),
        _ => fail(libc::ENOPROTOOPT),
    }
}

/// 0 for a socket; otherwise -1 with the error of a descriptor that is closed or no socket.
fn require_socket(fd: c_int) -> c_int {
    let (mut kind, mut size) = (Value([0; 16]), 4);
    // SAFETY: the host writes at most four bytes, which are there.
    done(unsafe { host::sock_getsockopt(fd as u32, HOST_LEVEL, 1, kind.0.as_mut_ptr(), &mut size) })
}
