//! The host's calls: WasmEdge's socket extension of WASI preview 1.
//!
//! Addresses go in as a pointer and a length: 4 bytes are IPv4, 16 are IPv6, 128 begin with
//! the family as two bytes and go on with the address. Ports are numbers in the host's order,
//! except for the one of `sock_recv_from_v2`, which comes back in network order.
//!
//! mio_wasi declares the same imports in its own `sys::wasip1::host`, and does not share them:
//! its functions take std's descriptors and return `io::Error`, which C's signatures can't be
//! made of, and bare declarations in common would be one more package that the published
//! library depends on, or a public part of it. The tests of both run on the same hosts, which
//! refuse a module whose imports have other types.

/// A buffer of the guest, to be read or written by the host.
#[repr(C)]
pub(crate) struct Buffer {
    pub(crate) bytes: *const u8,
    pub(crate) length: usize,
}

/// An address with its family, as the host writes it.
#[repr(C, align(8))]
pub(crate) struct FamilyAndAddress {
    pub(crate) family: [u8; 2],
    pub(crate) address: [u8; 126],
}

impl FamilyAndAddress {
    /// Room for the host to write to.
    pub(crate) const EMPTY: Self = Self {
        family: [0; 2],
        address: [0; 126],
    };
}

#[link(wasm_import_module = "wasi_snapshot_preview1")]
extern "C" {
    pub(crate) fn sock_open(family: u32, kind: u32, fd: *mut u32) -> u32;
    pub(crate) fn sock_bind(fd: u32, address: *const Buffer, port: u32) -> u32;
    pub(crate) fn sock_connect(fd: u32, address: *const Buffer, port: u32) -> u32;
    pub(crate) fn sock_listen(fd: u32, backlog: u32) -> u32;
    pub(crate) fn sock_accept(fd: u32, flags: u32, accepted: *mut u32) -> u32;
    pub(crate) fn sock_shutdown(fd: u32, how: u32) -> u32;
    pub(crate) fn sock_send(
        fd: u32,
        buffers: *const Buffer,
        count: usize,
        flags: u32,
        sent: *mut usize,
    ) -> u32;
    pub(crate) fn sock_send_to(
        fd: u32,
        buffers: *const Buffer,
        count: usize,
        address: *const Buffer,
        port: u32,
        flags: u32,
        sent: *mut usize,
    ) -> u32;
    pub(crate) fn sock_recv(
        fd: u32,
        buffers: *const Buffer,
        count: usize,
        flags: u32,
        received: *mut usize,
        out_flags: *mut u16,
    ) -> u32;
    pub(crate) fn sock_recv_from_v2(
        fd: u32,
        buffers: *const Buffer,
        count: usize,
        address: *const Buffer,
        flags: u32,
        port: *mut u32,
        received: *mut usize,
        out_flags: *mut u32,
    ) -> u32;
    pub(crate) fn sock_getsockopt(
        fd: u32,
        level: u32,
        name: u32,
        value: *mut u8,
        size: *mut u32,
    ) -> u32;
    pub(crate) fn sock_setsockopt(
        fd: u32,
        level: u32,
        name: u32,
        value: *const u8,
        size: u32,
    ) -> u32;
    pub(crate) fn sock_getlocaladdr_v2(fd: u32, address: *const Buffer, port: *mut u32) -> u32;
    pub(crate) fn sock_getpeeraddr_v2(fd: u32, address: *const Buffer, port: *mut u32) -> u32;
}

/// The result of a call: 0, or -1 with `errno` set. The host's numbers are those of the
/// target's libc.
pub(crate) fn done(number: u32) -> libc::c_int {
    match number {
        0 => 0,
        number => fail(number as libc::c_int),
    }
}

/// -1 with `errno` set.
pub(crate) fn fail(number: libc::c_int) -> libc::c_int {
    // SAFETY: the function takes nothing and returns the address of a live variable.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: nothing else in this thread accesses it now.
    unsafe { errno.write(number) };
    -1
}
