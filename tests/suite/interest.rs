//! `Interest`: combining, removing, showing.

use std::mem::size_of;

use mio::Interest;

#[test]
fn constants_are_distinct() {
    let all = [
        Interest::READABLE,
        Interest::WRITABLE,
        Interest::AIO,
        Interest::LIO,
        Interest::PRIORITY,
    ];
    for interest in all {
        let flags = [
            interest.is_readable(),
            interest.is_writable(),
            interest.is_aio(),
            interest.is_lio(),
            interest.is_priority(),
        ];
        assert_eq!(flags.iter().filter(|flag| **flag).count(), 1);
        assert!(flags[all.iter().position(|each| *each == interest).unwrap()]);
    }
}

#[test]
fn add_is_const_and_equals_or() {
    const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);
    assert_eq!(BOTH, Interest::READABLE | Interest::WRITABLE);
    let mut interest = Interest::READABLE;
    interest |= Interest::WRITABLE;
    assert_eq!(interest, BOTH);
    assert!(BOTH.is_readable() && BOTH.is_writable() && !BOTH.is_priority());
    assert_eq!(BOTH | Interest::READABLE, BOTH);
}

#[test]
fn remove_gives_what_is_left() {
    let both = Interest::READABLE | Interest::WRITABLE;
    assert_eq!(both.remove(Interest::READABLE), Some(Interest::WRITABLE));
    assert_eq!(both.remove(Interest::PRIORITY), Some(both));
    assert_eq!(both.remove(both), None);
    assert_eq!(Interest::READABLE.remove(Interest::READABLE), None);
}

#[test]
fn debug_names_the_parts() {
    let show = |interest: Interest| format!("{interest:?}");
    assert_eq!(show(Interest::READABLE), "READABLE");
    assert_eq!(
        show(Interest::WRITABLE | Interest::READABLE),
        "READABLE | WRITABLE"
    );
    assert_eq!(
        show(Interest::PRIORITY | Interest::LIO | Interest::AIO | Interest::WRITABLE),
        "WRITABLE | AIO | LIO | PRIORITY",
    );
}

#[test]
fn option_costs_no_byte() {
    assert_eq!(size_of::<Option<Interest>>(), size_of::<Interest>());
}

#[test]
fn constants_work_as_patterns() {
    let name = match Interest::WRITABLE {
        Interest::READABLE => "readable",
        Interest::WRITABLE => "writable",
        _ => "other",
    };
    assert_eq!(name, "writable");
}
