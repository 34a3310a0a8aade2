//! The two ways to keep a source's state, of which each platform uses one; and the errors of
//! registering.

#![allow(dead_code)] // each platform uses one, and release builds leave errors to the kernel

/// Registering descriptors by their number.
#[cfg(any(unix, target_os = "wasi"))]
pub(crate) mod descriptor;

/// For kernels that report each change once: there is nothing to keep.
#[cfg(any(unix, target_env = "p2", target_env = "p3"))]
pub(crate) mod kernel_edge;

/// For systems that report a state as long as it lasts: directions are disarmed
/// when they are reported and armed again by I/O.
pub(crate) mod rearm;

/// The error of registering a source twice.
pub(crate) fn already_registered() -> std::io::Error {
    std::io::Error::new(
        std::io::ErrorKind::AlreadyExists,
        "I/O source already registered with a `Registry`",
    )
}

/// The error of using a registration that isn't there.
pub(crate) fn not_registered() -> std::io::Error {
    std::io::Error::new(
        std::io::ErrorKind::NotFound,
        "the I/O source is not registered with this poll",
    )
}
