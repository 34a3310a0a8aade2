//! Registering, the calls that have to fail, and the waker.

use std::io::ErrorKind;

use mio::Interest;

use super::world::{End, World};
use crate::support::ALLOWS_WRONG_CALLS;

impl World<'_> {
    /// Registers an end, with or without a registration so far.
    pub(super) fn register_for(&mut self, index: usize, end: &mut End, interests: Interest) {
        let token = self.token();
        let handle = end.handle.as_mut().expect("a handle after accepting");
        let what = match end.model.registered {
            Some(_) => "reregister",
            None => "register",
        };
        self.note(what, index, token.0);
        let registry = self.poll.registry();
        let result = match end.model.registered {
            Some(_) => registry.reregister(handle.source(), token, interests),
            None => registry.register(handle.source(), token, interests),
        };
        self.ok(what, result);
        let in_transit = self.in_transit(end);
        end.model.register(token, interests, in_transit);
    }

    pub(super) fn register(&mut self) {
        self.register_one(false);
    }

    pub(super) fn reregister(&mut self) {
        self.register_one(true);
    }

    /// Registers an end, if it is or is not registered so far.
    fn register_one(&mut self, is_registered: bool) {
        let Some((index, mut end)) = self.take() else {
            return;
        };
        if end.handle.is_some() && end.model.registered.is_some() == is_registered {
            let interests = self.interests();
            self.register_for(index, &mut end, interests);
        }
        self.ends[index] = Some(end);
    }

    pub(super) fn deregister(&mut self) {
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

    pub(super) fn reregister_listener(&mut self) {
        let token = self.token();
        self.note("reregister the listener", 0, token.0);
        let registry = self.poll.registry();
        let result = registry.reregister(&mut self.listener, token, Interest::READABLE);
        self.ok("reregister the listener", result);
        self.at_listener.unasked = 0;
        self.at_listener.register(token, Interest::READABLE, 0);
    }

    /// Calls that have to fail and change nothing.
    pub(super) fn wrong_calls(&mut self) {
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

    pub(super) fn wake(&mut self) {
        self.note("wake", 0, 0);
        let result = self.waker.wake();
        self.ok("wake", result);
        self.wakes += 1;
    }
}
