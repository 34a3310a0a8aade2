//! The translation of what kqueue reports, with any bits, and timeouts of any length.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
pub use mio::Interest;

#[allow(dead_code)]
#[path = "../../src/sys/unix/selector/kqueue/translate.rs"]
mod translate;

#[allow(dead_code)]
#[path = "../../src/sys/deadline.rs"]
mod deadline;

use translate::Numbers;

/// The longest wait of a call, in nanoseconds.
const MAX_NS: u64 = 24 * 3600 * 1_000_000_000;

fn check((filter, flags, more, data, seconds, nanos): (i64, u32, u32, i64, u64, u32)) {
    let numbers = Numbers {
        filter_read: -1,
        filter_write: -2,
        filter_user: -5,
        filter_timer: -7,
        filter_aio: Some(-3),
        filter_lio: None,
        add: 1,
        delete: 2,
        oneshot: 0x10,
        clear: 0x20,
        receipt: 0x40,
        error: 0x4000,
        eof: 0x8000,
    };
    let meaning = numbers.meaning(filter, flags, more);
    // Each direction reports itself only.
    assert!(!(meaning.read_closed && meaning.write_closed));
    assert!(!meaning.read_closed || meaning.readable);
    assert!(!meaning.write_closed || meaning.writable);
    if let Some(number) = numbers.failure(flags, data) {
        assert!(number != 0);
    }
    let timeout = Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanos.into()));
    let nanos = deadline::clamped_nanos(timeout, MAX_NS);
    assert!(nanos == MAX_NS || Duration::from_nanos(nanos) >= timeout);
}

fuzz_target!(|input: (i64, u32, u32, i64, u64, u32)| check(input));
