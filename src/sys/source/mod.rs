//! The two ways to keep a source's state; each platform uses one.

/// For kernels that report each change once: there is nothing to keep.
#[cfg(unix)]
pub(crate) mod kernel_edge;

/// For systems that report a state as long as it lasts: directions are disarmed
/// when they are reported and armed again by I/O.
#[cfg(not(unix))]
pub(crate) mod rearm;

/// Directions to be armed again later.
#[cfg(not(unix))]
pub(crate) mod delays;
