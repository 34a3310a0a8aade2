//! The two ways to keep a source's state; each platform uses one.

/// Registering descriptors by their number.
#[cfg(any(unix, target_os = "wasi"))]
#[allow(dead_code)] // on WASI for `os-ext` only
pub(crate) mod descriptor;

/// For kernels that report each change once: there is nothing to keep.
#[cfg(any(unix, target_env = "p2", target_env = "p3"))]
#[allow(dead_code)] // not for poll(2)
pub(crate) mod kernel_edge;

/// For systems that report a state as long as it lasts: directions are disarmed
/// when they are reported and armed again by I/O.
#[cfg_attr(unix, allow(dead_code))] // for poll(2) only
pub(crate) mod rearm;
