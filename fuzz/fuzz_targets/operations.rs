//! The random operations of the test suite, with a fuzzer's choices.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/suite/support/reset.rs"]
mod reset;

#[path = "../../tests/suite/support/receive.rs"]
mod receive;

#[path = "../../tests/suite/support/interrupt.rs"]
mod interrupt;

mod support {
    pub(crate) use crate::interrupt::interrupted;
    pub(crate) use crate::receive::receive;
    pub(crate) use crate::reset::reset;

    /// The fuzzer runs on Linux.
    pub(crate) const PREVIEW_2: bool = false;

    /// The fuzzer runs on Linux, with epoll.
    pub(crate) const KQUEUE: bool = false;

    /// epoll refuses such calls.
    pub(crate) const ALLOWS_WRONG_CALLS: bool = false;

    /// Any free port of this machine.
    pub(crate) fn local() -> std::net::SocketAddr {
        (std::net::Ipv4Addr::LOCALHOST, 0).into()
    }
}

#[path = "../../tests/suite/random_ops"]
mod random_ops {
    pub(crate) mod choices;
    mod connections;
    mod datagrams;
    mod errors;
    mod handle;
    mod model;
    #[allow(dead_code)] // the number of interrupted polls
    mod polling;
    mod registering;
    mod steps;
    mod stuck;
    mod transfer;
    #[allow(dead_code)] // idle sockets make no difference to epoll
    pub(crate) mod world;
}

/// As std's main function does: `writev` of std has no MSG_NOSIGNAL.
fn ignore_broken_pipes() {
    // SAFETY: ignoring a signal runs no code of ours.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
}

fuzz_target!(init: ignore_broken_pipes(), |bytes: &[u8]| {
    let choices = random_ops::choices::Choices::Bytes(bytes);
    random_ops::world::World::new(choices, "the fuzzer".to_owned()).run(2_000);
});
