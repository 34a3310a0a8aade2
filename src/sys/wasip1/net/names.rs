//! The lookup of names. WASI preview 1, by WasmEdge's extension.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::vec::IntoIter;

use crate::sys::wasip1::host::extension;

/// The number of answers that the buffer of the first call holds, and of the last one.
const ANSWERS: usize = 16;
const MAX_ANSWERS: usize = 256;

/// The addresses of a host.
pub(crate) fn lookup(host: &str, port: u16) -> io::Result<IntoIter<SocketAddr>> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)].into_iter());
    }
    let mut answers = ANSWERS;
    loop {
        let ips = extension::lookup(host, answers)?;
        if ips.len() < answers || answers >= MAX_ANSWERS {
            let addresses = ips.into_iter().map(|ip| SocketAddr::new(ip, port));
            return Ok(addresses.collect::<Vec<_>>().into_iter());
        }
        answers *= 4;
    }
}
