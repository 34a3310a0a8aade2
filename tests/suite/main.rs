//! The behaviour tests: one binary, the same files on every system.
//!
//! They run in one thread wherever the behaviour allows, so that WebAssembly can
//! run them; tests that need threads or processes are in modules of their own, which
//! this list leaves out there. Nothing sleeps: a test waits for events with a
//! deadline (`support::fixture`) and proves silence by a waker's event.

mod support;

mod allocations;
mod descriptors;
mod event;
mod faults;
mod interest;
mod interrupted;
mod late_end;
mod many;
mod poll;
mod random_ops;
mod readiness_flags;
mod registering;
mod stuck;
mod tcp_close;
mod tcp_listener;
mod tcp_stream;
mod udp_socket;
mod waker;

// Windows has handles of its own.
#[cfg(any(unix, target_os = "wasi"))]
mod handles;

#[cfg(target_os = "wasi")]
mod wasi_only;

// The hosts of WASI preview 2 never report a refused datagram, and Wine doesn't either.
#[cfg(not(any(
    mio_on_wine,
    all(target_os = "wasi", any(target_env = "p2", target_env = "p3"))
)))]
mod udp_refused;

// wasmtime needs an option to allow it; the feature is off by default.
#[cfg(all(
    feature = "lookup",
    not(all(target_os = "wasi", any(target_env = "p2", target_env = "p3")))
))]
mod lookup;

// WebAssembly has no threads.
#[cfg(not(target_family = "wasm"))]
mod threads;

// Pipes, and Unix sockets by libc.
#[cfg(unix)]
mod pipe;
#[cfg(unix)]
mod unix_clients;

// Unix sockets. WasmEdge needs an option to allow them; preview 2 has none.
#[cfg(any(
    unix,
    all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3")))
))]
mod unix_datagrams;
#[cfg(any(
    unix,
    all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3")))
))]
mod unix_sockets;

// Linux has these descriptors, and /proc to inspect the process.
#[cfg(target_os = "linux")]
mod source_fd;
#[cfg(target_os = "linux")]
mod unix_system;
#[cfg(target_os = "linux")]
mod unix_threads;

// What kernels with kqueue differ in, on the emulated one.
#[cfg(mio_unsupported_force_kqueue)]
mod kqueue_only;

#[cfg(windows)]
mod named_pipe;
#[cfg(windows)]
mod named_pipe_state;
#[cfg(windows)]
mod windows_only;
#[cfg(windows)]
mod windows_stress;

// What only WASI has.
#[cfg(target_os = "wasi")]
mod wasi_source_fd;
#[cfg(all(target_os = "wasi", not(any(target_env = "p2", target_env = "p3"))))]
mod wasi_unix_sockets;
#[cfg(all(target_os = "wasi", any(target_env = "p2", target_env = "p3")))]
mod wasip2_only;
