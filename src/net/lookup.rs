//! [`lookup`] and [`lookup_host`]: the addresses of a name; for all systems.

use std::io;
use std::net::SocketAddr;
use std::vec::IntoIter;

use super::platform;

/// Looks up the addresses of a host by its name, and returns them with `port`.
///
/// The name may also be an IPv4 or IPv6 address. The call blocks until the system or the host
/// has an answer: in WebAssembly nothing else of the program runs until then.
///
/// # Errors
///
/// [`NotFound`](io::ErrorKind::NotFound) when the name is not known on WASI preview 1,
/// otherwise the error of std's resolver; [`InvalidInput`](io::ErrorKind::InvalidInput) for a
/// name that is empty or has a zero byte; [`Unsupported`](io::ErrorKind::Unsupported) on WASI preview 1
/// without the feature `wasmedge`.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let addresses: Vec<_> = mio::net::lookup("localhost", 80)?.collect();
/// assert!(addresses.iter().all(|address| address.ip().is_loopback()));
/// assert!(addresses.iter().all(|address| address.port() == 80));
/// # Ok(())
/// # }
/// ```
pub fn lookup(host: &str, port: u16) -> io::Result<IntoIter<SocketAddr>> {
    // An empty name is this machine for some systems.
    if host.is_empty() || host.contains('\0') {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the name of a host must not be empty or contain a zero byte",
        ));
    }
    platform::lookup(host, port)
}

/// As [`lookup`], for a name and a port with a colon between them.
///
/// # Errors
///
/// As [`lookup`]; [`InvalidInput`](io::ErrorKind::InvalidInput) when there is no port.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let mut addresses = mio::net::lookup_host("127.0.0.1:80")?;
/// assert_eq!(addresses.next(), Some("127.0.0.1:80".parse().unwrap()));
/// assert!(mio::net::lookup_host("localhost").is_err());
/// # Ok(())
/// # }
/// ```
pub fn lookup_host(host_and_port: &str) -> io::Result<IntoIter<SocketAddr>> {
    if let Ok(address) = host_and_port.parse() {
        return Ok(vec![address].into_iter());
    }
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
    let (host, port) = host_and_port
        .rsplit_once(':')
        .ok_or_else(|| invalid("a name needs a port behind a colon"))?;
    let port = port
        .parse()
        .map_err(|_| invalid("the port of a name is a number up to 65535"))?;
    lookup(host, port)
}
