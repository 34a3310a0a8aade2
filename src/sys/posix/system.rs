//! Calls, flags and options that only some systems have; each list of systems once.
//!
//! `without` has a substitute for systems that lack something. On the systems that have it,
//! a module of the same name below hides the substitute: Rust lets an item hide what a glob
//! import brings in.

use libc::c_int;

pub(crate) use self::without::*;

/// Can this system start another program, which would inherit descriptors? WASI can't, and
/// systems with newlib can't: ESP-IDF and game consoles.
pub(crate) const HAS_EXEC: bool = !cfg!(any(not(unix), target_env = "newlib"));

/// Calls that take the flags of a new descriptor.
#[cfg(any(
    all(target_os = "android", not(target_arch = "x86")),
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "illumos",
    target_os = "linux",
    target_os = "netbsd",
    target_os = "openbsd",
))]
pub(crate) mod creation {
    use libc::{c_int, sockaddr, socklen_t};

    /// Do the calls below set O_NONBLOCK and FD_CLOEXEC?
    pub(crate) const CREATES_WITH_FLAGS: bool = true;

    /// The flags that are added to the type of a socket.
    pub(crate) const SOCKET_FLAGS: c_int =
        libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC | super::netbsd::SOCK_NOSIGPIPE;

    /// accept4(2).
    ///
    /// # Safety
    ///
    /// As for accept(2).
    pub(crate) unsafe fn accept(
        listener: c_int,
        address: *mut sockaddr,
        length: *mut socklen_t,
    ) -> c_int {
        // SAFETY: by this function's contract.
        unsafe { libc::accept4(listener, address, length, SOCKET_FLAGS) }
    }

    /// pipe2(2).
    ///
    /// # Safety
    ///
    /// As for pipe(2).
    pub(crate) unsafe fn pipe(fds: *mut c_int) -> c_int {
        // SAFETY: by this function's contract.
        unsafe { libc::pipe2(fds, libc::O_NONBLOCK | libc::O_CLOEXEC) }
    }
}

/// What Apple systems, FreeBSD and DragonFly have.
#[cfg(any(
    target_os = "dragonfly",
    target_os = "freebsd",
    target_vendor = "apple"
))]
pub(crate) mod bsd {
    use libc::c_int;

    /// The socket option that switches SIGPIPE off; writev(2) has no flag for it.
    pub(crate) const SO_NOSIGPIPE: Option<c_int> = Some(libc::SO_NOSIGPIPE);
    /// The filter of kqueue for asynchronous operations, which can name a queue.
    pub(crate) const EVFILT_AIO: Option<i64> = Some(libc::EVFILT_AIO as i64);
}

/// What all but ESP-IDF have, which reports a closed descriptor as any error.
#[cfg(all(unix, not(target_os = "espidf")))]
pub(crate) mod closed {
    pub(crate) use libc::POLLNVAL;
}

/// What NetBSD has.
#[cfg(target_os = "netbsd")]
pub(crate) mod netbsd {
    /// The flag of the call that makes a socket, which switches SIGPIPE off; writev(2) has
    /// no flag for it.
    pub(crate) const SOCK_NOSIGPIPE: libc::c_int = libc::SOCK_NOSIGPIPE;
}

/// What FreeBSD has.
#[cfg(target_os = "freebsd")]
pub(crate) mod freebsd {
    /// The filter of kqueue for lists of asynchronous operations.
    pub(crate) const EVFILT_LIO: Option<i64> = Some(libc::EVFILT_LIO as i64);
}

/// What Linux and Android have.
#[cfg(any(target_os = "android", target_os = "linux"))]
pub(crate) mod linux {
    use std::io;
    #[cfg(target_os = "android")]
    use std::os::android::net::SocketAddrExt;
    #[cfg(target_os = "linux")]
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::SocketAddr;

    /// The bit of poll(2) for a peer that has shut down its writing.
    pub(crate) const POLLRDHUP: libc::c_short = libc::POLLRDHUP;

    /// The address with an abstract name (unix(7)).
    pub(crate) fn abstract_address(name: &[u8]) -> io::Result<SocketAddr> {
        SocketAddr::from_abstract_name(name)
    }
}

/// The substitutes.
#[allow(dead_code)] // a system that has a thing leaves its substitute unused
mod without {
    /// Calls that take no flags: they are set afterwards. Apple systems have no others, and x86
    /// Android runs on kernels where accept4(2) is part of socketcall(2) only, while the libc
    /// crate calls it directly (<https://github.com/rust-lang/rust/issues/82400>).
    pub(crate) mod creation {
        use libc::{c_int, sockaddr, socklen_t};

        /// Do the calls below set O_NONBLOCK and FD_CLOEXEC?
        pub(crate) const CREATES_WITH_FLAGS: bool = false;

        /// The flags that are added to the type of a socket.
        pub(crate) const SOCKET_FLAGS: c_int = 0;

        /// accept(2).
        ///
        /// # Safety
        ///
        /// As for the system call.
        pub(crate) unsafe fn accept(
            listener: c_int,
            address: *mut sockaddr,
            length: *mut socklen_t,
        ) -> c_int {
            // SAFETY: by this function's contract.
            unsafe { libc::accept(listener, address, length) }
        }

        /// pipe(2).
        ///
        /// # Safety
        ///
        /// As for the system call.
        #[cfg(unix)]
        pub(crate) unsafe fn pipe(fds: *mut c_int) -> c_int {
            // SAFETY: by this function's contract.
            unsafe { libc::pipe(fds) }
        }
    }

    /// No option switches SIGPIPE off: a flag does, of the call that makes the socket
    /// (NetBSD) or of each call that sends (others). No asynchronous operation can name a
    /// queue.
    pub(crate) mod bsd {
        pub(crate) const SO_NOSIGPIPE: Option<libc::c_int> = None;
        pub(crate) const EVFILT_AIO: Option<i64> = None;
    }

    /// There is no bit of poll(2) for a descriptor that is closed.
    pub(crate) mod closed {
        pub(crate) const POLLNVAL: libc::c_short = 0;
    }

    /// A flag of each call that sends switches SIGPIPE off, or an option.
    pub(crate) mod netbsd {
        pub(crate) const SOCK_NOSIGPIPE: libc::c_int = 0;
    }

    /// No list of asynchronous operations can name a queue.
    pub(crate) mod freebsd {
        pub(crate) const EVFILT_LIO: Option<i64> = None;
    }

    /// There are no abstract names, and no bit for a peer that has shut down its writing.
    pub(crate) mod linux {
        pub(crate) const POLLRDHUP: libc::c_short = 0;

        /// The error of a path with a zero byte in it, as std reports it.
        #[cfg(unix)]
        pub(crate) fn abstract_address(
            _: &[u8],
        ) -> std::io::Result<std::os::unix::net::SocketAddr> {
            std::os::unix::net::SocketAddr::from_pathname("\0")
        }
    }
}

/// The flag of fcntl(2), which is 1 on every system; the libc crate doesn't define it for
/// newlib.
pub(crate) const FD_CLOEXEC: c_int = 1;
