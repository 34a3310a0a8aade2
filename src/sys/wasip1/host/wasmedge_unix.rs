//! The calls of WasmEdge's extension that take addresses of Unix sockets, made
//! safe. WASI preview 1.
//!
//! They stand apart so that programs without Unix sockets don't import them.

use std::io;
use std::os::fd::OwnedFd;

use super::preview1::host_fd;
use super::values::FamilyAndAddress;
use super::wasmedge::{check, send_by, whole, AddressBuffer};

#[link(wasm_import_module = "wasi_snapshot_preview1")]
extern "C" {
    fn sock_bind_v2(fd: u32, address: *const AddressBuffer, port: u32) -> u32;
    fn sock_connect_v2(fd: u32, address: *const AddressBuffer, port: u32) -> u32;
    fn sock_send_to_v2(
        fd: u32,
        buffers: *const wasi::Ciovec,
        buffer_count: usize,
        address: *const AddressBuffer,
        port: u32,
        flags: u32,
        sent: *mut usize,
    ) -> u32;
}

/// Gives a socket its address.
pub(crate) fn bind_unix(fd: &OwnedFd, address: &FamilyAndAddress) -> io::Result<()> {
    let address = whole(address);
    // SAFETY: the address is borrowed for longer than the call, which reads it.
    check(unsafe { sock_bind_v2(host_fd(fd), &address, 0) })
}

/// Connects a socket.
pub(crate) fn connect_unix(fd: &OwnedFd, address: &FamilyAndAddress) -> io::Result<()> {
    let address = whole(address);
    // SAFETY: the address is borrowed for longer than the call, which reads it.
    check(unsafe { sock_connect_v2(host_fd(fd), &address, 0) })
}

/// Sends a datagram.
pub(crate) fn send_to_unix(
    fd: &OwnedFd,
    buffer: &[u8],
    address: &FamilyAndAddress,
) -> io::Result<usize> {
    let address = whole(address);
    send_by(buffer, |buffers, count, sent| {
        // SAFETY: `send_by` gives a list and a number that outlive the call, and the address is
        // borrowed for as long.
        unsafe { sock_send_to_v2(host_fd(fd), buffers, count, &address, 0, 0, sent) }
    })
}
