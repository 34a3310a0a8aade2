//! What the tests share: waiting with a deadline, and connected sockets.

mod counting_allocator;
mod cpu;
mod fixture;
mod pairs;
mod refused;
mod reset;
#[cfg(unix)]
mod temp_path;

pub(crate) use counting_allocator::allocations_during;
pub(crate) use cpu::cpu_time;
pub(crate) use fixture::{Fixture, Ready};
pub(crate) use pairs::{
    connect_to, local, local_both, receive_to_end, receive_until, tcp_pair, udp_pair,
};
pub(crate) use refused::refused;
pub(crate) use reset::reset;
#[cfg(unix)]
pub(crate) use temp_path::TempPath;

#[cfg(windows)]
pub(crate) mod windows;
