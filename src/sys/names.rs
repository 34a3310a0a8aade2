//! The lookup of names by std; for all systems but WASI preview 1.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::vec::IntoIter;

/// The addresses of a host.
pub(crate) fn lookup(host: &str, port: u16) -> io::Result<IntoIter<SocketAddr>> {
    (host, port).to_socket_addrs()
}
