//! The registration of a source: what I/O re-arms, registration by a number, and the errors
//! of registering.

/// Registering descriptors by their number.
#[cfg(any(unix, target_os = "wasi"))]
pub(crate) mod descriptor;

/// For systems that report a state as long as it lasts: directions are disarmed when they
/// are reported, and re-armed by I/O.
pub(crate) mod rearm;

/// The error of registering a source twice.
pub(crate) fn already_registered() -> std::io::Error {
    std::io::Error::new(
        std::io::ErrorKind::AlreadyExists,
        "I/O source already registered with a `Registry`",
    )
}

/// The error of using a registration that doesn't exist.
pub(crate) fn not_registered() -> std::io::Error {
    std::io::Error::new(
        std::io::ErrorKind::NotFound,
        "the I/O source is not registered with this poll",
    )
}
