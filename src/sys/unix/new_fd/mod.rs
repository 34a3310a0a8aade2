//! New descriptors that are non-blocking and closed on exec from the start, for
//! sockets and accepted connections; which systems can do this in one call.

mod atomic;

pub(crate) use self::atomic::{accept, socket};
