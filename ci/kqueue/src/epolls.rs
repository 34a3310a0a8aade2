//! Epolls, and what they watch.

use std::fs;
use std::io::Error;

use libc::c_int;

/// Adds, changes or removes what an epoll watches; the error's number.
pub(crate) fn control(
    epoll: c_int,
    operation: c_int,
    fd: c_int,
    events: c_int,
    data: u64,
) -> c_int {
    let mut event = libc::epoll_event {
        events: events as u32,
        u64: data,
    };
    // SAFETY: the call reads the event.
    match unsafe { libc::epoll_ctl(epoll, operation, fd, &mut event) } {
        0 => 0,
        _ => Error::last_os_error().raw_os_error().unwrap_or(-1),
    }
}

/// What an epoll watches: descriptors, and their data.
pub(crate) fn watched(epoll: c_int) -> Vec<(c_int, u64)> {
    let text = fs::read_to_string(format!("/proc/self/fdinfo/{epoll}")).unwrap_or_default();
    let lines = text.lines().filter(|line| line.starts_with("tfd:"));
    lines
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let fd = words.nth(1)?.parse().ok()?;
            Some((fd, u64::from_str_radix(words.nth(3)?, 16).ok()?))
        })
        .collect()
}

/// All epolls of this process; `None` when there is no descriptor left to find out.
pub(crate) fn all() -> Option<Vec<c_int>> {
    let entries = fs::read_dir("/proc/self/fd").ok()?;
    let epolls = entries
        .flatten()
        .filter(|entry| {
            let target = fs::read_link(entry.path());
            target.is_ok_and(|target| target.to_string_lossy().contains("eventpoll"))
        })
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    Some(epolls.collect())
}
