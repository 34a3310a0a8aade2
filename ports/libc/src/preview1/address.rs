//! Socket addresses between the types of libc and the host's calls.

use core::mem::size_of;
use core::ptr;

use libc::c_int;

use super::host::{Buffer, FamilyAndAddress};
use super::numbers::{AF_INET, AF_INET6};
use super::types::{
    in6_addr, in_addr, sa_family_t, sockaddr, sockaddr_in, sockaddr_in6, socklen_t,
};

/// An Internet address as the host's calls take it.
pub(crate) struct HostAddress {
    bytes: [u8; 16],
    length: usize,
    /// In the host's order.
    pub(crate) port: u32,
}

impl HostAddress {
    /// Reads an address; `EINVAL` for one that is too short, `EAFNOSUPPORT` for another family.
    ///
    /// # Safety
    ///
    /// `address` is null or points to `length` readable bytes.
    pub(crate) unsafe fn read(address: *const sockaddr, length: socklen_t) -> Result<Self, c_int> {
        if address.is_null() || (length as usize) < size_of::<sa_family_t>() {
            return Err(libc::EINVAL);
        }
        // SAFETY: as many bytes are readable; the pointer may be unaligned.
        let family = unsafe { ptr::read_unaligned(address.cast::<sa_family_t>()) };
        let (mut bytes, has) = ([0; 16], length as usize);
        match c_int::from(family) {
            AF_INET if has >= size_of::<sockaddr_in>() => {
                // SAFETY: as many bytes are readable, and every value of them is one.
                let v4 = unsafe { ptr::read_unaligned(address.cast::<sockaddr_in>()) };
                bytes[..4].copy_from_slice(&v4.sin_addr.s_addr.to_ne_bytes());
                let port = u16::from_be(v4.sin_port).into();
                Ok(Self {
                    bytes,
                    length: 4,
                    port,
                })
            }
            AF_INET6 if has >= size_of::<sockaddr_in6>() => {
                // SAFETY: as above.
                let v6 = unsafe { ptr::read_unaligned(address.cast::<sockaddr_in6>()) };
                bytes = v6.sin6_addr.s6_addr;
                let port = u16::from_be(v6.sin6_port).into();
                Ok(Self {
                    bytes,
                    length: 16,
                    port,
                })
            }
            AF_INET | AF_INET6 => Err(libc::EINVAL),
            _ => Err(libc::EAFNOSUPPORT),
        }
    }

    /// As the host's calls take it.
    pub(crate) fn buffer(&self) -> Buffer {
        Buffer {
            bytes: self.bytes.as_ptr(),
            length: self.length,
        }
    }
}

/// Writes an address that the host has given: as much as fits, and the length that it has.
///
/// # Safety
///
/// `length` points to a length, and `address` to as many writable bytes; or both are null.
pub(crate) unsafe fn write(
    raw: &FamilyAndAddress,
    port: u16,
    address: *mut sockaddr,
    length: *mut socklen_t,
) -> Result<(), c_int> {
    if address.is_null() || length.is_null() {
        return Ok(());
    }
    match c_int::from(u16::from_le_bytes(raw.family)) {
        AF_INET => {
            let [a, b, c, d, ..] = raw.address;
            let v4 = sockaddr_in {
                sin_family: AF_INET as sa_family_t,
                sin_port: port.to_be(),
                sin_addr: in_addr {
                    s_addr: u32::from_ne_bytes([a, b, c, d]),
                },
                sin_zero: [0; 8],
            };
            // SAFETY: as this function's contract says.
            unsafe { copy(&v4, address, length) };
        }
        AF_INET6 => {
            let mut bytes = [0; 16];
            bytes.copy_from_slice(&raw.address[..16]);
            let v6 = sockaddr_in6 {
                sin6_family: AF_INET6 as sa_family_t,
                sin6_port: port.to_be(),
                sin6_flowinfo: 0,
                sin6_addr: in6_addr { s6_addr: bytes },
                sin6_scope_id: 0,
            };
            // SAFETY: as this function's contract says.
            unsafe { copy(&v6, address, length) };
        }
        _ => return Err(libc::EAFNOSUPPORT),
    }
    Ok(())
}

/// Copies as much of a value as fits, and sets the length to that of the whole value.
///
/// # Safety
///
/// `length` points to a length, and `address` to as many writable bytes.
unsafe fn copy<T>(value: &T, address: *mut sockaddr, length: *mut socklen_t) {
    // SAFETY: by this function's contract.
    let room = unsafe { ptr::read_unaligned(length) } as usize;
    let source: *const T = value;
    // SAFETY: no more is copied than the value has, and than there is room for.
    unsafe {
        ptr::copy_nonoverlapping(
            source.cast::<u8>(),
            address.cast::<u8>(),
            room.min(size_of::<T>()),
        )
    };
    // SAFETY: by this function's contract.
    unsafe { ptr::write_unaligned(length, size_of::<T>() as socklen_t) };
}
