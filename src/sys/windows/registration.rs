//! A socket that is registered with a selector; for Windows. `socket.rs` has its state
//! machine.

use std::io;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use super::base_socket;
use super::conditions::ArmedConditions;
use super::shared::{Iocp, Shared};
use super::socket::Socket;
use crate::sys::source::rearm::{Rearm, Registration};
use crate::sys::RawSource;
use crate::{Interest, Token};

/// The state that is kept beside each socket.
pub(crate) type SourceState = Rearm<Registered>;

/// A socket that is registered with a selector.
pub(crate) struct Registered {
    /// The selector. It holds sockets in its queue only, so this is no reference cycle.
    selector: Arc<Shared>,
    /// The socket, of which its request owns a reference too.
    socket: Arc<Socket>,
}

// What both lead to is behind locks that are consistent after a panic, or is only passed to
// the system.
impl UnwindSafe for Registered {}
impl RefUnwindSafe for Registered {}

impl Registration for Registered {
    type Selector = Iocp;

    fn new(
        selector: &Iocp,
        source: RawSource,
        token: Token,
        interests: Interest,
    ) -> io::Result<Self> {
        let conditions = ArmedConditions::new(interests)?;
        let base = base_socket::of(source)?;
        let selector = Arc::clone(selector.shared());
        let afd = selector.afd().join(selector.port())?;
        let socket = Arc::new(Socket::new(base, afd, token, conditions));
        selector.queue_update(Arc::clone(&socket));
        Ok(Self { selector, socket })
    }

    fn belongs_to(&self, selector: &Iocp) -> bool {
        Arc::ptr_eq(&self.selector, selector.shared())
    }

    fn change(&self, token: Token, interests: Interest) -> io::Result<()> {
        let conditions = ArmedConditions::new(interests)?;
        if self.socket.change(token, conditions) {
            self.selector.queue_update(Arc::clone(&self.socket));
        }
        Ok(())
    }

    fn rearm(&self, direction: Interest) {
        if self.socket.rearm(direction) {
            self.selector.queue_update(Arc::clone(&self.socket));
        }
    }

    fn rearm_after_delay(&self, direction: Interest) {
        self.selector.queue_rearm(&self.socket, direction);
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.socket.remove();
        self.selector.afd().leave(self.socket.afd());
    }
}
