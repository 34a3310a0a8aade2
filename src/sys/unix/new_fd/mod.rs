//! New descriptors that are non-blocking and closed on exec: sockets, accepted
//! connections, pairs and pipes. Here it is decided how each system does it.
//!
//! | file | systems |
//! |---|---|
//! | `atomic.rs` | those whose calls take the flags |
//! | `fcntl.rs` | all others: Apple systems, and x86 Android, whose old kernels lack `accept4` |
//! | `close_on_exec.rs`, `no_exec.rs` | those that start programs, and those that can't |
//! | `no_sigpipe.rs`, `sigpipe_by_call.rs` | Apple systems, FreeBSD and DragonFly, where SIGPIPE is switched off for each socket, and the others, where a flag does it: of the call that makes the socket on NetBSD, of each call to send elsewhere |

#[cfg(any(
    all(target_os = "android", not(target_arch = "x86")),
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "illumos",
    target_os = "linux",
    target_os = "netbsd",
    target_os = "openbsd",
))]
mod atomic;
#[cfg(any(
    all(target_os = "android", not(target_arch = "x86")),
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "illumos",
    target_os = "linux",
    target_os = "netbsd",
    target_os = "openbsd",
))]
pub(crate) use self::atomic::{accept, pipe, socket, socket_pair};

#[cfg(not(any(
    all(target_os = "android", not(target_arch = "x86")),
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "illumos",
    target_os = "linux",
    target_os = "netbsd",
    target_os = "openbsd",
)))]
mod fcntl;
#[cfg(not(any(
    all(target_os = "android", not(target_arch = "x86")),
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "illumos",
    target_os = "linux",
    target_os = "netbsd",
    target_os = "openbsd",
)))]
pub(crate) use self::fcntl::{accept, socket};

#[cfg(not(any(
    all(target_os = "android", not(target_arch = "x86")),
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "illumos",
    target_os = "linux",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "wasi",
)))]
mod fcntl_pairs;
#[cfg(not(any(
    all(target_os = "android", not(target_arch = "x86")),
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "illumos",
    target_os = "linux",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "wasi",
)))]
pub(crate) use self::fcntl_pairs::{pipe, socket_pair};

#[cfg(not(any(
    target_os = "espidf",
    target_os = "horizon",
    target_os = "vita",
    target_os = "wasi",
)))]
#[allow(dead_code)] // systems with the flags need it for a kqueue at most
mod close_on_exec;
#[cfg(not(any(
    target_os = "espidf",
    target_os = "horizon",
    target_os = "vita",
    target_os = "wasi",
)))]
#[allow(unused_imports)] // as above
pub(crate) use self::close_on_exec::set_close_on_exec;

#[cfg(any(
    target_os = "espidf",
    target_os = "horizon",
    target_os = "vita",
    target_os = "wasi",
))]
mod no_exec;
#[cfg(any(
    target_os = "espidf",
    target_os = "horizon",
    target_os = "vita",
    target_os = "wasi",
))]
pub(crate) use self::no_exec::set_close_on_exec;

#[cfg(any(
    target_os = "dragonfly",
    target_os = "freebsd",
    target_vendor = "apple"
))]
mod no_sigpipe;
#[cfg(any(
    target_os = "dragonfly",
    target_os = "freebsd",
    target_vendor = "apple"
))]
use self::no_sigpipe::switch_sigpipe_off;

#[cfg(not(any(
    target_os = "dragonfly",
    target_os = "freebsd",
    target_vendor = "apple"
)))]
mod sigpipe_by_call;
#[cfg(not(any(
    target_os = "dragonfly",
    target_os = "freebsd",
    target_vendor = "apple"
)))]
use self::sigpipe_by_call::switch_sigpipe_off;

/// SIGPIPE is switched off by a flag of the call that makes a socket: writev(2) has no flag
/// for it.
#[cfg(target_os = "netbsd")]
const NO_SIGPIPE: libc::c_int = libc::SOCK_NOSIGPIPE;
/// No flag of the call that makes a socket switches SIGPIPE off.
#[cfg(not(target_os = "netbsd"))]
#[allow(dead_code)] // for systems whose calls take flags
const NO_SIGPIPE: libc::c_int = 0;
