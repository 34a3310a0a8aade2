//! Calls of `poll_oneoff` as WasmEdge needs them. WASI preview 1.
//!
//! WasmEdge keeps an epoll set and a table of events between calls (lib/host/wasi/
//! inode-linux.cpp, class `Poller`; observed in 0.14.1 and 0.17.1). Three things corrupt them:
//!
//! - A signal that interrupts the call (a stop and continue of the process, for one) reports
//!   *every* subscription with the error EINTR. A call with another list can then crash the
//!   host. Workaround: repeat the identical list with a clock that has run out, until a call is
//!   not interrupted; its errors EEXIST are left over, the rest is real. A list without a clock
//!   gets one at its end. That is safe where the host's table has the capacity for it, and
//!   tables never shrink: so a list that is the longest so far is never polled without a clock.
//! - A call without subscriptions leaves descriptors in the epoll set that the host no longer
//!   knows. They report ENOENT for as long as they are polled for. Workaround: never make such
//!   a call, and repair by one that waits for a clock alone.
//! - A first call when descriptors have run out leaves the host without its epoll descriptor:
//!   each later call fails. Workaround: make the first call when a selector is made.
//!
//! A call without waiting needs something that ends it. A clock that has run out costs the host
//! a timer, some 15 us; a socket that is always writable costs half of that. So the selector has
//! such a socket where the host can open one (`Host::always_writable`).

use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use wasi::{Event, Fd, Subscription};

use super::registrations::Registrations;
use super::subscription::{always_writable, clock, is_clock};
use crate::sys::wasip1::host::{self, Host};

/// How often an interrupted call is repeated.
const MAX_REPEATS: usize = 10_000;

/// The longest timeout of one call. Some hosts convert it to a signed number.
pub(super) const MAX_CLOCK_NS: u64 = 24 * 60 * 60 * 1_000_000_000;

/// How long a new selector waits for the socket that is always writable.
const MAX_WAIT_FOR_WRITABLE_NS: u64 = 10_000_000;

/// Was there a call in this process?
static IS_INITIALIZED: AtomicBool = AtomicBool::new(false);

/// The length of the longest list that was polled in this process.
static MAX_LENGTH: AtomicUsize = AtomicUsize::new(0);

/// Polls the host. The buffers are kept, so that nothing is allocated in steady state.
#[derive(Default)]
pub(super) struct Poller {
    /// The events of the last poll of the registrations.
    events: Vec<Event>,
    /// The subscriptions of the last probe.
    probe: Vec<Subscription>,
    /// Its events.
    probe_events: Vec<Event>,
    /// A socket that is always writable.
    always_writable: Option<Fd>,
}

impl Poller {
    /// A poller, after a first call of the host.
    pub(super) fn new(host: &impl Host) -> io::Result<Self> {
        let mut poller = Self::default();
        // Before the socket, which could take the last descriptor.
        if !IS_INITIALIZED.load(Ordering::Relaxed) {
            poller.sleep(host, 1)?;
            if let Some(event) = poller.probe_events.first() {
                if event.error != wasi::ERRNO_SUCCESS {
                    return Err(host::error(event.error));
                }
            }
            IS_INITIALIZED.store(true, Ordering::Relaxed);
        }
        if let Some(fd) = host.always_writable() {
            let writable = std::iter::once(always_writable(fd));
            poller.probe(host, MAX_WAIT_FOR_WRITABLE_NS, writable)?;
            // Whatever a host does otherwise: without its event it is of no use.
            if let [event] = poller.probe_events[..] {
                let is_writable = event.type_ == wasi::EVENTTYPE_FD_WRITE;
                if is_writable && event.error == wasi::ERRNO_SUCCESS {
                    poller.always_writable = Some(fd);
                }
            }
        }
        Ok(poller)
    }

    /// Takes the events of the last `wait`, to be given back by `recycle`.
    #[inline]
    pub(super) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Takes the buffer of events back.
    #[inline]
    pub(super) fn recycle(&mut self, events: Vec<Event>) {
        self.events = events;
    }

    /// Waits until something armed is ready, or the timeout is over. `true` when a signal has
    /// interrupted the call; what was ready nevertheless is among the events.
    pub(super) fn wait(
        &mut self,
        host: &impl Host,
        registrations: &mut Registrations,
        timeout_ns: Option<u64>,
    ) -> io::Result<bool> {
        match timeout_ns {
            None if has_capacity_for_clock(registrations.armed()) => {
                poll(host, registrations.subscriptions(None), &mut self.events)
            }
            None => self.wait_at_most(host, registrations, MAX_CLOCK_NS),
            Some(timeout_ns) => self.wait_at_most(host, registrations, timeout_ns),
        }
    }

