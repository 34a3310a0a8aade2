//! Unix sockets where libc and std are needed beside the library: a client with a
//! path. Unix.

use std::io;
use std::mem::{size_of_val, zeroed};
use std::os::fd::{FromRawFd, OwnedFd};

use mio::net::{SocketAddr, UnixListener};
use mio::{Interest, Token};

use crate::support::{Fixture, TempPath};

#[test]
fn accept_returns_the_path_of_a_bound_client() {
    let (path, client_path) = (TempPath::new(), TempPath::new());
    let mut fixture = Fixture::new();
    let mut listener = UnixListener::bind(&path).unwrap();
    fixture.register(&mut listener, Token(0), Interest::READABLE);
    let client = bound_client(&client_path);
    let address = SocketAddr::from_pathname(&path).unwrap();
    // A datagram socket of std connects descriptors of any kind.
    let client = std::os::unix::net::UnixDatagram::from(client);
    client.connect_addr(&address).unwrap();
    fixture.expect_readable(Token(0));
    let (server, peer) = listener.accept().unwrap();
    assert_eq!(peer.as_pathname(), Some(client_path.as_ref()));
    let queried = server.peer_addr().unwrap();
    assert_eq!(queried.as_pathname(), peer.as_pathname());
}

/// A stream socket that has a path and is not connected.
fn bound_client(path: &TempPath) -> OwnedFd {
    use std::os::unix::ffi::OsStrExt;

    // SAFETY: the call takes no memory.
    let fd = unsafe { libc::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0) };
    assert!(fd >= 0);
    // SAFETY: the call has just made it.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: zero is a value of all its fields, which are integers.
    let mut address: libc::sockaddr_un = unsafe { zeroed() };
    address.sun_family = libc::AF_UNIX as libc::sa_family_t;
    let bytes = path.as_ref().as_os_str().as_bytes();
    for (place, byte) in address.sun_path.iter_mut().zip(bytes) {
        *place = *byte as libc::c_char;
    }
    let length = size_of_val(&address) as libc::socklen_t;
    let pointer: *const libc::sockaddr_un = &address;
    // SAFETY: the pointer and the length are of the address, which lives on.
    let result = unsafe { libc::bind(fd, pointer.cast(), length) };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
    socket
}
