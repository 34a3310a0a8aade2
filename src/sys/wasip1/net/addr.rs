//! Internet addresses as WasmEdge's extension has them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::sys::wasip1::host::extension::{FamilyAndAddress, INET4, INET6};

/// The bytes of an address, in network order: 4 or 16 of them.
///
/// Flow label and scope of IPv6 can't be passed to the host and get lost.
pub(super) fn with_bytes<R>(address: &SocketAddr, call: impl FnOnce(&[u8], u16) -> R) -> R {
    match address.ip() {
        IpAddr::V4(ip) => call(&ip.octets(), address.port()),
        IpAddr::V6(ip) => call(&ip.octets(), address.port()),
    }
}

/// The host's number of the family of an address.
pub(super) fn family(address: &SocketAddr) -> u32 {
    match address {
        SocketAddr::V4(_) => INET4,
        SocketAddr::V6(_) => INET6,
    }
}

/// The address that the host has written.
#[inline]
pub(super) fn from_host(raw: &FamilyAndAddress, port: u16) -> io::Result<SocketAddr> {
    match u32::from(u16::from_le_bytes(raw.family)) {
        INET4 => Ok((Ipv4Addr::from(first_bytes(&raw.address)), port).into()),
        INET6 => Ok((Ipv6Addr::from(first_bytes::<16>(&raw.address)), port).into()),
        family => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("the host gave an address of family {family}, not an Internet address"),
        )),
    }
}

/// The first bytes of a longer array.
fn first_bytes<const N: usize>(bytes: &[u8; 126]) -> [u8; N] {
    std::array::from_fn(|index| bytes[index])
}
