//! Socket addresses as a host of WebAssembly and a Unix system give them.
#![no_main]

use libfuzzer_sys::fuzz_target;

// The library's own files; the first one uses the module `sys` below.
#[allow(dead_code)]
#[path = "../../src/sys/wasip1/net/addr.rs"]
mod addr;
#[allow(dead_code)]
#[path = "../../src/sys/posix/addr.rs"]
mod unix_addr;

mod sys {
    pub(crate) mod wasip1 {
        pub(crate) mod host {
            pub(crate) mod extension {
                /// As in `src/sys/wasip1/host/wasmedge.rs`, which is for WASI only.
                pub(crate) struct FamilyAndAddress {
                    pub(crate) family: [u8; 2],
                    pub(crate) address: [u8; 126],
                }
                pub(crate) const INET4: u32 = 1;
                pub(crate) const INET6: u32 = 2;
            }
        }
    }
}
use sys::wasip1::host;

/// An accepted address has to convert back to the same bytes.
fn check_host(bytes: &[u8; 130]) {
    let mut raw = host::extension::FamilyAndAddress {
        family: [bytes[0], bytes[1]],
        address: [0; 126],
    };
    raw.address.copy_from_slice(&bytes[2..128]);
    let port = u16::from_le_bytes([bytes[128], bytes[129]]);
    if let Ok(address) = addr::from_host(&raw, port) {
        assert_eq!(address.port(), port);
        assert_eq!(addr::family(&address), u32::from(bytes[0]));
        addr::with_bytes(&address, |bytes, _| {
            assert_eq!(bytes, &raw.address[..bytes.len()]);
        });
    }
}

/// An accepted address has to convert back to the same bytes.
fn check_unix(bytes: &[u8; 130]) {
    let (_, any) = unix_addr::AnyAddr::filled_by(|buffer, length| {
        // SAFETY: the buffer holds the 128 bytes of any address.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), buffer.cast::<u8>(), 128) };
        // SAFETY: it points to a number.
        unsafe { *length = u32::from(bytes[128]) };
        0
    });
    if let Ok(address) = any.to_internet() {
        let second = unix_addr::AnyAddr::from(address).to_internet();
        assert_eq!(second.unwrap(), address);
    }
}

fuzz_target!(|bytes: [u8; 130]| {
    check_host(&bytes);
    check_unix(&bytes);
});
