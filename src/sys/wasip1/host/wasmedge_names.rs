//! The lookup of names by WasmEdge's extension, made safe. WASI preview 1.
//!
//! The host fills a linked list that the caller has made, of exactly as many entries as the
//! call says. Each has a buffer for an address of 26 bytes: the port and 4 bytes for IPv4; the port,
//! 4 bytes, 16 bytes and 4 bytes for IPv6. (WasmEdge, lib/host/wasi/wasimodule.cpp and
//! environ.cpp, `sockGetAddrinfo`; observed in 0.14.1 and 0.17.1.)

use std::io;
use std::mem::size_of;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ptr::null_mut;

use super::values::{INET4, INET6};

/// An entry of the list.
#[derive(Clone, Copy)]
#[repr(C)]
struct AddressInfo {
    flags: u16,
    family: u8,
    kind: u8,
    protocol: u32,
    address_length: u32,
    address: *mut Address,
    name: *mut u8,
    name_length: u32,
    next: *mut AddressInfo,
}

/// The address of an entry.
#[derive(Clone, Copy)]
#[repr(C)]
struct Address {
    family: u32,
    length: u32,
    data: *mut AddressData,
}

/// The bytes of an address.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct AddressData([u8; 32]);

/// The length of these bytes that is passed to the host.
const DATA_LENGTH: u32 = 26;

/// Streams over TCP: each address once.
const STREAM: u8 = 2;
const TCP: u32 = 1;

/// The host's numbers for a name that it doesn't know, and for one without addresses.
const NO_NAME: u32 = 84;
const NO_DATA: u32 = 83;

const _: () = assert!(size_of::<AddressInfo>() == 28 && size_of::<Address>() == 12);

#[link(wasm_import_module = "wasi_snapshot_preview1")]
extern "C" {
    fn sock_getaddrinfo(
        name: *const u8,
        name_length: u32,
        service: *const u8,
        service_length: u32,
        hints: *const AddressInfo,
        results: *mut *mut AddressInfo,
        max: u32,
        count: *mut u32,
    ) -> u32;
}

impl AddressInfo {
    /// An entry without an address.
    const EMPTY: Self = Self {
        flags: 0,
        family: 0,
        kind: STREAM,
        protocol: TCP,
        address_length: 0,
        address: null_mut(),
        name: null_mut(),
        name_length: 0,
        next: null_mut(),
    };
}

/// The addresses of a host, at most `max`.
pub(crate) fn lookup(host: &str, max: usize) -> io::Result<Vec<IpAddr>> {
    let mut data = vec![AddressData([0; 32]); max];
    let mut addresses = vec![
        Address {
            family: 0,
            length: DATA_LENGTH,
            data: null_mut(),
        };
        max
    ];
    let mut names = vec![[0_u8; 32]; max];
    let mut list = vec![AddressInfo::EMPTY; max];
    for index in 0..max {
        addresses[index].data = &mut data[index];
        list[index].address = &mut addresses[index];
        list[index].name = names[index].as_mut_ptr();
        list[index].name_length = 32;
    }
    let base = list.as_mut_ptr();
    for index in 1..max {
        list[index - 1].next = base.wrapping_add(index);
    }
    let (mut results, mut count) = (base, 0);
    // The host ends at a zero as well as at the length.
    let name = format!("{host}\0");
    let service = b"0\0";
    // SAFETY: the name, the service and the hints outlive the call, which reads them; the list
    // has as many entries as the call says, each with buffers for an address and a name.
    let number = unsafe {
        sock_getaddrinfo(
            name.as_ptr(),
            name.len() as u32,
            service.as_ptr(),
            service.len() as u32,
            &AddressInfo::EMPTY,
            &mut results,
            max as u32,
            &mut count,
        )
    };
    check(number, host)?;
    let found = addresses
        .iter()
        .zip(&data)
        .take(super::bounds::count(count as usize, max)?);
    Ok(found
        .filter_map(|(address, data)| ip(address.family, &data.0))
        .collect())
}

/// The result of a call that returns an error number of its own.
fn check(number: u32, host: &str) -> io::Result<()> {
    let (kind, text) = match number {
        0 => return Ok(()),
        NO_NAME | NO_DATA => (
            io::ErrorKind::NotFound,
            format!("no addresses are known for the name {host}"),
        ),
        number => (
            io::ErrorKind::Other,
            format!("looking up the name {host} failed with the host's error {number}"),
        ),
    };
    Err(io::Error::new(kind, text))
}

/// The address in the bytes behind a port.
fn ip(family: u32, data: &[u8; 32]) -> Option<IpAddr> {
    // Some hosts leave garbage behind the byte of the family.
    match family & 0xff {
        INET4 => {
            let bytes: [u8; 4] = data[2..6].try_into().ok()?;
            Some(Ipv4Addr::from(bytes).into())
        }
        INET6 => {
            let bytes: [u8; 16] = data[6..22].try_into().ok()?;
            Some(Ipv6Addr::from(bytes).into())
        }
        _ => None,
    }
}
