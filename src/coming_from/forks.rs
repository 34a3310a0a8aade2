//! From forks of mio, tokio and the clients: upstream's packages, and this library below them.
//!
//! Before, with packages of their own, or with git addresses in `[patch.crates-io]` and `--cfg wasmedge`:
//!
//! ```toml
//! tokio_wasi = { version = "1.25", features = ["net", "rt"] }
//! reqwest_wasi = "0.11"
//! ```
//!
//! After:
//!
//! ```toml
//! tokio = { version = "1.54", features = ["net", "rt"] }
//! reqwest = { version = "0.13", default-features = false }
//! ```
//!
//! and once, in the project's folder, the tool of `ports/`, which names this library and edited copies of tokio and
//! socket2 in `.cargo/config.toml`:
//!
//! ```text
//! (cd ../mio_wasi/ports && cargo run --locked -- --project "$OLDPWD")
//! ```
//!
//! Take the forks out of `[patch.crates-io]`, and `--cfg wasmedge` and `--cfg tokio_unstable` out of `RUSTFLAGS`: none is
//! needed. Names of packages in the code lose `_wasi`. A runtime stays single-threaded.
//!
//! tokio_wasi 1.25 and hyper_wasi 0.15 can also stay: they run on this version, see
//! [`mio_wasi_0_8_9`](super::mio_wasi_0_8_9). `ports/README.md` lists the package in place of each fork.
