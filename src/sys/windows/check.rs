//! Results of system calls as `io::Result`, and locks that never panic; for
//! Windows.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use windows_sys::core::BOOL;
use windows_sys::Win32::Foundation::{RtlNtStatusToDosError, NTSTATUS};

/// A call that returns zero after an error.
pub(super) fn done(result: BOOL) -> io::Result<()> {
    match result {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Is it the status of an error, and not of a success, a warning or a pending operation?
/// (<https://learn.microsoft.com/en-us/windows-hardware/drivers/kernel/defining-new-ntstatus-values>)
pub(super) fn is_failure(status: NTSTATUS) -> bool {
    // The two highest bits are the severity.
    (status as u32) >> 30 == 3
}

/// The error that a status stands for.
pub(super) fn error(status: NTSTATUS) -> io::Error {
    // SAFETY: the call takes no memory, only a number.
    let code = unsafe { RtlNtStatusToDosError(status) };
    io::Error::from_raw_os_error(code as i32)
}

/// Locks, also after a panic of another thread: the data behind our locks are
/// consistent at every point where something could panic.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use windows_sys::Win32::Foundation::{
        ERROR_INVALID_HANDLE, STATUS_BUFFER_OVERFLOW, STATUS_CANCELLED, STATUS_INVALID_HANDLE,
        STATUS_PENDING, STATUS_SUCCESS,
    };

    #[test]
    fn only_errors_are_failures() {
        assert!(is_failure(STATUS_CANCELLED) && is_failure(STATUS_INVALID_HANDLE));
        for status in [STATUS_SUCCESS, STATUS_PENDING, STATUS_BUFFER_OVERFLOW] {
            assert!(!is_failure(status), "{status:#x}");
        }
    }

    #[test]
    fn status_becomes_a_windows_error() {
        let code = error(STATUS_INVALID_HANDLE).raw_os_error();
        assert_eq!(code, Some(ERROR_INVALID_HANDLE as i32));
    }
}
