//! The bits of poll(2): those of interests, and what reported ones mean.

use std::io;

use libc::{c_short, POLLERR, POLLHUP, POLLIN, POLLOUT};

use crate::sys::event::Readiness;
use crate::sys::posix::platform::poll_call::{POLLNVAL, POLLPRI, POLLRDHUP};
use crate::Interest;

/// What reported bits mean for a registration.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// The flags of the event.
    pub(super) readiness: Readiness,
    /// The bits to disarm.
    pub(super) disarmed: c_short,
    /// Is it the end of both directions?
    pub(super) is_end: bool,
}

/// The bits of interests.
pub(super) fn bits_of(interests: Interest) -> io::Result<c_short> {
    if interests.is_aio() || interests.is_lio() {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "poll(2) can't watch asynchronous operations (Interest::AIO, Interest::LIO)",
        ));
    }
    if interests.is_priority() && POLLPRI == 0 {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this system can't watch urgent data (Interest::PRIORITY)",
        ));
    }
    let mut bits = 0;
    if interests.is_readable() {
        bits |= POLLIN | POLLRDHUP;
    }
    if interests.is_writable() {
        bits |= POLLOUT;
    }
    if interests.is_priority() {
        bits |= POLLPRI;
    }
    Ok(bits)
}

/// The bits that I/O in a direction arms.
pub(super) fn bits_armed_by(direction: Interest) -> c_short {
    let mut bits = 0;
    if direction.is_readable() {
        bits |= POLLIN | POLLRDHUP | POLLPRI;
    }
    if direction.is_writable() {
        bits |= POLLOUT;
    }
    bits
}

/// What these bits mean for a registration with the bits `wanted`.
///
/// POLLERR, POLLHUP and POLLNVAL are reported whether they are in `events` or not. They are
/// events of all directions of the registration, so that the next operation in each returns
/// the reason, and disarm all of them, since they last.
pub(super) fn report(bits: c_short, wanted: c_short) -> Report {
    let has = |bit| bits & bit != 0;
    let is_end = has(POLLERR | POLLHUP | POLLNVAL);
    let reports_end_of = |bit| is_end && wanted & bit != 0;
    // A pipe whose reader is gone: POLLERR beside POLLOUT, or alone when the pipe is full
    // (Linux: `pipe_poll` in fs/pipe.c).
    let is_broken = has(POLLERR) && (has(POLLOUT) || bits == POLLERR);
    let readiness = Readiness::default()
        .and_if(
            has(POLLIN | POLLPRI | POLLRDHUP) || reports_end_of(POLLIN),
            Readiness::READABLE,
        )
        .and_if(has(POLLOUT) || reports_end_of(POLLOUT), Readiness::WRITABLE)
        .and_if(has(POLLERR | POLLNVAL), Readiness::ERROR)
        .and_if(has(POLLHUP | POLLRDHUP), Readiness::READ_CLOSED)
        .and_if(has(POLLHUP) || is_broken, Readiness::WRITE_CLOSED)
        .and_if(has(POLLPRI), Readiness::PRIORITY);
    // Only what was reported: the end of a stream is reported also when it comes behind
    // data that were reported and not read.
    let disarmed = if is_end { wanted } else { bits };
    Report {
        readiness,
        disarmed,
        is_end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: c_short = POLLIN | POLLRDHUP | POLLOUT;

    #[test]
    fn data_report_and_disarm_one_direction() {
        let reported = report(POLLIN, BOTH);
        assert_eq!(reported.readiness, Readiness::READABLE);
        assert_eq!(reported.disarmed & BOTH, POLLIN, "its end stays armed");
        assert!(!reported.is_end);

        let reported = report(POLLOUT, BOTH);
        assert_eq!(reported.readiness, Readiness::WRITABLE);
        assert_eq!(reported.disarmed & BOTH, POLLOUT);
    }

    #[test]
    fn half_close_is_no_end() {
        let reported = report(POLLIN | POLLRDHUP, BOTH);
        let closed = Readiness::READABLE.and_if(POLLRDHUP != 0, Readiness::READ_CLOSED);
        assert_eq!(reported.readiness, closed);
        assert!(!reported.is_end);
    }

    #[test]
    fn hang_up_is_reported_in_the_directions_of_the_registration() {
        let closed = Readiness::READ_CLOSED.and(Readiness::WRITE_CLOSED);
        let reported = report(POLLHUP, POLLIN);
        assert_eq!(reported.readiness, Readiness::READABLE.and(closed));
        assert!(reported.is_end && reported.disarmed == POLLIN);
        let reported = report(POLLHUP, POLLOUT);
        assert_eq!(reported.readiness, Readiness::WRITABLE.and(closed));
    }

    #[test]
    fn broken_pipe_is_write_closed_also_when_it_is_full() {
        let broken = Readiness::WRITABLE
            .and(Readiness::ERROR)
            .and(Readiness::WRITE_CLOSED);
        assert_eq!(report(POLLERR | POLLOUT, POLLOUT).readiness, broken);
        assert_eq!(report(POLLERR, POLLOUT).readiness, broken);
    }

    #[test]
    fn closed_descriptor_is_an_error_and_no_close() {
        let reported = report(POLLNVAL, BOTH);
        let error = Readiness::READABLE
            .and(Readiness::WRITABLE)
            .and(Readiness::ERROR);
        assert_eq!(reported.readiness, error);
        assert!(reported.is_end && reported.disarmed == BOTH);
    }

    #[test]
    fn urgent_data_are_readable_too_or_can_not_be_watched() {
        if POLLPRI == 0 {
            let error = bits_of(Interest::PRIORITY).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::Unsupported);
            return;
        }
        let reported = report(POLLPRI, POLLPRI);
        let urgent = Readiness::READABLE.and(Readiness::PRIORITY);
        assert_eq!(reported.readiness, urgent);
        assert_eq!(bits_armed_by(Interest::READABLE) & POLLPRI, POLLPRI);
    }

    #[test]
    fn asynchronous_operations_are_refused() {
        for interest in [Interest::AIO, Interest::LIO] {
            let error = bits_of(interest).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        }
    }
}
