//! WasmEdge's socket extension of WASI preview 1, made safe. With `wasmedge_unix.rs`
//! the only file with imports beyond the standard.
//!
//! Addresses go in as a pointer and a length: 4 bytes are IPv4, 16 are IPv6, 128
//! begin with the family as two bytes and go on with the address. Ports are
//! numbers in the host's order beside the address, except for one that comes back
//! in network order.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::{align_of, size_of};
use std::num::NonZeroI32;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::sync::OnceLock;

use super::bounds;
use super::preview1::{host_fd, with_ciovecs, with_iovecs};
use super::values::*;

/// The option of `LEVEL_SOCKET` that gives the kind of a socket.
const TYPE: u32 = 1;

/// Flag of `sock_recv_from_v2`: don't consume.
const PEEK: u32 = 1;

/// How an address is passed to the host: where it is, and how long.
#[repr(C)]
pub(super) struct AddressBuffer {
    /// Where it is. The host writes to it only where its call says so.
    bytes: *const u8,
    /// How long it is.
    length: usize,
}

const _: () = {
    assert!(size_of::<FamilyAndAddress>() == 128 && align_of::<FamilyAndAddress>() == 8);
    assert!(size_of::<AddressBuffer>() == 8 && align_of::<AddressBuffer>() == 4);
    assert!(size_of::<wasi::Ciovec>() == 8 && size_of::<wasi::Iovec>() == 8);
};

#[link(wasm_import_module = "wasi_snapshot_preview1")]
extern "C" {
    fn sock_open(family: u32, kind: u32, fd: *mut u32) -> u32;
    fn sock_bind(fd: u32, address: *const AddressBuffer, port: u32) -> u32;
    fn sock_connect(fd: u32, address: *const AddressBuffer, port: u32) -> u32;
    fn sock_listen(fd: u32, backlog: u32) -> u32;
    fn sock_send_to(
        fd: u32,
        buffers: *const wasi::Ciovec,
        buffer_count: usize,
        address: *const AddressBuffer,
        port: u32,
        flags: u32,
        sent: *mut usize,
    ) -> u32;
    fn sock_recv_from_v2(
        fd: u32,
        buffers: *const wasi::Iovec,
        buffer_count: usize,
        address: *const AddressBuffer,
        flags: u32,
        port: *mut u32,
        received: *mut usize,
        out_flags: *mut u32,
    ) -> u32;
    fn sock_getsockopt(fd: u32, level: u32, name: u32, value: *mut u32, size: *mut u32) -> u32;
    fn sock_setsockopt(fd: u32, level: u32, name: u32, value: *const u32, size: u32) -> u32;
    fn sock_getlocaladdr_v2(fd: u32, address: *const AddressBuffer, port: *mut u32) -> u32;
    fn sock_getpeeraddr_v2(fd: u32, address: *const AddressBuffer, port: *mut u32) -> u32;
}

/// The result of a call that gives an error number.
pub(super) fn check(errno: u32) -> io::Result<()> {
    match errno {
        0 => Ok(()),
        // What a host gives beyond 16 bits can't be one of its error numbers.
        errno => Err(io::Error::from_raw_os_error(
            u16::try_from(errno).unwrap_or(u16::MAX).into(),
        )),
    }
}

