//! One registered socket and its request to AFD; for Windows.
//!
//! A socket has at most one poll request at a time. Changes (register, rearm) only
//! note which conditions are *armed*, and put the socket into the selector's queue
//! of updates. The next select compares what is armed with what the request asks:
//!
//! | progress | armed | update |
//! |---|---|---|
//! | idle | nothing | none |
//! | idle | something | make a request |
//! | pending | all within the request | none |
//! | pending | more than the request | cancel it; it is made anew when its end comes |
//! | cancelled | any | none: its end is on the way |
//!
//! When the packet of a request comes, the conditions that hold and are armed
//! become one event and are disarmed; the socket is queued
//! again if something is still armed. A request may thus have asked for too much
//! (interests have shrunk): then nothing is reported and the next one asks for
//! less.
//!
//! A registration that ends cancels its request at once, without waiting for a
//! select, so that closing the socket reaches the peer. The packet of that
//! request is still to come and finds the socket marked as removed.
//!
//! # Memory
//!
//! [`Socket`] holds the request block and lives in an `Arc`. Making a request
//! gives one reference to the kernel; the packet gives it back. So the block can
//! go away neither while the kernel may write to it nor before.

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::io;
use std::os::windows::io::RawHandle;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, Mutex};

use windows_sys::Win32::Foundation::{NTSTATUS, STATUS_CANCELLED};

use super::afd::{Afd, Conditions, PollRequest};
use super::base_socket;
use super::check::{self, lock};
use super::completion_port::PacketKind;
use super::selector::{Iocp, Shared};
use crate::sys::event::{Event, Readiness};
use crate::sys::source::rearm::{Rearm, Registration};
use crate::sys::RawSource;
use crate::{Interest, Token};

/// What is kept beside each socket.
pub(crate) type SocketState = Rearm<Registered>;

/// A socket that is registered with a selector.
pub(crate) struct Registered {
    /// The selector. It holds no sockets but in its queue, so this is no cycle.
    selector: Arc<Shared>,
    /// The socket, also known to its request.
    socket: Arc<Socket>,
}

// What both lead to stands behind locks that don't mind a panic, or is only passed to
// the system: a panic leaves nothing half-done that a later user could see.
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
        let conditions = conditions(interests)?;
        let base = base_socket::of(source)?;
        let selector = Arc::clone(selector.shared());
        let socket = Arc::new(Socket {
            base,
            afd: selector.afd().join(selector.port())?,
            state: Mutex::new(State {
                token,
                interests,
                armed: conditions,
                is_broken: false,
                progress: Progress::Idle,
                is_queued: true,
                is_removed: false,
            }),
            request: UnsafeCell::new(PollRequest::empty()),
        });
        selector.queue_update(Arc::clone(&socket));
        Ok(Self { selector, socket })
    }

    fn belongs_to(&self, selector: &Iocp) -> bool {
        Arc::ptr_eq(&self.selector, selector.shared())
    }

    fn change(&self, token: Token, interests: Interest) -> io::Result<()> {
        let conditions = conditions(interests)?;
        let is_to_be_queued = self.socket.arm(|state| {
            state.token = token;
            state.interests = interests;
            state.armed = conditions;
            state.is_broken = false;
        });
        if is_to_be_queued {
            self.selector.queue_update(Arc::clone(&self.socket));
        }
        Ok(())
    }

    fn rearm(&self, direction: Interest) {
        if self.socket.rearm(direction) {
            self.selector.queue_update(Arc::clone(&self.socket));
        }
    }

    fn rearm_later(&self, direction: Interest) {
        self.selector.queue_rearm(&self.socket, direction);
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.socket.remove();
        self.selector.afd().leave(&self.socket.afd);
    }
}

/// What a registration, the queue of updates and the kernel share.
pub(super) struct Socket {
    /// The handle that AFD knows the socket by. It is the caller's, and open as
    /// long as the registration lives, or else AFD refuses it.
    base: RawHandle,
    /// The device handle that requests are made on.
    afd: Arc<Afd>,
    /// What changes.
    state: Mutex<State>,
    /// The request. The kernel's while `progress` is not idle; otherwise of the
    /// one who holds the lock of `state`.
    request: UnsafeCell<PollRequest>,
}

