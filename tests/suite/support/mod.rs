//! What the tests share: waiting with a deadline, and connected sockets.

mod counting_allocator;
mod cpu;
mod fixture;
mod interrupt;
mod pair_to_reset;
mod pairs;
mod processes;
#[cfg(any(
    unix,
    all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3")))
))]
mod raw_calls;
mod receive;
mod refused;
mod reset;
#[cfg(any(
    unix,
    all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3")))
))]
mod temp_path;

pub(crate) use counting_allocator::allocations_during;
pub(crate) use cpu::cpu_time;
pub(crate) use fixture::{Fixture, Ready};
pub(crate) use interrupt::interrupted;
pub(crate) use pair_to_reset::pair_to_reset;
pub(crate) use pairs::{
    connect_to, local, local_both, receive_to_end, receive_until, tcp_pair, udp_pair,
};
pub(crate) use processes::no_new_process;
#[cfg(unix)]
pub(crate) use processes::start;
#[cfg(any(
    unix,
    all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3")))
))]
pub(crate) use raw_calls::{receive_byte, set_backlog};
pub(crate) use receive::receive;
pub(crate) use refused::refused;
pub(crate) use reset::reset;
#[cfg(any(
    unix,
    all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3")))
))]
#[allow(unused_imports)] // abstract names are not for every Unix
pub(crate) use temp_path::{unique_name, TempPath};

/// WASI preview 2: its events report only readable and writable, and the error of a stream
/// is returned only by the call that fails. (A `const`, since it decides within tests.)
pub(crate) const PREVIEW_2: bool = cfg!(all(
    target_os = "wasi",
    any(target_env = "p2", target_env = "p3")
));

/// kqueue: each direction is a filter with events of its own, which reports that direction
/// only.
pub(crate) const KQUEUE: bool = cfg!(any(
    mio_unsupported_force_kqueue,
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_vendor = "apple",
));

/// kqueue replaces a registration that is there and ignores one that isn't; only debug
/// builds refuse that.
pub(crate) const ALLOWS_WRONG_CALLS: bool = KQUEUE && !cfg!(debug_assertions);

#[cfg(windows)]
pub(crate) mod windows;
