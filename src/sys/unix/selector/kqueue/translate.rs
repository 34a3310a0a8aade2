//! The half of the kqueue selector that makes no system calls: which changes to submit, and
//! what an event means. The numbers of a system are arguments, so that all of it is tested on
//! other systems too.

use std::io;

use crate::Interest;

/// The numbers of a system's kqueue. Filters are signed on most systems, and flags have 16 or
/// 32 bits.
#[derive(Debug)]
pub(crate) struct Numbers {
    pub(crate) filter_read: i64,
    pub(crate) filter_write: i64,
    pub(crate) filter_user: i64,
    pub(crate) filter_timer: i64,
    /// On systems that have it.
    pub(crate) filter_aio: Option<i64>,
    /// On systems that have it.
    pub(crate) filter_lio: Option<i64>,
    pub(crate) add: u32,
    pub(crate) delete: u32,
    pub(crate) oneshot: u32,
    pub(crate) clear: u32,
    pub(crate) receipt: u32,
    pub(crate) error: u32,
    pub(crate) eof: u32,
}

/// A change of one filter of a descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) filter: i64,
    pub(super) flags: u32,
}

/// What an event means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) readable: bool,
    pub(super) writable: bool,
    pub(super) error: bool,
    pub(super) read_closed: bool,
    pub(super) write_closed: bool,
    pub(super) aio: bool,
    pub(super) lio: bool,
}

