//! Signals that interrupt a call of this thread.

/// Does something while signals interrupt this thread's calls.
#[cfg(all(unix, not(target_os = "espidf")))]
pub(crate) fn interrupted<R>(act: impl FnOnce() -> R) -> R {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Once};
    use std::thread::{park_timeout, spawn, JoinHandle};
    use std::time::Duration;

    extern "C" fn ignore(_: libc::c_int) {}

    /// Has the thread that sends the signals end, also when `act` panics.
    struct Sender(Arc<AtomicBool>, Option<JoinHandle<()>>);

    impl Drop for Sender {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
            let _ = self.1.take().map(JoinHandle::join);
        }
    }

    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // SAFETY: all fields of the structure have zero as a value.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        // Without SA_RESTART.
        action.sa_sigaction = ignore as extern "C" fn(libc::c_int) as usize;
        // SAFETY: the handler does nothing, and no other test uses this signal.
        let result = unsafe { libc::sigaction(libc::SIGUSR2, &action, std::ptr::null_mut()) };
        assert_eq!(result, 0);
    });
    let is_over = Arc::new(AtomicBool::new(false));
    // SAFETY: the call takes no memory.
    let target = unsafe { libc::pthread_self() } as usize;
    let is_over_there = is_over.clone();
    let thread = spawn(move || {
        while !is_over_there.load(Ordering::Relaxed) {
            park_timeout(Duration::from_micros(300));
            // SAFETY: the thread lives: it waits for the end of this one.
            unsafe { libc::pthread_kill(target as libc::pthread_t, libc::SIGUSR2) };
        }
    });
    let _sender = Sender(is_over, Some(thread));
    act()
}

/// Does something: ESP-IDF has no such signals. (`ci/signals.sh` stops and continues WASI hosts.)
#[cfg(not(all(unix, not(target_os = "espidf"))))]
pub(crate) fn interrupted<R>(act: impl FnOnce() -> R) -> R {
    act()
}
