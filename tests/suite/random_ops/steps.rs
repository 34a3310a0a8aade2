//! The operations of one step.

use std::io::ErrorKind;
use std::net::Shutdown;
use std::time::Duration;

use mio::net::{TcpStream, UdpSocket};
use mio::Interest;

use super::model::Reset;
use super::world::{End, Handle, World};
use crate::support::ALLOWS_WRONG_CALLS;
use crate::support::{local, reset, PREVIEW_2};

impl World<'_> {
    /// All steps of a run, and the check of the final state. The run ends early when the
    /// choices run out.
    pub(crate) fn run(&mut self, steps: u64) {
        for _ in 0..steps {
            if self.choices.is_over() {
                break;
            }
            self.step();
        }
        self.finish();
    }

    /// One step.
    fn step(&mut self) {
        self.step += 1;
        self.note("nothing", 0, 0);
        match self.choices.below(100) {
            0..=19 => self.poll(Duration::ZERO),
            20..=27 => self.poll_until_reported(),
            28..=41 => self.read_once(),
            42..=53 => self.drain_one(),
            54..=68 => self.write_once(),
            69 => self.fill(),
            70..=76 => self.register(),
            77..=82 => self.reregister(),
            83..=84 => self.deregister(),
            85..=86 => self.close(false),
            87 => self.close(true),
            88..=89 => self.shut_down(),
            90..=92 => self.connect(),
            93 => self.udp_pair(),
            94..=95 => self.accept(),
            96 => self.wake(),
            97 => self.peek(),
            98 => self.reregister_listener(),
            _ => self.wrong_calls(),
        }
    }

    /// Reads and compares all unread data, then closes everything.
    fn finish(&mut self) {
        self.step += 1;
        while self.at_listener.waiting > 0 {
            self.poll_until_reported();
            self.accept_all();
        }
        self.poll_until_reported();
        for index in 0..self.ends.len() {
            let Some(mut end) = self.ends[index].take() else {
                continue;
            };
            self.register_for_reading(&mut end);
            while end.model.reset == Reset::No && end.model.waiting + end.model.datagrams.len() > 0
            {
                self.ends[index] = Some(end);
                self.poll_until_reported();
                end = self.ends[index].take().expect("an end that was put back");
                self.drain(index, &mut end);
            }
            self.ends[index] = Some(end);
        }
        self.poll_until_reported();
        self.ends.iter_mut().for_each(|end| *end = None);
        self.poll(Duration::ZERO);
    }

    /// Registers an end for reading, with or without a registration so far.
    fn register_for_reading(&mut self, end: &mut End) {
        let token = self.token();
        let handle = end.handle.as_mut().expect("a handle after accepting");
        let registry = self.poll.registry();
        let result = match end.model.registered {
            Some(_) => registry.reregister(handle.source(), token, Interest::READABLE),
            None => registry.register(handle.source(), token, Interest::READABLE),
        };
        self.ok("registering at the end", result);
        end.model.register(token, Interest::READABLE, 0);
    }

    fn register(&mut self) {
        let Some((index, mut end)) = self.take() else {
            return;
        };
        if let (None, Some(handle)) = (end.model.registered, &mut end.handle) {
            let (token, interests) = (self.token(), self.interests());
            self.note("register", index, token.0);
            let registry = self.poll.registry();
            let result = registry.register(handle.source(), token, interests);
            self.ok("register", result);
            let in_transit = self.in_transit(&end);
            end.model.register(token, interests, in_transit);
        }
        self.ends[index] = Some(end);
    }

    fn reregister(&mut self) {
        let Some((index, mut end)) = self.take() else {
            return;
        };
        if let (Some(_), Some(handle)) = (end.model.registered, &mut end.handle) {
            let (token, interests) = (self.token(), self.interests());
            self.note("reregister", index, token.0);
            let registry = self.poll.registry();
            let result = registry.reregister(handle.source(), token, interests);
            self.ok("reregister", result);
            let in_transit = self.in_transit(&end);
            end.model.register(token, interests, in_transit);
        }
        self.ends[index] = Some(end);
    }

    fn deregister(&mut self) {
        let Some((index, mut end)) = self.take() else {
            return;
        };
        if let (Some(_), Some(handle)) = (end.model.registered, &mut end.handle) {
            self.note("deregister", index, 0);
            let result = self.poll.registry().deregister(handle.source());
            self.ok("deregister", result);
            end.model.deregister();
        }
        self.ends[index] = Some(end);
    }

    fn reregister_listener(&mut self) {
        let token = self.token();
        self.note("reregister the listener", 0, token.0);
        let registry = self.poll.registry();
        let result = registry.reregister(&mut self.listener, token, Interest::READABLE);
        self.ok("reregister the listener", result);
        self.at_listener.register(token, Interest::READABLE, 0);
    }

    /// Calls that have to fail and change nothing.
    fn wrong_calls(&mut self) {
        if ALLOWS_WRONG_CALLS {
            return;
        }
        let Some((index, mut end)) = self.take() else {
            return;
        };
        self.note("wrong calls", index, 0);
        let token = self.token();
        let registry = self.poll.registry();
        if let Some(handle) = &mut end.handle {
            let source = handle.source();
            let (results, expected) = if end.model.registered.is_some() {
                let result = registry.register(source, token, Interest::READABLE);
                (vec![result], ErrorKind::AlreadyExists)
            } else {
                let change = registry.reregister(source, token, Interest::READABLE);
                (
                    vec![change, registry.deregister(source)],
                    ErrorKind::NotFound,
                )
            };
            for result in results {
                if result.as_ref().map_err(|error| error.kind()) != Err(expected) {
                    self.fail(("a wrong call", result));
                }
            }
        }
        self.ends[index] = Some(end);
    }

    fn wake(&mut self) {
        self.note("wake", 0, 0);
        let result = self.waker.wake();
        self.ok("wake", result);
        self.wakes += 1;
    }

    fn connect(&mut self) {
        let Some((client, server)) = self.places() else {
            return;
        };
        self.note("connect", client, server);
        let address = self.listener.local_addr().expect("an address");
        let stream = self.ok("connect", TcpStream::connect(address));
        self.ok("set_nodelay", stream.set_nodelay(true));
        self.ends[client] = Some(End::new(Some(Handle::Tcp(stream)), false, server));
        self.ends[server] = Some(End::new(None, false, client));
        self.at_listener.waiting += 1;
        self.at_listener.input();
    }

    fn accept(&mut self) {
        if self.choices.below(2) == 0 {
            self.accept_one();
        } else {
            self.accept_all();
        }
    }

    fn accept_all(&mut self) {
        while self.accept_one() {}
    }

    /// Accepts one connection, if there is one.
    fn accept_one(&mut self) -> bool {
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
        let clients = self.ends.iter().position(|end| {
            match end.as_ref().and_then(|end| end.handle.as_ref()) {
                Some(Handle::Tcp(client)) => client.local_addr().ok() == Some(address),
                _ => false,
            }
        });
        let place = clients.and_then(|client| Some(self.ends[client].as_ref()?.peer));
        self.note("accept", place.unwrap_or(usize::MAX), 0);
        match place.and_then(|place| self.ends[place].as_mut()) {
            Some(end) if end.handle.is_none() => end.handle = Some(Handle::Tcp(stream)),
            _ => self.fail(("a connection without a client", address)),
        }
        true
    }

    fn udp_pair(&mut self) {
        let Some((first, second)) = self.places() else {
            return;
        };
        self.note("pair of UDP sockets", first, second);
        let sockets = [(); 2].map(|()| self.ok("bind", UdpSocket::bind(local())));
        for (from, to) in [(0, 1), (1, 0)] {
            let address = self.ok("local_addr", sockets[to].local_addr());
            let result = sockets[from].connect(address);
            self.ok("connect", result);
        }
        let places = [(first, second), (second, first)];
        for (socket, (place, peer)) in sockets.into_iter().zip(places) {
            self.ends[place] = Some(End::new(Some(Handle::Udp(socket)), true, peer));
        }
    }

    /// Closes an end, registered or not; with a reset for `by_reset`.
    fn close(&mut self, by_reset: bool) {
        let by_reset = by_reset && !PREVIEW_2;
        let Some((index, end)) = self.take() else {
            return;
        };
        // A client that was not accepted stays open: otherwise it would be unknown whether
        // a connection can be accepted.
        let peer_closed = end.model.peer_closed;
        let waits = |peer: &End| peer.handle.is_none() && !peer_closed;
        if self.ends[end.peer].as_deref().is_some_and(waits) {
            self.ends[index] = Some(end);
            return;
        }
        self.note("close", index, by_reset.into());
        let (unread, shut) = (end.model.waiting > 0, end.model.shut);
        if let Some(peer) = self.peer(&end) {
            peer.peer_closed = true;
            if !peer.udp {
                peer.finished = true;
                if peer.shut {
                    // Both ends have shut down: there may be no connection to reset, and
                    // an end that was not read may count as unread data.
                    peer.reset = Reset::Maybe;
                } else if PREVIEW_2 && unread && peer.waiting > 0 {
                    // It comes when everything is sent, which the peer's reading decides.
                    peer.reset = Reset::Maybe;
                } else if by_reset || unread {
                    peer.reset = Reset::Surely;
                }
                // The end may have been reported already.
                if !shut || peer.reset == Reset::Surely {
                    peer.input();
                }
            }
        }
        match end.handle {
            Some(Handle::Tcp(stream)) if by_reset => reset(stream),
            handle => drop(handle),
        }
    }

    fn shut_down(&mut self) {
        let Some((index, mut end)) = self.take() else {
            return;
        };
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
            if let Some(peer) = self.peer(&end) {
                peer.finished = true;
                peer.input();
            }
        }
        self.ends[index] = Some(end);
    }
}