/// A new socket, in blocking mode.
pub(crate) fn open(family: u32, kind: u32) -> io::Result<OwnedFd> {
    let mut fd = 0;
    // SAFETY: `fd` outlives the call.
    check(unsafe { sock_open(family, kind, &mut fd) })?;
    // SAFETY: the host has just made it for us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

/// Gives a socket its address of 4 or 16 bytes.
pub(crate) fn bind(fd: &OwnedFd, address: &[u8], port: u16) -> io::Result<()> {
    let address = buffer_of(address);
    // SAFETY: the address is borrowed for longer than the call, which reads it.
    check(unsafe { sock_bind(host_fd(fd), &address, port.into()) })
}

/// Connects a socket, or starts to, to an address of 4 or 16 bytes.
pub(crate) fn connect(fd: &OwnedFd, address: &[u8], port: u16) -> io::Result<()> {
    let address = buffer_of(address);
    // SAFETY: the address is borrowed for longer than the call, which reads it.
    check(unsafe { sock_connect(host_fd(fd), &address, port.into()) })
}

/// Makes a socket a listener.
pub(crate) fn listen(fd: &OwnedFd, backlog: u32) -> io::Result<()> {
    // SAFETY: the call takes no memory.
    check(unsafe { sock_listen(host_fd(fd), backlog) })
}

/// Sends a datagram to an address of 4 or 16 bytes.
pub(crate) fn send_to(fd: &OwnedFd, buffer: &[u8], address: &[u8], port: u16) -> io::Result<usize> {
    let address = buffer_of(address);
    send_by(buffer, |buffers, count, sent| {
        // SAFETY: `send_by` gives a list and a number that outlive the call, and the address is
        // borrowed for as long.
        unsafe { sock_send_to(host_fd(fd), buffers, count, &address, port.into(), 0, sent) }
    })
}

/// Sends a datagram by a call that gets the list of its buffers, the length of that, and where
/// to write how much was sent.
pub(super) fn send_by(
    buffer: &[u8],
    call: impl FnOnce(*const wasi::Ciovec, usize, *mut usize) -> u32,
) -> io::Result<usize> {
    let mut sent = 0;
    with_ciovecs(&[IoSlice::new(buffer)], |buffers| {
        check(call(buffers.as_ptr(), buffers.len(), &mut sent))
    })?;
    bounds::count(sent, buffer.len())
}

/// Receives a datagram, with its sender's address and port; with `peek`, without
/// consuming it.
pub(crate) fn recv_from(
    fd: &OwnedFd,
    buffer: &mut [u8],
    peek: bool,
) -> io::Result<(usize, FamilyAndAddress, u16)> {
    let mut sender = FamilyAndAddress::EMPTY;
    let most = buffer.len();
    let sender_buffer = buffer_for(&mut sender);
    // The host writes two bytes of it only.
    let mut port = 0_u32;
    let mut received = 0;
    let mut out_flags = 0;
    with_iovecs(&mut [IoSliceMut::new(buffer)], |buffers| {
        // SAFETY: the buffers are mutably borrowed for longer than the call, as is
        // `sender`, which `sender_buffer` points to; the three numbers outlive it too.
        check(unsafe {
            sock_recv_from_v2(
                host_fd(fd),
                buffers.as_ptr(),
                buffers.len(),
                &sender_buffer,
                if peek { PEEK } else { 0 },
                &mut port,
                &mut received,
                &mut out_flags,
            )
        })
    })?;
    let received = bounds::count(received, most)?;
    // In network order, unlike all other ports.
    Ok((received, sender, (port as u16).swap_bytes()))
}

/// Has a socket a peer? One that is still connecting has none, nor has one that was reset.
/// The error that the host keeps for the socket stays there.
pub(super) fn has_peer(fd: wasi::Fd) -> bool {
    let answer = address_by(|address, port| {
        // SAFETY: `address_by` gives buffers that outlive the call.
        unsafe { sock_getpeeraddr_v2(fd, address, port) }
    });
    !matches!(answer, Err(error) if error.kind() == io::ErrorKind::NotConnected)
}

/// A socket that is always writable: an unused datagram socket. There is one for the
/// whole process, which stays open.
pub(super) fn always_writable() -> Option<wasi::Fd> {
    static SOCKET: OnceLock<OwnedFd> = OnceLock::new();
    if let Some(socket) = SOCKET.get() {
        return Some(host_fd(socket));
    }
    // Without a descriptor now, the next selector may have one.
    let new = open(INET4, DATAGRAM).ok()?;
    Some(host_fd(SOCKET.get_or_init(|| new)))
}

/// Is it a datagram socket?
pub(super) fn is_datagram(fd: wasi::Fd) -> bool {
    number(fd, LEVEL_SOCKET, TYPE).is_ok_and(|kind| kind == DATAGRAM)
}

/// Takes the error number of a socket (SO_ERROR), which the host has translated.
pub(super) fn take_error(fd: wasi::Fd) -> Option<NonZeroI32> {
    let number = number(fd, LEVEL_SOCKET, ERROR).ok()?;
    NonZeroI32::new(i32::try_from(number).unwrap_or(i32::MAX))
}

/// The value of an option that is a number.
pub(crate) fn option(fd: &OwnedFd, level: u32, name: u32) -> io::Result<u32> {
    number(host_fd(fd), level, name)
}

/// The same of a bare descriptor, which the selector has.
fn number(fd: wasi::Fd, level: u32, name: u32) -> io::Result<u32> {
    let mut value = 0;
    let mut size = size_of::<u32>() as u32;
    // SAFETY: the host writes at most `size` bytes to `value`, and both outlive
    // the call. (With fewer than four bytes some hosts abort.)
    check(unsafe { sock_getsockopt(fd, level, name, &mut value, &mut size) })?;
    Ok(value)
}

/// Sets an option that is a number.
pub(crate) fn set_option(fd: &OwnedFd, level: u32, name: u32, value: u32) -> io::Result<()> {
    let size = size_of::<u32>() as u32;
    // SAFETY: the host reads `size` bytes of `value`, which outlives the call.
    check(unsafe { sock_setsockopt(host_fd(fd), level, name, &value, size) })
}

/// The address of a socket itself.
pub(crate) fn local_address(fd: &OwnedFd) -> io::Result<(FamilyAndAddress, u16)> {
    address_by(|address, port| {
        // SAFETY: `address_by` gives buffers that outlive the call.
        unsafe { sock_getlocaladdr_v2(host_fd(fd), address, port) }
    })
}

/// The address that a socket is connected to.
pub(crate) fn peer_address(fd: &OwnedFd) -> io::Result<(FamilyAndAddress, u16)> {
    address_by(|address, port| {
        // SAFETY: `address_by` gives buffers that outlive the call.
        unsafe { sock_getpeeraddr_v2(host_fd(fd), address, port) }
    })
}

/// What a call writes that gives an address and a port.
fn address_by(
    call: impl FnOnce(*const AddressBuffer, *mut u32) -> u32,
) -> io::Result<(FamilyAndAddress, u16)> {
    let mut address = FamilyAndAddress::EMPTY;
    let mut port = 0_u32;
    check(call(&buffer_for(&mut address), &mut port))?;
    Ok((address, port as u16))
}

/// An address for the host to read.
fn buffer_of(address: &[u8]) -> AddressBuffer {
    AddressBuffer {
        bytes: address.as_ptr(),
        length: address.len(),
    }
}

/// An address with its family for the host to read.
pub(super) fn whole(address: &FamilyAndAddress) -> AddressBuffer {
    let start: *const FamilyAndAddress = address;
    AddressBuffer {
        bytes: start.cast::<u8>(),
        length: size_of::<FamilyAndAddress>(),
    }
}

/// A buffer for the host to write an address to.
fn buffer_for(address: &mut FamilyAndAddress) -> AddressBuffer {
    let start: *mut FamilyAndAddress = address;
    AddressBuffer {
        bytes: start.cast::<u8>().cast_const(),
        length: size_of::<FamilyAndAddress>(),
    }
}
