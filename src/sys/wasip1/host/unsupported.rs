//! The substitute for WasmEdge's extension without the feature `wasmedge`: the same functions,
//! all of which fail with `Unsupported`, so that a module imports standard calls only. WASI
//! preview 1.

use std::io;
use std::os::fd::OwnedFd;

use super::values::*;

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

pub(crate) fn bind(_: &OwnedFd, _: &[u8], _: u16) -> io::Result<()> {
    unsupported()
}

pub(crate) fn connect(_: &OwnedFd, _: &[u8], _: u16) -> io::Result<()> {
    unsupported()
}

pub(crate) fn listen(_: &OwnedFd, _: u32) -> io::Result<()> {
    unsupported()
}

pub(crate) fn send_to(_: &OwnedFd, _: &[u8], _: &[u8], _: u16) -> io::Result<usize> {
    unsupported()
}

pub(crate) fn bind_unix(_: &OwnedFd, _: &FamilyAndAddress) -> io::Result<()> {
    unsupported()
}

pub(crate) fn connect_unix(_: &OwnedFd, _: &FamilyAndAddress) -> io::Result<()> {
    unsupported()
}

pub(crate) fn send_to_unix(_: &OwnedFd, _: &[u8], _: &FamilyAndAddress) -> io::Result<usize> {
    unsupported()
}

pub(crate) fn recv_from(
    _: &OwnedFd,
    _: &mut [u8],
    _: bool,
) -> io::Result<(usize, FamilyAndAddress, u16)> {
    unsupported()
}

pub(crate) fn option(_: &OwnedFd, _: u32, _: u32) -> io::Result<u32> {
    unsupported()
}

pub(crate) fn set_option(_: &OwnedFd, _: u32, _: u32, _: u32) -> io::Result<()> {
    unsupported()
}

pub(crate) fn local_address(_: &OwnedFd) -> io::Result<(FamilyAndAddress, u16)> {
    unsupported()
}

pub(crate) fn peer_address(_: &OwnedFd) -> io::Result<(FamilyAndAddress, u16)> {
    unsupported()
}

#[cfg(feature = "lookup")]
pub(crate) fn lookup(_: &str, _: usize) -> io::Result<Vec<std::net::IpAddr>> {
    unsupported()
}
