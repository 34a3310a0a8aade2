//! Refused datagrams, and the errors that operations return once.

use mio::net::UdpSocket;

use super::handle::Handle;
use super::model::{Failure, Kind, STRICT_ERRORS};
use super::world::{End, World};
use crate::support::PREVIEW_2;

impl World<'_> {
    /// Closes the peer of a UDP socket, or uses one whose peer is closed, and sends.
    pub(super) fn refuse(&mut self) {
        let Some(index) = self.find(|end| end.model.kind == Kind::Udp) else {
            return;
        };
        let Some((index, mut end)) = self.take_at(index) else {
            return;
        };
        if !end.model.peer_closed {
            let peer = end.peer;
            self.ends[index] = Some(end);
            if let Some((place, other)) = self.take_at(peer) {
                self.close_end(place, other, false);
            }
            let Some((_, same)) = self.take_at(index) else {
                return;
            };
            end = same;
        }
        self.send(index, &mut end, 10);
        self.ends[index] = Some(end);
    }

    /// Binds a socket to the address of a closed peer, in its place. (Wine reports nothing more
    /// to a socket with a refused datagram.)
    pub(super) fn reopen(&mut self) {
        let is_wanted = |end: &End| end.model.kind == Kind::Udp && end.closed_peer.is_some();
        let is_impossible = PREVIEW_2 || cfg!(mio_on_wine);
        let (Some(index), false) = (self.find(is_wanted), is_impossible) else {
            return;
        };
        let (Some((place, _)), Some((_, mut end))) = (self.places(), self.take_at(index)) else {
            return;
        };
        let address = end.handle.as_ref().and_then(Handle::address);
        let bound = end.closed_peer.map(UdpSocket::bind);
        if let (Some(Ok(socket)), Some(address)) = (bound, address) {
            self.note("reopen", index, place);
            let result = socket.connect(address);
            self.ok("connect", result);
            let mut peer = End::new(Some(Handle::Datagram(Box::new(socket))), Kind::Udp, index);
            // Both number their datagrams.
            peer.model.sent = end.model.received + end.model.datagrams.len();
            peer.model.received = end.model.sent;
            end.model.peer_closed = false;
            end.closed_peer = None;
            end.peer = place;
            self.ends[place] = Some(peer);
        }
        self.ends[index] = Some(end);
    }

    /// Takes the error of an end.
    pub(super) fn take_error_of_one(&mut self) {
        if let Some((index, mut end)) = self.take() {
            self.take_error(index, &mut end);
            self.ends[index] = Some(end);
        }
    }

    /// Deregisters an end and takes its error; one that has an error, if there is any.
    pub(super) fn deregister_and_take_error(&mut self) {
        let has_failed =
            |end: &End| end.model.failure != Failure::No && end.model.registered.is_some();
        let Some(index) = self.find(has_failed) else {
            return;
        };
        // With and without an event before.
        if self.choices.below(4) > 0 {
            self.poll_until_reported();
        }
        let Some((_, mut end)) = self.take_at(index) else {
            return;
        };
        if let Some(handle) = &mut end.handle {
            let result = self.poll.registry().deregister(handle.source());
            self.ok("deregister", result);
            end.model.deregister();
        }
        self.take_error(index, &mut end);
        self.ends[index] = Some(end);
    }

    fn take_error(&mut self, index: usize, end: &mut End) {
        let Some(handle) = &end.handle else {
            return;
        };
        let result = handle.take_error();
        let error = self.ok("take_error", result);
        self.note("take the error", index, error.is_some().into());
        let model = &mut end.model;
        match error {
            Some(error) if !model.has_failed() => self.fail((index, error, "nothing has failed")),
            None if model.must_fail() => self.fail((index, &end.model, "an error was lost")),
            _ => {}
        }
    }

    /// Peeks at an end with a refused datagram, so that the peek takes the error.
    pub(super) fn peek_at_refused(&mut self) {
        let is_refused =
            |end: &End| end.model.kind == Kind::Udp && end.model.failure != Failure::No;
        if let (Some(index), true) = (self.find(is_refused), STRICT_ERRORS) {
            self.poll_until_reported();
            self.peek_at(index);
        }
    }
}
