//! The CPU time that this thread has used, where a test can query it.

use std::time::Duration;

/// CPU time so far.
#[cfg(target_os = "linux")]
pub(crate) fn cpu_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = text.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

/// CPU time so far.
#[cfg(all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3"))))]
pub(crate) fn cpu_time() -> Option<Duration> {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    extern "C" {
        fn clock_time_get(clock: u32, precision: u64, time: *mut u64) -> u32;
    }

    /// The host's number of the clock of the process's CPU time.
    const PROCESS: u32 = 2;

    let mut nanos = 0;
    // SAFETY: the host writes eight bytes, which is what `nanos` has.
    let errno = unsafe { clock_time_get(PROCESS, 0, &mut nanos) };
    (errno == 0).then_some(Duration::from_nanos(nanos))
}

/// Not known.
#[cfg(not(any(
    target_os = "linux",
    all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3")))
)))]
pub(crate) fn cpu_time() -> Option<Duration> {
    None
}
