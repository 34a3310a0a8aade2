//! One registered socket and its request to AFD; for Windows.
//!
//! A socket has at most one poll request at a time, which the selector makes for what is
//! armed (see `conditions.rs`). Register, reregister and re-arm only change
//! what is armed and put the socket into the selector's queue of updates; the next select
//! has the requests of all queued sockets follow. So a direction that is disarmed and
//! re-armed between two selects costs one request, not two.
//!
//! ```text
//!            a condition is armed: make a request
//!     Idle ─────────────────────────────────────────► Pending(requested)
//!      ▲                                                │   │
//!      │  packet: report what has happened              │   │ a condition is armed that the
//!      ├────────────────────────────────────────────────┘   │ request doesn't include, or the
//!      │                                                    │ registration ends: cancel it
//!      │  packet, usually STATUS_CANCELLED                  ▼
//!      └──────────────────────────────────────────────── Cancelled
//! ```
//!
//! In each state:
//!
//! ```text
//! update (from the queue):
//!     Idle, something armed:              make a request for all that is armed
//!     Pending, all armed is requested:    nothing
//!     Pending, something isn't:           cancel; a request follows when its packet comes
//!     Cancelled:                          nothing, its packet is on the way
//! packet (the request has ended):
//!     the registration is over:           nothing
//!     answered:                           report what has happened and is armed, disarm that
//!     STATUS_CANCELLED:                   no event
//!     refused (a closed socket, say):     report an error, disarm everything
//!     something is still armed:           queue an update
//! ```
//!
//! A request may include more than is armed, when interests have shrunk: then there is no
//! event, and the next request includes less.
//!
//! The end of a registration cancels its request at once, without waiting for a select, so
//! that closing the socket reaches the peer: AFD holds on to a socket as long as a request
//! is pending.
//!
//! # Memory
//!
//! [`Socket`] holds the request block and lives in an `Arc`. Making a request
//! gives one reference to the kernel; the packet gives it back. So the block can
//! go away neither while the kernel may write to it nor before.

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::os::windows::io::RawHandle;
use std::sync::{Arc, Mutex};

use windows_sys::Win32::Foundation::{NTSTATUS, STATUS_CANCELLED};

use super::afd::{Afd, PollRequest};
use super::check::{self, lock};
use super::completion_port::PacketKind;
use super::conditions::{ArmedConditions, Conditions};
use super::operations::Operations;
use crate::sys::event::{Event, Readiness};
use crate::{Interest, Token};

/// The state that a registration, the queue of updates and the kernel share.
pub(super) struct Socket {
    /// The handle that AFD knows the socket by. It is the caller's. If the caller has
    /// closed it, AFD refuses requests.
    base: RawHandle,
    /// The device handle that requests are made on.
    afd: Arc<Afd>,
    /// The part that changes.
    state: Mutex<SocketState>,
    /// The request. It belongs to the kernel while `progress` is not idle, and otherwise to
    /// the thread that holds the lock of `state`.
    request: UnsafeCell<PollRequest>,
}

// SAFETY: `base` is only a number here, and `request` is only touched under the rule
// that its field states, by one thread at a time or by the kernel.
unsafe impl Send for Socket {}
// SAFETY: as above.
unsafe impl Sync for Socket {}

/// The part of a registered socket that changes.
struct SocketState {
    /// The token of its events.
    token: Token,
    /// The conditions to report.
    conditions: ArmedConditions,
    /// The state of the request.
    progress: Progress,
    /// Is the socket in the queue of updates?
    is_queued: bool,
    /// Is the registration over?
    is_removed: bool,
}

/// The states of a request, see the module's documentation.
#[derive(Clone, Copy)]
enum Progress {
    /// There is none.
    Idle,
    /// It waits for these conditions, or its packet is in the queue.
    Pending(Conditions),
    /// It was cancelled, and its packet is still to come.
    Cancelled,
}

impl SocketState {
    /// Is something armed that the request doesn't include?
    fn needs_update(&self) -> bool {
        let armed = self.conditions.armed();
        match self.progress {
            Progress::Idle => !armed.is_empty(),
            Progress::Pending(requested) => !armed.without(requested).is_empty(),
            Progress::Cancelled => false,
        }
    }
}

/// The result of a request that has ended.
pub(super) struct Outcome {
    /// The event to report.
    pub(super) event: Option<Event>,
    /// The socket, if it has to be queued for another request.
    pub(super) to_queue: Option<Arc<Socket>>,
}

impl Socket {
    /// A registration that the caller has to put into the queue of updates.
    pub(super) fn new(
        base: RawHandle,
        afd: Arc<Afd>,
        token: Token,
        conditions: ArmedConditions,
    ) -> Self {
        Self {
            base,
            afd,
            state: Mutex::new(SocketState {
                token,
                conditions,
                progress: Progress::Idle,
                is_queued: true,
                is_removed: false,
            }),
            request: UnsafeCell::new(PollRequest::empty()),
        }
    }

    /// The device handle that requests are made on.
    pub(super) fn afd(&self) -> &Arc<Afd> {
        &self.afd
    }

    /// Replaces the token, and the conditions by others that are all armed. Returns the same
    /// as `arm`.
    pub(super) fn change(&self, token: Token, conditions: ArmedConditions) -> bool {
        self.arm(|state| {
            state.token = token;
            state.conditions = conditions;
        })
    }