// SAFETY: `base` is a number to us, and `request` is only touched under the rule
// that its field states, by one thread at a time or by the kernel.
unsafe impl Send for Socket {}
// SAFETY: as above.
unsafe impl Sync for Socket {}

/// What changes about a registered socket.
struct State {
    /// The token of its events.
    token: Token,
    /// What was asked for.
    interests: Interest,
    /// What is to be reported when it happens next.
    armed: Conditions,
    /// Was the end of both directions reported? Then nothing can be written any
    /// more, and room to write would be reported for ever.
    is_broken: bool,
    /// Where the request stands.
    progress: Progress,
    /// Is the socket in the queue of updates?
    is_queued: bool,
    /// Is the registration over?
    is_removed: bool,
}

/// Where a request stands.
#[derive(Clone, Copy)]
enum Progress {
    /// There is none.
    Idle,
    /// It waits for these conditions, or its packet is in the queue.
    Pending(Conditions),
    /// It was cancelled, and its packet is still to come.
    Cancelled,
}

impl State {
    /// Does the request not ask for all that is armed?
    fn needs_update(&self) -> bool {
        match self.progress {
            Progress::Idle => !self.armed.is_empty(),
            Progress::Pending(asked) => !self.armed.without(asked).is_empty(),
            Progress::Cancelled => false,
        }
    }

    /// Turns conditions into flags, and disarms those that happened.
    fn report(&mut self, happened: Conditions) -> Readiness {
        if happened.has(Conditions::CLOSED) {
            return self.fail();
        }
        let happened = happened.within(self.armed);
        let broken = happened.has(Conditions::BROKEN);
        self.is_broken |= broken;
        let read_closed = broken || happened.has(Conditions::DISCONNECTED);
        let readable = happened.has(Conditions::READ) || broken;
        let writable = happened.has(Conditions::WRITE) || broken;
        // Data must not disarm the end of the stream, which may come behind them.
        self.armed = match broken {
            true => Conditions::NONE,
            false => self.armed.without(happened),
        };
        Readiness::default()
            .and_if(
                readable && self.interests.is_readable(),
                Readiness::READABLE,
            )
            .and_if(
                writable && self.interests.is_writable(),
                Readiness::WRITABLE,
            )
            .and_if(happened.has(Conditions::CONNECT_FAILED), Readiness::ERROR)
            .and_if(read_closed, Readiness::READ_CLOSED)
            .and_if(broken, Readiness::WRITE_CLOSED)
    }

    /// The flags of a socket that AFD refuses, which is disarmed: the next
    /// operation on it tells why.
    fn fail(&mut self) -> Readiness {
        self.armed = Conditions::NONE;
        Readiness::ERROR
            .and_if(self.interests.is_readable(), Readiness::READABLE)
            .and_if(self.interests.is_writable(), Readiness::WRITABLE)
    }
}

/// What came of the end of a request.
pub(super) struct Outcome {
    /// What to report.
    pub(super) event: Option<Event>,
    /// The socket, if it has to be queued for another request.
    pub(super) again: Option<Arc<Socket>>,
}

impl Socket {
    /// Changes what is armed. Tells whether the caller has to put the socket into
    /// the queue of updates, so that the request follows.
    fn arm(&self, change: impl FnOnce(&mut State)) -> bool {
        let mut state = lock(&self.state);
        change(&mut state);
        let is_to_be_queued = !state.is_queued && state.needs_update();
        state.is_queued |= is_to_be_queued;
        is_to_be_queued
    }

    /// Arms a direction as far as it was asked for. Tells the same as `arm`.
    pub(super) fn rearm(&self, direction: Interest) -> bool {
        self.arm(|state| {
            if direction.is_readable() && state.interests.is_readable() {
                state.armed = state.armed.and(Conditions::READ).and(Conditions::BROKEN);
            }
            if direction.is_writable() && state.interests.is_writable() && !state.is_broken {
                state.armed = state.armed.and(Conditions::WRITE).and(Conditions::BROKEN);
            }
        })
    }

