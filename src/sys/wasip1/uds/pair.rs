//! Pairs of Unix sockets, for which no host has a call. WASI preview 1.
//!
//! The ends find each other by abstract names, which leave nothing behind in a
//! file system: random ones that nobody else can have. So unlike on Unix both ends
//! of a pair have names. Hosts without abstract names (all but Linux) refuse.

use std::io;

use super::{open, Datagram, Listener, SocketAddr, Stream};
use crate::sys::wasip1::host;
use crate::sys::wasip1::host::extension::{self, DATAGRAM, STREAM};
use crate::sys::wasip1::socket::Socket;

/// How many random names are tried. One is nearly always free.
const MOST_NAMES: usize = 16;

/// Gives a socket an abstract name that nobody has, and tells it.
pub(super) fn bind_to_any_name(socket: &Socket) -> io::Result<SocketAddr> {
    let mut last = None;
    for _ in 0..MOST_NAMES {
        let random = host::random()?;
        let name = SocketAddr::from_abstract_name(format!("mio-{random:032x}"))?;
        match extension::bind_unix(socket.fd(), &name.to_host()) {
            Ok(()) => return Ok(name),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}

/// Two streams that are connected to each other.
pub(crate) fn stream_pair() -> io::Result<(Stream, Stream)> {
    let listener = Listener {
        socket: open(STREAM)?,
    };
    let meeting_point = bind_to_any_name(&listener.socket)?;
    listener.socket.listen(1)?;
    let first = open(STREAM)?;
    let name = bind_to_any_name(&first)?;
    extension::connect_unix(first.fd(), &meeting_point.to_host())?;
    loop {
        let (second, peer) = super::accept(&listener)?;
        // Anybody may have connected, but nobody else has this name.
        if peer.as_abstract_name() == name.as_abstract_name() {
            return Ok((Stream { socket: first }, second));
        }
    }
}

/// Two datagram sockets that are connected to each other.
pub(crate) fn datagram_pair() -> io::Result<(Datagram, Datagram)> {
    let (first, second) = (open(DATAGRAM)?, open(DATAGRAM)?);
    let first_name = bind_to_any_name(&first)?;
    let second_name = bind_to_any_name(&second)?;
    extension::connect_unix(first.fd(), &second_name.to_host())?;
    extension::connect_unix(second.fd(), &first_name.to_host())?;
    // From now on they take nothing from others; what came before goes.
    for socket in [&first, &second] {
        while socket.recv(&mut [0; 1], false).is_ok() {}
    }
    Ok((Datagram { socket: first }, Datagram { socket: second }))
}
