//! A waker that posts packets to the completion port; for Windows.
//!
//! Wakes coalesce: while a packet of the waker is in the queue, further wakes post none. So
//! the queue doesn't grow, and waking doesn't allocate.

use std::ffi::c_void;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use super::completion_port::PacketKind;
use super::shared::{Iocp, Shared};
use crate::sys::contract;
use crate::Token;

/// The state that a waker and its packet share.
#[derive(Debug)]
pub(super) struct Signal {
    /// The token of the waker's events.
    token: Token,
    /// Is a packet in the queue?
    posted: AtomicBool,
}

impl Signal {
    /// Takes over the reference that a packet of the kind `Wakeup` owns, and returns the
    /// token to report.
    ///
    /// # Safety
    ///
    /// `pointer` is of such a packet, which was just taken out of the queue.
    pub(super) unsafe fn received(pointer: *mut c_void) -> Token {
        // SAFETY: `wake` has given up an `Arc` of this type for this packet, and
        // a packet leaves the queue only once.
        let signal = unsafe { Arc::from_raw(pointer.cast_const().cast::<Self>()) };
        // Before the event is delivered: a wake from now on posts a packet.
        signal.posted.store(false, Ordering::Release);
        signal.token
    }
}

/// Posts packets to a selector, one at a time.
#[derive(Debug)]
pub(crate) struct Waker {
    /// Keeps the port alive, so that a wake succeeds after the poll was dropped.
    selector: Arc<Shared>,
    /// Shared with the packet in the queue.
    signal: Arc<Signal>,
}

impl contract::Waker for Waker {
    type Selector = Iocp;

    fn new(selector: &Iocp, token: Token) -> io::Result<Self> {
        Ok(Self {
            selector: Arc::clone(selector.shared()),
            signal: Arc::new(Signal {
                token,
                posted: AtomicBool::new(false),
            }),
        })
    }

    fn wake(&self) -> io::Result<()> {
        if self.signal.posted.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let pointer = Arc::into_raw(Arc::clone(&self.signal));
        let result = self
            .selector
            .port()
            .post(PacketKind::Wakeup, pointer.cast());
        if result.is_err() {
            self.signal.posted.store(false, Ordering::Release);
            // SAFETY: no packet was posted, so the reference is still ours.
            drop(unsafe { Arc::from_raw(pointer) });
        }
        result
    }
}
