//! Making, accepting and ending connections.

use std::io::ErrorKind;
use std::net::{Shutdown, SocketAddr};
use std::time::Duration;

use mio::net::{TcpListener, TcpStream, UdpSocket};

use super::handle::{unix_pair, Datagram, Handle};
use super::model::{Kind, Reset};
use super::world::{End, World, SOCKETS};
use crate::support::{reset, PREVIEW_2};

/// A connection whose client has closed it can be accepted. (Otherwise it may not have been
/// made before.)
const KEEPS_CLOSED_CLIENTS: bool = !(cfg!(windows) || PREVIEW_2);

/// Small writes may wait for the acknowledgement of earlier ones: `set_nodelay` has no effect.
const HAS_NAGLE: bool = cfg!(target_os = "wasi");

impl World<'_> {
    pub(super) fn connect(&mut self) {
        self.connect_pair();
    }

    /// Connects a client, which is to be accepted. Gives both places.
    fn connect_pair(&mut self) -> Option<(usize, usize)> {
        let (client, server) = self.places()?;
        self.note("connect", client, server);
        let address = self.listener.local_addr().expect("an address");
        let stream = self.ok("connect", TcpStream::connect(address));
        self.ok("set_nodelay", stream.set_nodelay(true));
        self.ends[client] = Some(End::new(Some(Handle::Tcp(stream)), Kind::Tcp, server));
        self.ends[server] = Some(End::new(None, Kind::Tcp, client));
        self.at_listener.unasked = 0;
        self.at_listener.waiting += 1;
        self.at_listener.input();
        Some((client, server))
    }

    /// Connects to a port without a listener.
    pub(super) fn connect_without_listener(&mut self) {
        let Some((place, _)) = self.places() else {
            return;
        };
        let gone = TcpListener::bind(self.elsewhere).and_then(|listener| listener.local_addr());
        let gone = self.ok("bind", gone);
        self.note("connect without a listener", place, gone.port().into());
        match TcpStream::connect(gone) {
            // At once.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
            Err(error) => self.fail(("connect without a listener", error)),
            Ok(stream) => {
                let mut end = End::new(Some(Handle::Tcp(stream)), Kind::Tcp, place);
                end.model.peer_closed = true;
                end.model.finished = true;
                end.model.reset(Reset::Surely, true);
                self.ends[place] = Some(end);
            }
        }
    }

    pub(super) fn accept(&mut self) {
        if self.choices.below(2) == 0 {
            self.accept_one();
        } else {
            self.accept_all();
        }
    }

    pub(super) fn accept_all(&mut self) {
        while self.accept_one() {}
    }

    /// Accepts one connection, if there is one.
    fn accept_one(&mut self) -> bool {
        self.at_listener.unasked = 0;
        let (stream, address) = match self.listener.accept() {
            Ok(accepted) => accepted,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.note("accept nothing", 0, 0);
                self.at_listener.found_nothing();
                return false;
            }
            Err(error) => self.fail(("accept", error)),
        };
        // Otherwise Nagle's algorithm delays small writes by 40 ms.
        self.ok("set_nodelay", stream.set_nodelay(true));
        self.at_listener.has_read(1, 1);
        let place = (0..SOCKETS).find(|place| self.awaits(*place, address));
        self.note("accept", place.unwrap_or(usize::MAX), 0);
        match place.and_then(|place| self.ends[place].as_mut()) {
            Some(end) => {
                end.handle = Some(Handle::Tcp(stream));
                end.model.connected = true;
                end.model.unasked = 0;
            }
            None => self.fail(("a connection without a client", address)),
        }
        true
    }

    /// Is this the place for the connection of the client with that address?
    fn awaits(&self, place: usize, address: SocketAddr) -> bool {
        let Some(end) = self.ends[place].as_deref() else {
            return false;
        };
        let client = match end.closed_peer {
            Some(address) => Some(address),
            None => {
                let client = self.ends[end.peer].as_deref();
                client.and_then(|client| client.handle.as_ref()?.address())
            }
        };
        end.handle.is_none() && client == Some(address)
    }

    pub(super) fn udp_pair(&mut self) {
        if self.places().is_none() {
            return;
        }
        let sockets = [(); 2].map(|()| self.ok("bind", UdpSocket::bind(self.elsewhere)));
        for (from, to) in [(0, 1), (1, 0)] {
            let address = self.ok("local_addr", sockets[to].local_addr());
            let result = sockets[from].connect(address);
            self.ok("connect", result);
        }
        let [first, second] = sockets;
        self.add_pair([Box::new(first), Box::new(second)], Kind::Udp);
    }

    pub(super) fn unix_pair(&mut self) {
        if self.lacks_unix || self.places().is_none() {
            return;
        }
        match unix_pair() {
            Ok(sockets) => self.add_pair(sockets, Kind::UnixDatagram),
            Err(error) if error.kind() == ErrorKind::Unsupported => self.lacks_unix = true,
            Err(error) => self.fail(("pair of Unix sockets", error)),
        }
    }

    fn add_pair(&mut self, sockets: [Box<dyn Datagram>; 2], kind: Kind) {
        let Some((first, second)) = self.places() else {
            return;
        };
        self.note("pair of datagram sockets", first, second);
        for (socket, (place, peer)) in sockets.into_iter().zip([(first, second), (second, first)]) {
            self.ends[place] = Some(End::new(Some(Handle::Datagram(socket)), kind, peer));
        }
    }

    /// Closes an end, registered or not; with a reset for `by_reset`.
    pub(super) fn close(&mut self, by_reset: bool) {
        if let Some((index, end)) = self.take() {
            self.close_end(index, end, by_reset && !PREVIEW_2);
        }
    }

    pub(super) fn close_end(&mut self, index: usize, end: Box<End>, by_reset: bool) {
        let is_accepted = match self.ends[end.peer].as_deref() {
            Some(peer) => end.model.peer_closed || peer.handle.is_some(),
            None => true,
        };
        let may_close = KEEPS_CLOSED_CLIENTS && end.model.connected && !by_reset;
        if !is_accepted && !may_close {
            // It would be unknown whether a connection can be accepted.
            self.ends[index] = Some(end);
            return;
        }
        self.note("close", index, by_reset.into());
        let (unread, shut) = (end.model.waiting > 0, end.model.shut);
        let address = end.handle.as_ref().and_then(Handle::address);
        if let Some(peer) = self.peer(&end) {
            peer.peer_closed = true;
            match peer.kind {
                Kind::Udp => {}
                Kind::UnixDatagram => peer.write.pending = false,
                Kind::Tcp => {
                    // An end that was received already may be all that a read finds. Nagle's
                    // algorithm may hold back what would be unread, and the end comes first.
                    let has_error = !peer.finished && (by_reset || !HAS_NAGLE);
                    let is_reset = by_reset || unread;
                    if peer.shut {
                        // Both ends have shut down: there may be no connection to reset, and
                        // an end that was not read may count as unread data.
                        peer.reset(Reset::Maybe, false);
                    } else if PREVIEW_2 && unread && peer.waiting > 0 {
                        // It comes when everything is sent, which the peer's reading decides.
                        peer.reset(Reset::Maybe, false);
                    } else if is_reset {
                        peer.reset(Reset::Surely, has_error);
                    }
                    peer.finish();
                    // The end may have been reported already.
                    if !shut || peer.reset == Reset::Surely {
                        peer.input();
                    }
                }
            }
            if let Some(peer) = self.ends[end.peer].as_mut() {
                peer.closed_peer = address;
            }
        }
        match end.handle {
            Some(Handle::Tcp(stream)) if by_reset => reset(stream),
            handle => drop(handle),
        }
    }

    pub(super) fn shut_down(&mut self) {
        if let Some((index, mut end)) = self.take() {
            self.shut_down_end(index, &mut end);
            self.ends[index] = Some(end);
        }
    }

    /// Shuts down an end whose peer has not read everything.
    pub(super) fn shut_down_behind_data(&mut self) {
        let has_unread = |end: &End| !end.model.shut && end.model.sent > 0;
        let found = self.find(has_unread);
        let Some((index, mut end)) = found.and_then(|index| self.take_at(index)) else {
            return;
        };
        if self.in_transit(&end) > 0 {
            self.shut_down_end(index, &mut end);
        }
        self.ends[index] = Some(end);
    }

    pub(super) fn shut_down_end(&mut self, index: usize, end: &mut End) {
        if let (Some(Handle::Tcp(stream)), Reset::No, false) =
            (&end.handle, end.model.reset, end.model.shut)
        {
            self.note("shut down", index, 0);
            let result = stream.shutdown(Shutdown::Write);
            self.ok("shutdown", result);
            end.model.shut_down();
            if end.model.peer_closed {
                // A system with too many connections in TIME_WAIT drops some at once, and
                // answers this shutdown with a reset.
                end.model.sent_to_closed_peer();
            }
            if let Some(peer) = self.peer(end) {
                peer.finish();
                peer.input();
            }
        }
    }

    /// Closes ends until there is a number of free places. `false` when there never is.
    pub(super) fn make_free(&mut self, count: usize) -> bool {
        for _ in 0..200 {
            if self.ends.iter().filter(|end| end.is_none()).count() >= count {
                return true;
            }
            self.close(false);
        }
        false
    }

    /// A connection whose both ends are there.
    pub(super) fn stuck_pair(&mut self) -> Option<(usize, usize)> {
        let (client, server) = self.connect_pair()?;
        for _ in 0..100 {
            self.accept_all();
            let is_there = |end: &End| end.handle.is_some();
            if self.ends[server].as_deref().is_some_and(is_there) {
                return Some((server, client));
            }
            self.poll(Duration::from_millis(50));
        }
        self.fail((client, server, "a connection is never accepted"));
    }
}
