//! What WasmEdge does otherwise than `poll_oneoff` promises, one file for each workaround. WASI
//! preview 1. (The workarounds of the call itself are in `poll_oneoff.rs`.)

pub(super) mod half_closed_writer;
pub(super) mod hang_up;
pub(super) mod refused;
pub(super) mod udp_error;
