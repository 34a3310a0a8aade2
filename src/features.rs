//! Which feature brings what. This module is documentation only.
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `net` | yes | the module `net`: TCP, UDP and Unix sockets |
//! | `wasmedge` | yes | on WASI preview 1: sockets are opened by WasmEdge's socket extension |
//! | `lookup` | no | `net::lookup` and `net::lookup_host`, with `net`: the addresses of a name; on in the packages `mio` |
//! | `log` | yes | what the library does is logged through the `log` crate |
//! | `os-poll` | yes | nothing: the poll is always there; accepted because mio has it |
//! | `os-ext` | no | what is particular to a system: on Unix the module `unix`, with pipes and descriptors of any kind; on Windows the module `windows`, with named pipes; on WASI the module `wasi`, with such descriptors |
//! | `wasmedge_wasi_socket` | with `wasmedge` | nothing: accepted because mio_wasi 0.8.9 has it, for a dependency that was removed |
//!
//! The packages `mio` in `patch/`, which take the place of mio 0.8 and mio 1, have
//! mio's features. `wasmedge` is none of them, and always on there: tokio depends on mio
//! without default features.
//!
//! # `wasmedge`
//!
//! A host without the extension can't instantiate a module that imports it. Without
//! the feature a module imports nothing beyond standard preview 1 and runs in any
//! host. The sockets are all there then, but the functions that need the extension
//! fail with [`Unsupported`](std::io::ErrorKind::Unsupported): what is left is to
//! accept connections of a listener that the host passes in
//! (`TcpListener::from_raw_fd`), and to read and write.
//!
//! On all other systems the feature does nothing.
//!
//! # `log`
//!
//! Registrations are logged at level "trace", what may explain a surprise at
//! "debug", what is most likely a mistake in the program at "warn".
//!
//! # Flags
//!
//! What hardly any program needs is a flag of the compiler and no feature: any package
//! of a program can switch a feature on, but only who compiles the program gives flags.
//!
//! | flag | systems | what it does |
//! |---|---|---|
//! | `mio_unsupported_force_poll_poll` | Unix | poll(2) in place of epoll or kqueue; to test it where those exist |
//! | `mio_unsupported_force_waker_pipe` | Unix | wakers by a pipe in place of an eventfd, or of an event of kqueue; to test that |
//!
//! ```text
//! RUSTFLAGS="--cfg mio_unsupported_force_poll_poll" cargo test
//! ```
//!
//! Those with `unsupported` in their name may change or go with any version.
