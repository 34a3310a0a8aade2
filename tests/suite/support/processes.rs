//! Starting processes apart from tests that close registered sockets.
//!
//! A process that is being started holds a copy of every descriptor until its
//! program begins. A socket that another test closes in this moment stays open, and
//! epoll goes on reporting it (the library can't know). So these tests take turns.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Held by who starts a process, or must not be copied.
static TURN: Mutex<()> = Mutex::new(());

/// Keeps tests from starting processes, until it is dropped.
pub(crate) fn no_new_process() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a process.
#[cfg(unix)]
pub(crate) fn start(command: &mut std::process::Command) -> std::process::Child {
    let _turn = no_new_process();
    command.spawn().expect("a new process")
}
