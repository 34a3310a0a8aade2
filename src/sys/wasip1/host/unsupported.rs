//! The substitute for WasmEdge's extension without the feature `wasmedge`: the same functions,
//! all of which fail with `Unsupported`, so that a module imports standard calls only. WASI
//! preview 1.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

pub(crate) const INET4: u32 = 1;
pub(crate) const INET6: u32 = 2;
pub(crate) const UNIX: u32 = 3;
pub(crate) const DATAGRAM: u32 = 1;
pub(crate) const STREAM: u32 = 2;
pub(crate) const LEVEL_SOCKET: u32 = 0;
pub(crate) const LEVEL_TCP: u32 = 6;
pub(crate) const REUSE_ADDRESS: u32 = 0;
pub(crate) const ERROR: u32 = 2;
pub(crate) const BROADCAST: u32 = 4;
pub(crate) const NODELAY: u32 = 1;

/// The type of an address. No call succeeds, so none is ever returned.
#[derive(Clone, Copy)]
pub(crate) struct FamilyAndAddress {
    pub(crate) family: [u8; 2],
    pub(crate) address: [u8; 126],
}

impl FamilyAndAddress {
    pub(crate) const EMPTY: Self = Self {
        family: [0; 2],
        address: [0; 126],
    };
}

/// The error of every call.
fn unsupported<T>() -> io::Result<T> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "standard WASI preview 1 can't do this with sockets; \
         the feature `wasmedge` of mio_wasi can, in a host that has WasmEdge's extension",
    ))
}

pub(crate) fn open(_: u32, _: u32) -> io::Result<OwnedFd> {
    unsupported()
}

pub(crate) fn bind(_: BorrowedFd<'_>, _: &[u8], _: u16) -> io::Result<()> {
    unsupported()
}

pub(crate) fn connect(_: BorrowedFd<'_>, _: &[u8], _: u16) -> io::Result<()> {
    unsupported()
}

pub(crate) fn listen(_: BorrowedFd<'_>, _: u32) -> io::Result<()> {
    unsupported()
}

pub(crate) fn send_to(_: BorrowedFd<'_>, _: &[u8], _: &[u8], _: u16) -> io::Result<usize> {
    unsupported()
}

pub(crate) fn bind_unix(_: BorrowedFd<'_>, _: &FamilyAndAddress) -> io::Result<()> {
    unsupported()
}

pub(crate) fn connect_unix(_: BorrowedFd<'_>, _: &FamilyAndAddress) -> io::Result<()> {
    unsupported()
}

pub(crate) fn send_to_unix(_: BorrowedFd<'_>, _: &[u8], _: &FamilyAndAddress) -> io::Result<usize> {
    unsupported()
}

pub(crate) fn recv_from(
    _: BorrowedFd<'_>,
    _: &mut [u8],
    _: bool,
) -> io::Result<(usize, FamilyAndAddress, u16)> {
    unsupported()
}

pub(crate) fn option(_: BorrowedFd<'_>, _: u32, _: u32) -> io::Result<u32> {
    unsupported()
}

pub(crate) fn set_option(_: BorrowedFd<'_>, _: u32, _: u32, _: u32) -> io::Result<()> {
    unsupported()
}

pub(crate) fn local_address(_: BorrowedFd<'_>) -> io::Result<(FamilyAndAddress, u16)> {
    unsupported()
}

pub(crate) fn peer_address(_: BorrowedFd<'_>) -> io::Result<(FamilyAndAddress, u16)> {
    unsupported()
}

#[cfg(feature = "lookup")]
pub(crate) fn lookup(_: &str, _: usize) -> io::Result<Vec<std::net::IpAddr>> {
    unsupported()
}
