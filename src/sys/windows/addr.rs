//! Socket addresses as Winsock takes them; for Windows.

use std::mem::size_of;
use std::net::SocketAddr;

use windows_sys::Win32::Networking::WinSock::{
    AF_INET, AF_INET6, IN6_ADDR, IN6_ADDR_0, IN_ADDR, IN_ADDR_0, SOCKADDR, SOCKADDR_IN,
    SOCKADDR_IN6, SOCKADDR_IN6_0,
};

/// An Internet address in the system's form.
pub(super) enum RawAddr {
    /// Version 4.
    V4(SOCKADDR_IN),
    /// Version 6.
    V6(SOCKADDR_IN6),
}

impl RawAddr {
    /// A pointer to the address.
    pub(super) fn as_ptr(&self) -> *const SOCKADDR {
        match self {
            Self::V4(address) => {
                let address: *const SOCKADDR_IN = address;
                address.cast()
            }
            Self::V6(address) => {
                let address: *const SOCKADDR_IN6 = address;
                address.cast()
            }
        }
    }

    /// Its length in bytes.
    pub(super) fn length(&self) -> i32 {
        let length = match self {
            Self::V4(_) => size_of::<SOCKADDR_IN>(),
            Self::V6(_) => size_of::<SOCKADDR_IN6>(),
        };
        length as i32
    }
}

impl From<SocketAddr> for RawAddr {
    fn from(address: SocketAddr) -> Self {
        match address {
            SocketAddr::V4(v4) => Self::V4(SOCKADDR_IN {
                sin_family: AF_INET,
                sin_port: v4.port().to_be(),
                sin_addr: IN_ADDR {
                    S_un: IN_ADDR_0 {
                        S_addr: u32::from(*v4.ip()).to_be(),
                    },
                },
                sin_zero: [0; 8],
            }),
            SocketAddr::V6(v6) => Self::V6(SOCKADDR_IN6 {
                sin6_family: AF_INET6,
                sin6_port: v6.port().to_be(),
                sin6_flowinfo: v6.flowinfo(),
                sin6_addr: IN6_ADDR {
                    u: IN6_ADDR_0 {
                        Byte: v6.ip().octets(),
                    },
                },
                Anonymous: SOCKADDR_IN6_0 {
                    sin6_scope_id: v6.scope_id(),
                },
            }),
        }
    }
}
