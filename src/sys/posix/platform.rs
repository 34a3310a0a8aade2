//! What Unix and WASI preview 2 bring to the files that they share.

#[cfg(unix)]
use crate::sys::unix as platform;
#[cfg(not(unix))]
use crate::sys::wasip2 as platform;

#[cfg(feature = "net")]
pub(super) use self::platform::types;
pub(super) use self::platform::{poll_call, Notifier};
