//! Each function on real sockets of the host, over IPv4 and IPv6, and with bad input.
#![cfg(all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3"))))]

mod options;
mod support;
mod transfer;
mod wrong_calls;