    /// Changes what is armed. Returns whether the caller has to put the socket into
    /// the queue of updates, so that the request follows.
    fn arm(&self, change: impl FnOnce(&mut SocketState)) -> bool {
        let mut state = lock(&self.state);
        change(&mut state);
        let is_to_be_queued = !state.is_queued && state.needs_update();
        state.is_queued |= is_to_be_queued;
        is_to_be_queued
    }

    /// Re-arms a direction as far as the interests include it. Returns the same as
    /// `arm`.
    pub(super) fn rearm(&self, direction: Interest) -> bool {
        self.arm(|state| state.conditions.rearm(direction))
    }

    /// Makes or cancels the request as needed for what is armed. Called for each socket
    /// that is taken out of the queue of updates.
    pub(super) fn update(self: &Arc<Self>, operations: &Operations) {
        let mut state = lock(&self.state);
        state.is_queued = false;
        if state.is_removed || !state.needs_update() {
            return;
        }
        match state.progress {
            Progress::Idle => self.make_request(&mut state, operations),
            Progress::Pending(_) => self.cancel(&mut state),
            Progress::Cancelled => {}
        }
    }

    /// Makes a request for all that is armed.
    fn make_request(self: &Arc<Self>, state: &mut SocketState, operations: &Operations) {
        let requested = state.conditions.armed();
        let request = self.request.get();
        let fresh = PollRequest::new(self.base, requested.and(Conditions::LOCAL_CLOSE));
        // SAFETY: no request is pending and we hold the lock, so the block is
        // ours alone.
        unsafe { request.write(fresh) };
        let owner = Arc::into_raw(Arc::clone(self));
        // Before the request is made: another thread may take its packet at once.
        operations.started();
        // SAFETY: the block is inside of the allocation that `owner` keeps alive
        // until the packet comes, and is not touched while it is pending.
        let status = unsafe { self.afd.poll(request, owner.cast()) };
        state.progress = Progress::Pending(requested);
        if check::is_failure(status) {
            self.refused(state, operations, status, owner);
        }
    }

    /// Posts the packet that AFD doesn't post for a request that it has refused, so that
    /// the refusal is reported as any end of a request is.
    #[cold]
    fn refused(
        &self,
        state: &mut SocketState,
        operations: &Operations,
        status: NTSTATUS,
        owner: *const Self,
    ) {
        // SAFETY: a refused request never was the kernel's, no packet was posted
        // for it, and we hold the lock: the block is ours alone.
        unsafe { &mut *self.request.get() }.refuse(status);
        if let Err(error) = operations.port().post(PacketKind::Socket, owner.cast()) {
            crate::log::warn_user!("a socket can't be watched: {error}");
            operations.ended();
            state.progress = Progress::Idle;
            state.conditions.disarm_all();
            // SAFETY: no packet was posted, so the reference is still ours.
            drop(unsafe { Arc::from_raw(owner) });
        }
    }

    /// Cancels the request.
    fn cancel(&self, state: &mut SocketState) {
        // SAFETY: a request that is pending has been made on this handle, and its
        // packet was not handled yet: that would have taken the lock and set the
        // progress to idle.
        match unsafe { self.afd.cancel(self.request.get()) } {
            Ok(()) => state.progress = Progress::Cancelled,
            Err(error) => crate::log::debug!("a poll request can't be cancelled: {error}"),
        }
    }

    /// Ends the registration: no event from now on.
    pub(super) fn remove(&self) {
        let mut state = lock(&self.state);
        state.is_removed = true;
        if let Progress::Pending(_) = state.progress {
            self.cancel(&mut state);
        }
    }

    /// Takes over the reference that a packet of the kind `Socket` owns.
    ///
    /// # Safety
    ///
    /// `pointer` is of such a packet, which was just taken out of the queue.
    pub(super) unsafe fn received(pointer: *mut c_void) -> Arc<Self> {
        // SAFETY: `make_request` has given up an `Arc` of this type for this
        // packet, and a packet leaves the queue only once.
        unsafe { Arc::from_raw(pointer.cast_const().cast()) }
    }

    /// Handles the end of the request.
    pub(super) fn finish(self: Arc<Self>) -> Outcome {
        let mut state = lock(&self.state);
        // SAFETY: the packet has come, so the kernel is done with the block, and
        // we hold the lock.
        let answer = unsafe { &*self.request.get() }.answer();
        state.progress = Progress::Idle;
        if state.is_removed {
            return Outcome {
                event: None,
                to_queue: None,
            };
        }
        let readiness = match answer {
            Ok(happened) => state.conditions.report(happened),
            Err(STATUS_CANCELLED) => Readiness::default(),
            Err(status) => {
                crate::log::debug!("a socket is no longer watched: {}", check::error(status));
                state.conditions.report_failure()
            }
        };
        let event = (readiness != Readiness::default()).then(|| Event::new(state.token, readiness));
        let is_to_be_queued = !state.is_queued && state.needs_update();
        state.is_queued |= is_to_be_queued;
        drop(state);
        Outcome {
            event,
            to_queue: is_to_be_queued.then_some(self),
        }
    }
}
