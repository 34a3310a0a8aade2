//! Socket addresses as system calls take and return them.

use std::io;
use std::mem::{size_of, zeroed};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use libc::{c_int, sockaddr, socklen_t};

/// A socket address of any family, with its length.
#[derive(Clone, Copy)]
pub(crate) struct AnyAddr {
    /// The bytes; what is beyond `length` is zero.
    bytes: AddrBytes,
    /// How many of the bytes are the address.
    length: socklen_t,
}

/// Memory for an address of any family.
#[derive(Clone, Copy)]
#[repr(C)]
union AddrBytes {
    v4: libc::sockaddr_in,
    v6: libc::sockaddr_in6,
    any: libc::sockaddr_storage,
}

impl AnyAddr {
    /// The address family of an Internet address.
    pub(crate) fn family(address: &SocketAddr) -> c_int {
        match address {
            SocketAddr::V4(_) => libc::AF_INET,
            SocketAddr::V6(_) => libc::AF_INET6,
        }
    }

    /// No address: all zero.
    fn empty() -> Self {
        Self {
            bytes: AddrBytes {
                // SAFETY: all fields are integers and arrays of them, for which
                // zero is a value.
                any: unsafe { zeroed() },
            },
            length: 0,
        }
    }

    /// Runs a system call that writes an address and its length.
    pub(crate) fn filled_by(
        call: impl FnOnce(*mut sockaddr, *mut socklen_t) -> c_int,
    ) -> (c_int, Self) {
        let mut address = Self::empty();
        address.length = size_of::<AddrBytes>() as socklen_t;
        let output: *mut AddrBytes = &mut address.bytes;
        let result = call(output.cast(), &mut address.length);
        (result, address)
    }

    /// Where the address is, for a system call that reads it.
    pub(crate) fn as_ptr(&self) -> *const sockaddr {
        let bytes: *const AddrBytes = &self.bytes;
        bytes.cast()
    }

    /// How long the address is.
    pub(crate) fn length(&self) -> socklen_t {
        self.length
    }

    /// The peer of a connection that was accepted. XNU returns an address of length 0 for a
    /// connection that was reset before (`accept_nocancel` in bsd/kern/uipc_syscalls.c).
    pub(crate) fn to_peer(self) -> io::Result<SocketAddr> {
        match self.length {
            0 => Err(io::ErrorKind::ConnectionAborted.into()),
            _ => self.to_internet(),
        }
    }

    /// The Internet address that it is.
    pub(crate) fn to_internet(self) -> io::Result<SocketAddr> {
        // SAFETY: all bytes were set, to zero at first, and every field of the
        // union is made of integers.
        let family = unsafe { self.bytes.any }.ss_family;
        match c_int::from(family) {
            libc::AF_INET => {
                // SAFETY: as above.
                let v4 = unsafe { self.bytes.v4 };
                let ip = Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr));
                Ok(SocketAddrV4::new(ip, u16::from_be(v4.sin_port)).into())
            }
            libc::AF_INET6 => {
                // SAFETY: as above.
                let v6 = unsafe { self.bytes.v6 };
                Ok(SocketAddrV6::new(
                    Ipv6Addr::from(v6.sin6_addr.s6_addr),
                    u16::from_be(v6.sin6_port),
                    v6.sin6_flowinfo,
                    v6.sin6_scope_id,
                )
                .into())
            }
            family => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "the system returned an address of family {family}, not an Internet address"
                ),
            )),
        }
    }
}

impl From<SocketAddr> for AnyAddr {
    fn from(address: SocketAddr) -> Self {
        let mut any = Self::empty();
        match address {
            SocketAddr::V4(v4) => {
                // SAFETY: all bytes are zero, which is a value of every field.
                let raw = unsafe { &mut any.bytes.v4 };
                raw.sin_family = libc::AF_INET as libc::sa_family_t;
                raw.sin_port = v4.port().to_be();
                raw.sin_addr.s_addr = u32::from(*v4.ip()).to_be();
                any.length = size_of::<libc::sockaddr_in>() as socklen_t;
            }
            SocketAddr::V6(v6) => {
                // SAFETY: all bytes are zero, which is a value of every field.
                let raw = unsafe { &mut any.bytes.v6 };
                raw.sin6_family = libc::AF_INET6 as libc::sa_family_t;
                raw.sin6_port = v6.port().to_be();
                raw.sin6_addr.s6_addr = v6.ip().octets();
                raw.sin6_flowinfo = v6.flowinfo();
                raw.sin6_scope_id = v6.scope_id();
                any.length = size_of::<libc::sockaddr_in6>() as socklen_t;
            }
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internet_addresses_round_trip() {
        for address in [
            SocketAddr::from(([127, 0, 0, 1], 80)),
            SocketAddr::from(([0, 0, 0, 0], 0)),
            SocketAddr::from((Ipv6Addr::LOCALHOST, 65_535)),
            SocketAddrV6::new("fe80::1".parse().unwrap(), 8080, 7, 3).into(),
        ] {
            assert_eq!(AnyAddr::from(address).to_internet().unwrap(), address);
        }
    }

    #[test]
    fn peer_without_an_address_has_gone() {
        let error = AnyAddr::empty().to_peer().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
        let address = SocketAddr::from(([127, 0, 0, 1], 80));
        assert_eq!(AnyAddr::from(address).to_peer().unwrap(), address);
    }

    #[test]
    fn unknown_family_is_an_error() {
        let error = AnyAddr::empty().to_internet().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
