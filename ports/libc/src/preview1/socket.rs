//! Opening, binding, connecting, sending and receiving.

use core::ptr;

use libc::{c_int, c_void, size_t, ssize_t};

use super::address::{self, HostAddress};
use super::host::{self, done, fail, Buffer, FamilyAndAddress};
use super::numbers::{
    AF_INET, AF_INET6, IPPROTO_TCP, IPPROTO_UDP, MSG_NOSIGNAL, SHUT_RDWR, SOCK_DGRAM, SOCK_STREAM,
};
use super::types::{sockaddr, socklen_t};

/// socket(2), with SOCK_NONBLOCK and SOCK_CLOEXEC. The protocol is 0 or that of the kind.
///
/// # Safety
///
/// None: it takes no memory. (libc's is unsafe too.)
pub unsafe fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int {
    if !matches!(domain, AF_INET | AF_INET6) {
        return fail(libc::EAFNOSUPPORT);
    }
    let (kind, flags) = (kind & !FLAGS, kind & FLAGS);
    // The host chooses the protocol by the kind alone.
    if !matches!(
        (kind, protocol),
        (SOCK_DGRAM, 0 | IPPROTO_UDP) | (SOCK_STREAM, 0 | IPPROTO_TCP)
    ) {
        return fail(libc::EPROTONOSUPPORT);
    }
    let mut fd = 0;
    // SAFETY: `fd` outlives the call.
    let failure = done(unsafe { host::sock_open(domain as u32, kind as u32, &mut fd) });
    if failure != 0 {
        return failure;
    }
    let fd = fd as c_int;
    if flags & libc::SOCK_NONBLOCK != 0 {
        // SAFETY: the command takes an int and no memory.
        let result = unsafe { libc::fcntl(fd, libc::F_SETFL, libc::O_NONBLOCK) };
        if result != 0 {
            // SAFETY: the descriptor was made here, and nothing else has it.
            unsafe { libc::close(fd) };
            return -1;
        }
    }
    fd
}

/// The flags of a kind. Nothing is closed on exec: there is no exec.
const FLAGS: c_int = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;

/// bind(2).
///
/// # Safety
///
/// `address` is null or points to `length` readable bytes.
pub unsafe fn bind(fd: c_int, address: *const sockaddr, length: socklen_t) -> c_int {
    // SAFETY: by this function's contract.
    match unsafe { HostAddress::read(address, length) } {
        // SAFETY: the buffer outlives the call.
        Ok(to) => done(unsafe { host::sock_bind(fd as u32, &to.buffer(), to.port) }),
        Err(number) => fail(number),
    }
}

/// connect(2).
///
/// # Safety
///
/// `address` is null or points to `length` readable bytes.
pub unsafe fn connect(fd: c_int, address: *const sockaddr, length: socklen_t) -> c_int {
    // SAFETY: by this function's contract.
    match unsafe { HostAddress::read(address, length) } {
        // SAFETY: the buffer outlives the call.
        Ok(to) => done(unsafe { host::sock_connect(fd as u32, &to.buffer(), to.port) }),
        Err(number) => fail(number),
    }
}

/// listen(2).
///
/// # Safety
///
/// None: it takes no memory. (libc's is unsafe too.)
pub unsafe fn listen(fd: c_int, backlog: c_int) -> c_int {
    // SAFETY: the call takes no memory.
    done(unsafe { host::sock_listen(fd as u32, backlog.max(0) as u32) })
}

/// accept(2). The connection is in blocking mode. Its peer may be gone already: then there is
/// no address, and the length is 0.
///
/// # Safety
///
/// `length` points to a length, and `address` to as many writable bytes; or both are null.
pub unsafe fn accept(fd: c_int, address: *mut sockaddr, length: *mut socklen_t) -> c_int {
    let mut accepted = 0;
    // SAFETY: `accepted` outlives the call. A flag would set the mode of the listener.
    let failure = done(unsafe { host::sock_accept(fd as u32, 0, &mut accepted) });
    if failure != 0 {
        return failure;
    }
    let has_address = !address.is_null() && !length.is_null();
    // SAFETY: by this function's contract.
    if has_address && unsafe { getpeername(accepted as c_int, address, length) } != 0 {
        // SAFETY: by this function's contract.
        unsafe { ptr::write_unaligned(length, 0) };
    }
    accepted as c_int
}

/// The address that a call of the host gives.
///
/// # Safety
///
/// `length` points to a length, and `address` to as many writable bytes; or both are null.
unsafe fn name_by(
    call: unsafe extern "C" fn(u32, *const Buffer, *mut u32) -> u32,
    fd: c_int,
    address: *mut sockaddr,
    length: *mut socklen_t,
) -> c_int {
    let mut raw = FamilyAndAddress::EMPTY;
    let bytes: *mut FamilyAndAddress = &mut raw;
    let buffer = Buffer {
        bytes: bytes.cast::<u8>(),
        length: 128,
    };
    let mut port = 0;
    // SAFETY: the host writes at most 128 bytes and a port, which outlive the call.
    let failure = done(unsafe { call(fd as u32, &buffer, &mut port) });
    if failure != 0 {
        return failure;
    }
    // SAFETY: by this function's contract.
    match unsafe { address::write(&raw, port as u16, address, length) } {
        Ok(()) => 0,
        Err(number) => fail(number),
    }
}

