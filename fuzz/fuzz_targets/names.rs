//! Names of hosts and their ports, and the socket addresses of the libc for clients' ports.
#![no_main]

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};

use libfuzzer_sys::fuzz_target;

// The library's own files: the first uses `platform` of the root, the second `sys`.
#[allow(dead_code)]
#[path = "../../src/net"]
mod net {
    pub(crate) use crate::platform;

    pub(crate) mod lookup;
}
#[path = "../../src/sys/wasip1/net/names.rs"]
mod wasi_names;

#[allow(dead_code)]
#[path = "../../ports/libc/src/preview1"]
mod preview1 {
    pub(crate) mod address;
    pub(crate) mod host;
    pub(crate) mod numbers;
    pub(crate) mod types;
}

/// How many addresses the host knows.
static KNOWN: AtomicUsize = AtomicUsize::new(0);

mod sys {
    pub(crate) mod wasip1 {
        pub(crate) mod host {
            pub(crate) mod extension {
                use super::super::super::super::*;

                /// A host that knows a number of addresses, whatever the name.
                pub(crate) fn lookup(host: &str, max: usize) -> io::Result<Vec<IpAddr>> {
                    assert!(!host.is_empty() && !host.contains('\0') && max > 0);
                    let known = (0..KNOWN.load(Ordering::Relaxed).min(max))
                        .map(|n| Ipv4Addr::from(n as u32).into());
                    Ok(known.collect())
                }
            }
        }
    }
}

mod platform {
    pub(crate) use crate::wasi_names::lookup;
}

/// What is accepted has the port of the text, and addresses are taken as they are.
fn check_name(text: &str) {
    let expected = text.parse::<SocketAddr>();
    match net::lookup::lookup_host(text) {
        Ok(found) => {
            let found: Vec<_> = found.collect();
            if let Ok(address) = expected {
                assert_eq!(found, [address]);
                return;
            }
            let (host, port) = text.rsplit_once(':').expect("a colon");
            let port: u16 = port.parse().expect("a port");
            assert!(found.iter().all(|address| address.port() == port));
            match host.parse::<IpAddr>() {
                Ok(ip) => assert_eq!(found, [SocketAddr::new(ip, port)]),
                Err(_) => assert_eq!(found.len(), KNOWN.load(Ordering::Relaxed).min(256)),
            }
        }
        Err(error) => {
            assert!(expected.is_err(), "{text} is an address");
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{error}");
        }
    }
}

/// An address of any length and at any place in memory is read or refused; what was read is
/// written as it was, and no more of it than fits.
fn check_address(bytes: &[u8], size: usize) {
    use preview1::{address, host, types};

    let length = bytes.len() as types::socklen_t;
    // SAFETY: the pointer is to as many bytes.
    let read = unsafe { address::HostAddress::read(bytes.as_ptr().cast(), length) };
    let Ok(read) = read else {
        return;
    };
    let buffer = read.buffer();
    let mut raw = host::FamilyAndAddress::EMPTY;
    raw.family = [bytes[0], bytes[1]];
    // SAFETY: the buffer is of this length, and `read` is alive.
    let ip = unsafe { std::slice::from_raw_parts(buffer.bytes, buffer.length) };
    raw.address[..ip.len()].copy_from_slice(ip);
    // A heap allocation of exactly this size, so that a byte too many is found.
    let mut output = vec![0xa5_u8; size].into_boxed_slice();
    let mut written = size as types::socklen_t;
    let port = read.port as u16;
    // SAFETY: there are as many writable bytes, and the length.
    let result = unsafe { address::write(&raw, port, output.as_mut_ptr().cast(), &mut written) };
    assert_eq!(result, Ok(()));
    if written as usize <= size {
        // SAFETY: the pointer is to as many bytes.
        let second = unsafe { address::HostAddress::read(output.as_ptr().cast(), written) };
        let Ok(second) = second else {
            panic!("what was written is no address");
        };
        let buffer = second.buffer();
        // SAFETY: the buffer is of this length, and `second` is alive.
        let same = unsafe { std::slice::from_raw_parts(buffer.bytes, buffer.length) };
        assert_eq!((same, second.port), (ip, read.port));
    }
}

fuzz_target!(|input: (u16, &str, u8, &[u8])| {
    let (known, text, size, bytes) = input;
    KNOWN.store(usize::from(known), Ordering::Relaxed);
    check_name(text);
    check_address(bytes, usize::from(size));
});
