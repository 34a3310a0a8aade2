//! Sockets and addresses for the tests.

use std::io::Error;
use std::mem::{size_of, size_of_val, zeroed};

use mio_wasi_libc as libc;

/// A descriptor that is closed at the end.
pub(crate) struct Socket(pub(crate) i32);

impl Socket {
    pub(crate) fn new(family: i32, kind: i32) -> Self {
        // SAFETY: it takes no memory.
        Self(ok(unsafe { libc::socket(family, kind, 0) }))
    }

    /// Bound to a free port of the loopback address.
    pub(crate) fn bound(family: i32, kind: i32) -> Self {
        let socket = Self::new(family, kind);
        let address = Address::loopback(family, 0);
        // SAFETY: the address outlives the call.
        ok(unsafe { libc::bind(socket.0, address.pointer(), address.length) });
        socket
    }

    pub(crate) fn name(&self) -> Address {
        let mut name = Address::empty();
        // SAFETY: the address and its length outlive the call.
        ok(unsafe { libc::getsockname(self.0, name.pointer_mut(), &mut name.length) });
        name
    }

    pub(crate) fn connect(&self, to: &Address) -> i32 {
        // SAFETY: the address outlives the call.
        unsafe { libc::connect(self.0, to.pointer(), to.length) }
    }

    pub(crate) fn send(&self, bytes: &[u8], flags: i32) -> isize {
        // SAFETY: the bytes outlive the call.
        unsafe { libc::send(self.0, bytes.as_ptr().cast(), bytes.len(), flags) }
    }

    pub(crate) fn recv(&self, bytes: &mut [u8], flags: i32) -> isize {
        // SAFETY: the bytes outlive the call.
        unsafe { libc::recv(self.0, bytes.as_mut_ptr().cast(), bytes.len(), flags) }
    }

    pub(crate) fn set<T>(&self, level: i32, name: i32, value: &T) -> i32 {
        let value: *const T = value;
        // SAFETY: the value outlives the call.
        unsafe { libc::setsockopt(self.0, level, name, value.cast(), size_of::<T>() as u32) }
    }

    /// The result of the call, and the value and the length that it has written.
    pub(crate) fn get<T>(&self, level: i32, name: i32, mut value: T) -> (i32, T, u32) {
        let (pointer, mut length): (*mut T, _) = (&mut value, size_of::<T>() as u32);
        // SAFETY: the value and its length outlive the call.
        let result = unsafe { libc::getsockopt(self.0, level, name, pointer.cast(), &mut length) };
        (result, value, length)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // SAFETY: the descriptor is this value's own.
        unsafe { libc::close(self.0) };
    }
}

/// An address, and the length that the calls take and give.
pub(crate) struct Address {
    pub(crate) storage: libc::sockaddr_storage,
    pub(crate) length: u32,
}

impl Address {
    pub(crate) fn empty() -> Self {
        Self {
            // SAFETY: zeroes are a value of it.
            storage: unsafe { zeroed() },
            length: size_of::<libc::sockaddr_storage>() as u32,
        }
    }

    pub(crate) fn loopback(family: i32, port: u16) -> Self {
        let mut address = Self::empty();
        if family == libc::AF_INET {
            let v4 = libc::sockaddr_in {
                sin_family: libc::AF_INET as u16,
                sin_port: port.to_be(),
                sin_addr: libc::in_addr {
                    s_addr: u32::from_ne_bytes([127, 0, 0, 1]),
                },
                sin_zero: [0; 8],
            };
            address.length = size_of_val(&v4) as u32;
            // SAFETY: the storage is larger, and aligned for every address.
            unsafe { address.pointer_mut().cast::<libc::sockaddr_in>().write(v4) };
        } else {
            let mut bytes = [0; 16];
            bytes[15] = 1;
            let v6 = libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as u16,
                sin6_port: port.to_be(),
                sin6_flowinfo: 0,
                sin6_addr: libc::in6_addr { s6_addr: bytes },
                sin6_scope_id: 0,
            };
            address.length = size_of_val(&v6) as u32;
            // SAFETY: as above.
            unsafe { address.pointer_mut().cast::<libc::sockaddr_in6>().write(v6) };
        }
        address
    }

    pub(crate) fn pointer(&self) -> *const libc::sockaddr {
        (&self.storage as *const libc::sockaddr_storage).cast()
    }

    pub(crate) fn pointer_mut(&mut self) -> *mut libc::sockaddr {
        (&mut self.storage as *mut libc::sockaddr_storage).cast()
    }

    /// The port is at the same place in both families.
    pub(crate) fn port(&self) -> u16 {
        // SAFETY: the storage is larger, and every value of the bytes is one.
        u16::from_be(unsafe { self.pointer().cast::<libc::sockaddr_in>().read() }.sin_port)
    }

    /// Is this the loopback address of a family, with this port and the family's length?
    pub(crate) fn assert_loopback(&self, family: i32, port: u16) {
        let expected = Self::loopback(family, port);
        assert_eq!(self.length, expected.length);
        // SAFETY: both have as many bytes, and all of them are initialized.
        let bytes = |address: &Self| unsafe {
            std::slice::from_raw_parts(address.pointer().cast::<u8>(), expected.length as usize)
                .to_vec()
        };
        assert_eq!(bytes(self), bytes(&expected));
    }
}

pub(crate) fn ok(result: i32) -> i32 {
    assert!(result >= 0, "{}", Error::last_os_error());
    result
}

#[track_caller]
pub(crate) fn assert_fails(result: isize, number: i32) {
    let error = Error::last_os_error();
    assert_eq!(result, -1);
    assert_eq!(error.raw_os_error(), Some(number), "{error}");
}

pub(crate) const FAMILIES: [i32; 2] = [libc::AF_INET, libc::AF_INET6];

/// A listener, and a connection with it: the client and the accepted end.
pub(crate) fn connected(family: i32) -> (Socket, Socket, Socket) {
    let listener = Socket::bound(family, libc::SOCK_STREAM);
    // SAFETY: it takes no memory.
    ok(unsafe { libc::listen(listener.0, 8) });
    let client = Socket::new(family, libc::SOCK_STREAM);
    ok(client.connect(&listener.name()));
    let mut peer = Address::empty();
    // SAFETY: the address and its length outlive the call.
    let server = Socket(ok(unsafe {
        libc::accept(listener.0, peer.pointer_mut(), &mut peer.length)
    }));
    peer.assert_loopback(family, client.name().port());
    (listener, client, server)
}