impl Numbers {
    /// Fails for what kqueue can't watch. The end of an asynchronous operation is no filter of
    /// a descriptor: the program names the queue when it starts the operation, so there is
    /// nothing to submit.
    pub(super) fn check(&self, interests: Interest) -> io::Result<()> {
        let lacks_aio = interests.is_aio() && self.filter_aio.is_none();
        let lacks_lio = interests.is_lio() && self.filter_lio.is_none();
        if interests.is_priority() || lacks_aio || lacks_lio {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                format!("kqueue can't watch all of {interests:?} on this system"),
            ));
        }
        Ok(())
    }

    /// The change of each direction, read and write: added when the interests include it,
    /// otherwise deleted.
    pub(super) fn changes(&self, interests: Option<Interest>) -> [Change; 2] {
        let includes = |wanted: fn(Interest) -> bool| interests.is_some_and(wanted);
        let flags = |is_wanted: bool| {
            let action = if is_wanted {
                self.add | self.clear
            } else {
                self.delete
            };
            action | self.receipt
        };
        [
            Change {
                filter: self.filter_read,
                flags: flags(includes(Interest::is_readable)),
            },
            Change {
                filter: self.filter_write,
                flags: flags(includes(Interest::is_writable)),
            },
        ]
    }

    /// Does this change add a filter?
    pub(super) fn adds(&self, change: Change) -> bool {
        change.flags & self.add != 0
    }

    /// Does this change add the filter of the write direction?
    pub(super) fn adds_write(&self, change: Change) -> bool {
        self.adds(change) && change.filter == self.filter_write
    }

    /// A timer that fires once: it reports the end of a writer whose filter was refused.
    pub(super) fn writer_end_timer(&self) -> Change {
        Change {
            filter: self.filter_timer,
            flags: self.add | self.oneshot | self.receipt,
        }
    }

    /// The removal of that timer.
    pub(super) fn delete_writer_end_timer(&self) -> Change {
        Change {
            filter: self.filter_timer,
            flags: self.delete | self.receipt,
        }
    }

    /// The error number of a change's receipt, if there is one.
    pub(super) fn failure(&self, flags: u32, data: i64) -> Option<i32> {
        let number = i32::try_from(data).unwrap_or(i32::MAX);
        (flags & self.error != 0 && number != 0).then_some(number)
    }

    /// What an event means.
    pub(super) fn meaning(&self, filter: i64, flags: u32, filter_flags: u32) -> Meaning {
        let has_ended = flags & self.eof != 0;
        let reads = filter == self.filter_read;
        let writes = filter == self.filter_write;
        // The selector's own timer: the kernel has refused the filter of a writer.
        let is_writer_end = filter == self.filter_timer;
        Meaning {
            readable: reads || filter == self.filter_user,
            writable: writes || is_writer_end,
            // The filter's flags are the socket's error at the end (kevent(2), EV_EOF).
            error: flags & self.error != 0 || (has_ended && filter_flags != 0),
            read_closed: reads && has_ended,
            write_closed: (writes && has_ended) || is_writer_end,
            aio: Some(filter) == self.filter_aio,
            lio: Some(filter) == self.filter_lio,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As in FreeBSD's headers.
    const FREEBSD: Numbers = Numbers {
        filter_read: -1,
        filter_write: -2,
        filter_user: -11,
        filter_timer: -7,
        filter_aio: Some(-3),
        filter_lio: Some(-10),
        add: 0x1,
        delete: 0x2,
        oneshot: 0x10,
        clear: 0x20,
        receipt: 0x40,
        error: 0x4000,
        eof: 0x8000,
    };

    /// As in NetBSD's headers, where filters count from zero.
    const NETBSD: Numbers = Numbers {
        filter_read: 0,
        filter_write: 1,
        filter_user: 8,
        filter_timer: 6,
        filter_aio: None,
        filter_lio: None,
        ..FREEBSD
    };

    #[test]
    fn registration_adds_the_directions_of_its_interests() {
        for numbers in [FREEBSD, NETBSD] {
            let [read, write] = numbers.changes(Some(Interest::READABLE));
            let added = Change {
                filter: numbers.filter_read,
                flags: 0x61,
            };
            assert_eq!(read, added);
            assert!(numbers.adds(read) && !numbers.adds(write));
            let [read, write] = numbers.changes(Some(Interest::READABLE | Interest::WRITABLE));
            assert!(numbers.adds(read) && numbers.adds(write));
            assert_eq!(write.filter, numbers.filter_write);
            assert!(numbers.adds_write(write) && !numbers.adds_write(read));
            assert_eq!(numbers.writer_end_timer().flags, 0x51);
        }
    }

    #[test]
    fn direction_outside_the_interests_is_deleted() {
        let [read, write] = FREEBSD.changes(Some(Interest::WRITABLE));
        assert_eq!((read.flags, write.flags), (0x42, 0x61));
        let [read, write] = FREEBSD.changes(None);
        assert_eq!((read.flags, write.flags), (0x42, 0x42));
    }

    #[test]
    fn what_a_system_cannot_watch_is_refused() {
        let kind = |result: io::Result<()>| result.map_err(|error| error.kind());
        assert!(FREEBSD.check(Interest::AIO | Interest::LIO).is_ok());
        for interest in [Interest::AIO, Interest::LIO, Interest::PRIORITY] {
            let refused = NETBSD.check(interest | Interest::READABLE);
            assert_eq!(kind(refused), Err(io::ErrorKind::Unsupported));
        }
        let both = Interest::READABLE | Interest::WRITABLE;
        assert!(NETBSD.check(both).is_ok());
    }

    #[test]
    fn receipts_fail_with_an_error_number() {
        assert_eq!(FREEBSD.failure(0x4000, 0), None);
        assert_eq!(FREEBSD.failure(0x4000, 9), Some(9));
        // An event among the receipts.
        assert_eq!(FREEBSD.failure(0x20, 9), None);
    }

    #[test]
    fn filters_mean_directions_and_their_end() {
        for numbers in [FREEBSD, NETBSD] {
            let read = numbers.meaning(numbers.filter_read, 0x20, 0);
            assert!(read.readable && !read.writable && !read.read_closed && !read.aio);
            let user = numbers.meaning(numbers.filter_user, 0x20, 0);
            assert!(user.readable && !user.writable && !user.lio);
            let ended = numbers.meaning(numbers.filter_read, 0x8020, 0);
            assert!(ended.readable && ended.read_closed && !ended.write_closed && !ended.error);
            let refused = numbers.meaning(numbers.filter_write, 0x8020, 61);
            assert!(refused.writable && refused.write_closed && refused.error);
            assert!(!refused.read_closed && !refused.readable);
            let end = numbers.meaning(numbers.filter_timer, 0x10, 0);
            assert!(end.writable && end.write_closed && !end.readable && !end.read_closed);
        }
    }

    #[test]
    fn asynchronous_operations_are_distinguished() {
        let aio = FREEBSD.meaning(-3, 0, 0);
        assert!(aio.aio && !aio.lio && !aio.readable && !aio.writable);
        let lio = FREEBSD.meaning(-10, 0, 0);
        assert!(lio.lio && !lio.aio);
        assert!(!NETBSD.meaning(2, 0, 0).aio);
    }
}