    /// The same with a timeout.
    fn wait_at_most(
        &mut self,
        host: &impl Host,
        registrations: &mut Registrations,
        timeout_ns: u64,
    ) -> io::Result<bool> {
        let events = &mut self.events;
        let list = match self.always_writable {
            Some(fd) if timeout_ns == 0 => {
                if !has_capacity_for_clock(registrations.armed() + 1) {
                    let poll = |list: &[Subscription]| poll(host, list, events);
                    return registrations.with_one_more(clock(0), always_writable(fd), poll);
                }
                registrations.subscriptions(Some(always_writable(fd)))
            }
            _ => registrations.subscriptions(Some(clock(timeout_ns))),
        };
        poll(host, list, events)
    }

    /// Waits for one of some other subscriptions and a timeout, and returns the events.
    pub(super) fn probe(
        &mut self,
        host: &impl Host,
        timeout_ns: u64,
        subscriptions: impl Iterator<Item = Subscription>,
    ) -> io::Result<&[Event]> {
        self.probe.clear();
        self.probe.push(clock(timeout_ns));
        self.probe.extend(subscriptions);
        poll(host, &self.probe, &mut self.probe_events)?;
        Ok(&self.probe_events)
    }

    /// Polls for one more subscription beside the registrations, without waiting, and returns
    /// its event. The host keeps what it watches.
    pub(super) fn probe_beside(
        &mut self,
        host: &impl Host,
        registrations: &mut Registrations,
        one_more: Subscription,
    ) -> Option<Event> {
        let probe_events = &mut self.probe_events;
        let poll = |list: &[Subscription]| poll(host, list, probe_events);
        let is_safe = has_capacity_for_clock(registrations.armed() + 2);
        let end = match self.always_writable {
            Some(fd) if is_safe => always_writable(fd),
            _ => clock(0),
        };
        registrations.with_one_more(end, one_more, poll).ok()?;
        let mut events = self.probe_events.iter();
        events
            .find(|event| event.userdata == one_more.userdata)
            .copied()
    }

    /// Waits for a time alone. That also makes the host forget all descriptors.
    pub(super) fn sleep(&mut self, host: &impl Host, timeout_ns: u64) -> io::Result<()> {
        self.probe(host, timeout_ns, std::iter::empty()).map(drop)
    }
}

/// Have the host's tables capacity for a list of this length and the clock that an interruption
/// adds to it? Otherwise it is to be polled with a clock.
fn has_capacity_for_clock(length: usize) -> bool {
    length < MAX_LENGTH.load(Ordering::Relaxed)
}

/// Waits indefinitely.
pub(super) fn sleep_indefinitely(host: &impl Host) -> io::Result<Infallible> {
    let mut poller = Poller::default();
    loop {
        poller.sleep(host, MAX_CLOCK_NS)?;
    }
}

/// Waits for one of the subscriptions, of which only the first may be a clock. `true` when a
/// signal has interrupted the call.
fn poll(
    host: &impl Host,
    subscriptions: &[Subscription],
    events: &mut Vec<Event>,
) -> io::Result<bool> {
    if subscriptions.is_empty() {
        events.clear();
        return Ok(false);
    }
    host.poll_oneoff(subscriptions, events)?;
    MAX_LENGTH.fetch_max(subscriptions.len(), Ordering::Relaxed);
    if !is_interrupted(events) {
        return Ok(false);
    }
    repeat(host, subscriptions, events)
}

/// Repeats a list whose call was interrupted.
#[cold]
fn repeat(
    host: &impl Host,
    subscriptions: &[Subscription],
    events: &mut Vec<Event>,
) -> io::Result<bool> {
    let mut list = subscriptions.to_vec();
    match list.first_mut() {
        Some(first) if is_clock(first) => *first = clock(0),
        _ => list.push(clock(0)),
    }
    for _ in 0..MAX_REPEATS {
        host.poll_oneoff(&list, events)?;
        if !is_interrupted(events) {
            events.retain(|event| event.error != wasi::ERRNO_EXIST);
            return Ok(true);
        }
    }
    Err(io::Error::new(
        io::ErrorKind::Interrupted,
        "signals have interrupted each call of the host's poll",
    ))
}

/// Has a signal interrupted the call? Then all of its events say so.
fn is_interrupted(events: &[Event]) -> bool {
    matches!(events, [first, ..] if first.error == wasi::ERRNO_INTR)
}
