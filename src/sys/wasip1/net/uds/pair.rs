//! Pairs of Unix sockets, for which no host has a call. WASI preview 1.
//!
//! The ends find each other by abstract names, which leave nothing behind in a
//! file system: random ones that nobody else can have. So unlike on Unix both ends
//! of a pair have names. Hosts without abstract names (all but Linux) refuse.

use std::io;

use super::datagram::Datagram;
use super::named::{bind_to_any_name, open};
use super::stream::{accept, Listener, Stream};
use crate::sys::wasip1::host::extension::{self, DATAGRAM, STREAM};

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
        let (second, peer) = accept(&listener)?;
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