    /// Has the request follow what is armed. Called for each socket taken out of
    /// the queue of updates.
    pub(super) fn update(self: &Arc<Self>, selector: &Shared) {
        let mut state = lock(&self.state);
        state.is_queued = false;
        if state.is_removed || !state.needs_update() {
            return;
        }
        match state.progress {
            Progress::Idle => self.make_request(&mut state, selector),
            Progress::Pending(_) => self.cancel(&mut state),
            Progress::Cancelled => {}
        }
    }

    /// Makes a request for all that is armed.
    fn make_request(self: &Arc<Self>, state: &mut State, selector: &Shared) {
        let asked = state.armed;
        let request = self.request.get();
        let fresh = PollRequest::new(self.base, asked.and(Conditions::CLOSED));
        // SAFETY: no request is pending and we hold the lock, so the block is
        // ours alone.
        unsafe { request.write(fresh) };
        let owner = Arc::into_raw(Arc::clone(self));
        // Before the request is made, whose packet another thread may take.
        selector.operation_started();
        // SAFETY: the block is inside of the allocation that `owner` keeps alive
        // until the packet comes, and is not touched while it is pending.
        let status = unsafe { self.afd.poll(request, owner.cast()) };
        state.progress = Progress::Pending(asked);
        if check::is_failure(status) {
            self.refused(state, selector, status, owner);
        }
    }

    /// Turns a refusal into a packet of our own, so that it comes like any end.
    #[cold]
    fn refused(&self, state: &mut State, selector: &Shared, status: NTSTATUS, owner: *const Self) {
        // SAFETY: a refused request never was the kernel's, no packet was posted
        // for it, and we hold the lock: the block is ours alone.
        unsafe { &mut *self.request.get() }.refuse(status);
        if let Err(error) = selector.port().post(PacketKind::Socket, owner.cast()) {
            crate::log::warn_user!("a socket can't be watched: {error}");
            selector.operation_ended();
            state.progress = Progress::Idle;
            state.armed = Conditions::NONE;
            // SAFETY: no packet was posted, so the reference is still ours.
            drop(unsafe { Arc::from_raw(owner) });
        }
    }

    /// Cancels the request.
    fn cancel(&self, state: &mut State) {
        // SAFETY: a request that is pending has been made on this handle, and its
        // packet was not handled yet: that would have taken the lock and set the
        // progress to idle.
        match unsafe { self.afd.cancel(self.request.get()) } {
            Ok(()) => state.progress = Progress::Cancelled,
            Err(error) => crate::log::debug!("a poll request can't be cancelled: {error}"),
        }
    }

    /// Ends the registration: no event from now on.
    fn remove(&self) {
        let mut state = lock(&self.state);
        state.is_removed = true;
        if let Progress::Pending(_) = state.progress {
            self.cancel(&mut state);
        }
    }

    /// Takes back what a packet of the kind `Socket` owns.
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
                again: None,
            };
        }
        let readiness = match answer {
            Ok(happened) => state.report(happened),
            Err(STATUS_CANCELLED) => Readiness::default(),
            Err(status) => {
                crate::log::debug!("a socket is no longer watched: {}", check::error(status));
                state.fail()
            }
        };
        let event = (readiness != Readiness::default()).then(|| Event::new(state.token, readiness));
        let again = !state.is_queued && state.needs_update();
        state.is_queued |= again;
        drop(state);
        Outcome {
            event,
            again: again.then_some(self),
        }
    }
}

/// The conditions behind interests.
fn conditions(interests: Interest) -> io::Result<Conditions> {
    if interests.is_aio() || interests.is_lio() || interests.is_priority() {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "Windows can watch for reading and writing only (Interest::AIO, LIO, PRIORITY)",
        ));
    }
    let mut conditions = Conditions::BROKEN;
    if interests.is_readable() {
        conditions = conditions.and(Conditions::READ);
    }
    if interests.is_writable() {
        conditions = conditions.and(Conditions::WRITE);
    }
    Ok(conditions)
}
