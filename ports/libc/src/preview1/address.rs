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
    let size = unsafe { ptr::read_unaligned(length) } as usize;
    let source: *const T = value;
    // SAFETY: no more is copied than the value has, and than fits.
    unsafe {
        ptr::copy_nonoverlapping(
            source.cast::<u8>(),
            address.cast::<u8>(),
            size.min(size_of::<T>()),
        )
    };
    // SAFETY: by this function's contract.
    unsafe { ptr::write_unaligned(length, size_of::<T>() as socklen_t) };
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec;
    use std::vec::Vec;

    use super::*;

    /// The bytes of an address, as C has it.
    fn bytes<T>(value: &T) -> Vec<u8> {
        let source: *const T = value;
        // SAFETY: the value has as many bytes, and no padding.
        unsafe { core::slice::from_raw_parts(source.cast::<u8>(), size_of::<T>()) }.to_vec()
    }

    /// An IPv4 and an IPv6 address.
    fn addresses() -> [Vec<u8>; 2] {
        let v4 = sockaddr_in {
            sin_family: AF_INET as sa_family_t,
            sin_port: 8080_u16.to_be(),
            sin_addr: in_addr {
                s_addr: u32::from_ne_bytes([127, 0, 0, 3]),
            },
            sin_zero: [0; 8],
        };
        let v6 = sockaddr_in6 {
            sin6_family: AF_INET6 as sa_family_t,
            sin6_port: 8080_u16.to_be(),
            sin6_flowinfo: 0,
            sin6_addr: in6_addr {
                s6_addr: core::array::from_fn(|at| at as u8),
            },
            sin6_scope_id: 0,
        };
        [bytes(&v4), bytes(&v6)]
    }

    /// Reads an address of just these bytes, at any place in memory.
    fn read(bytes: &[u8]) -> Result<HostAddress, c_int> {
        // An allocation of its own: a sanitizer finds a byte too many.
        let copy = bytes.to_vec().into_boxed_slice();
        // SAFETY: there are as many bytes.
        unsafe { HostAddress::read(copy.as_ptr().cast(), copy.len() as socklen_t) }
    }

    #[test]
    fn address_that_is_too_short_is_invalid() {
        for address in addresses() {
            assert!(read(&address).is_ok());
            for length in 0..address.len() {
                assert_eq!(
                    read(&address[..length]).err(),
                    Some(libc::EINVAL),
                    "{length}"
                );
            }
        }
        // SAFETY: null has no bytes.
        let error = unsafe { HostAddress::read(ptr::null(), 16) }.err();
        assert_eq!(error, Some(libc::EINVAL));
        assert_eq!(read(&[0xff; 64]).err(), Some(libc::EAFNOSUPPORT));
    }

    #[test]
    fn written_address_is_what_was_read_or_its_beginning() {
        for address in addresses() {
            let Ok(host) = read(&address) else {
                panic!("it is not read");
            };
            assert_eq!(host.port, 8080);
            let mut raw = FamilyAndAddress::EMPTY;
            raw.family = [address[0], address[1]];
            raw.address[..host.length].copy_from_slice(&host.bytes[..host.length]);
            for size in 0..40 {
                let mut output = vec![0xa5; size].into_boxed_slice();
                let mut length = size as socklen_t;
                // SAFETY: there are as many bytes, and the length.
                let result = unsafe { write(&raw, 8080, output.as_mut_ptr().cast(), &mut length) };
                assert_eq!((result, length as usize), (Ok(()), address.len()));
                let common = size.min(address.len());
                assert_eq!(output[..common], address[..common]);
                assert!(output[common..].iter().all(|byte| *byte == 0xa5));
            }
        }
    }

    #[test]
    fn unknown_family_of_the_host_is_not_supported() {
        let (mut output, mut length) = ([0_u8; 28], 28);
        let raw = FamilyAndAddress::EMPTY;
        // SAFETY: there are as many bytes, and the length.
        let result = unsafe { write(&raw, 1, output.as_mut_ptr().cast(), &mut length) };
        assert_eq!((result, length), (Err(libc::EAFNOSUPPORT), 28));
        // SAFETY: null is allowed.
        let result = unsafe { write(&raw, 1, ptr::null_mut(), ptr::null_mut()) };
        assert_eq!(result, Ok(()));
    }
}