/// getsockname(2).
///
/// # Safety
///
/// `length` points to a length, and `address` to as many writable bytes; or both are null.
pub unsafe fn getsockname(fd: c_int, address: *mut sockaddr, length: *mut socklen_t) -> c_int {
    // SAFETY: by this function's contract.
    unsafe { name_by(host::sock_getlocaladdr_v2, fd, address, length) }
}

/// getpeername(2).
///
/// # Safety
///
/// As [`getsockname`].
pub unsafe fn getpeername(fd: c_int, address: *mut sockaddr, length: *mut socklen_t) -> c_int {
    // SAFETY: by this function's contract.
    unsafe { name_by(host::sock_getpeeraddr_v2, fd, address, length) }
}

/// shutdown(2).
///
/// # Safety
///
/// None: it takes no memory. (libc's is unsafe too.)
pub unsafe fn shutdown(fd: c_int, how: c_int) -> c_int {
    // The host takes 0 for reading.
    if !(1..=SHUT_RDWR).contains(&how) {
        return fail(libc::EINVAL);
    }
    // SAFETY: the call takes no memory.
    done(unsafe { host::sock_shutdown(fd as u32, how as u32) })
}

/// The count of a call, or -1 with `errno` set.
fn count(number: u32, count: usize) -> ssize_t {
    match done(number) {
        0 => count as ssize_t,
        failure => failure as ssize_t,
    }
}

/// send(2).
///
/// # Safety
///
/// `bytes` points to `length` readable bytes.
pub unsafe fn send(fd: c_int, bytes: *const c_void, length: size_t, flags: c_int) -> ssize_t {
    let buffer = Buffer {
        bytes: bytes.cast(),
        length,
    };
    let mut sent = 0;
    let flags = (flags & !MSG_NOSIGNAL) as u32;
    // SAFETY: the buffer is readable, by this function's contract; the rest outlives the call.
    let number = unsafe { host::sock_send(fd as u32, &buffer, 1, flags, &mut sent) };
    count(number, sent)
}

/// sendto(2).
///
/// # Safety
///
/// `bytes` points to `length` readable bytes, and `address` to `address_length` of them or is
/// null.
pub unsafe fn sendto(
    fd: c_int,
    bytes: *const c_void,
    length: size_t,
    flags: c_int,
    address: *const sockaddr,
    address_length: socklen_t,
) -> ssize_t {
    if address.is_null() {
        // SAFETY: by this function's contract.
        return unsafe { send(fd, bytes, length, flags) };
    }
    // SAFETY: by this function's contract.
    let to = match unsafe { HostAddress::read(address, address_length) } {
        Ok(to) => to,
        Err(number) => return fail(number) as ssize_t,
    };
    let buffer = Buffer {
        bytes: bytes.cast(),
        length,
    };
    let mut sent = 0;
    let flags = (flags & !MSG_NOSIGNAL) as u32;
    // SAFETY: the buffer is readable, by this function's contract; the rest outlives the call.
    let number = unsafe {
        host::sock_send_to(
            fd as u32,
            &buffer,
            1,
            &to.buffer(),
            to.port,
            flags,
            &mut sent,
        )
    };
    count(number, sent)
}

/// recv(2).
///
/// # Safety
///
/// `bytes` points to `length` writable bytes.
pub unsafe fn recv(fd: c_int, bytes: *mut c_void, length: size_t, flags: c_int) -> ssize_t {
    let buffer = Buffer {
        bytes: bytes.cast_const().cast(),
        length,
    };
    let (mut received, mut out_flags) = (0, 0);
    // SAFETY: the buffer is writable, by this function's contract; the rest outlives the call.
    let number = unsafe {
        host::sock_recv(
            fd as u32,
            &buffer,
            1,
            flags as u32,
            &mut received,
            &mut out_flags,
        )
    };
    count(number, received)
}

/// recvfrom(2).
///
/// # Safety
///
/// `bytes` points to `length` writable bytes; `address_length` points to a length, and
/// `address` to as many writable bytes, or both are null.
pub unsafe fn recvfrom(
    fd: c_int,
    bytes: *mut c_void,
    length: size_t,
    flags: c_int,
    address: *mut sockaddr,
    address_length: *mut socklen_t,
) -> ssize_t {
    if address.is_null() || address_length.is_null() {
        // SAFETY: by this function's contract.
        return unsafe { recv(fd, bytes, length, flags) };
    }
    let buffer = Buffer {
        bytes: bytes.cast_const().cast(),
        length,
    };
    let mut raw = FamilyAndAddress::EMPTY;
    let raw_bytes: *mut FamilyAndAddress = &mut raw;
    let from = Buffer {
        bytes: raw_bytes.cast::<u8>(),
        length: 128,
    };
    // The host writes two bytes of the port, in network order.
    let (mut port, mut received, mut out_flags) = (0, 0, 0);
    // SAFETY: the buffers are writable; the rest outlives the call.
    let number = unsafe {
        host::sock_recv_from_v2(
            fd as u32,
            &buffer,
            1,
            &from,
            flags as u32,
            &mut port,
            &mut received,
            &mut out_flags,
        )
    };
    let result = count(number, received);
    if result >= 0 {
        // SAFETY: by this function's contract. A stream has no sender to report.
        if unsafe { address::write(&raw, u16::from_be(port as u16), address, address_length) }
            .is_err()
        {
            // SAFETY: by this function's contract.
            unsafe { ptr::write_unaligned(address_length, 0) };
        }
    }
    result
}
