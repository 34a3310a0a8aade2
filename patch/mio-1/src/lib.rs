//! [mio_wasi](https://docs.rs/mio_wasi) under the name of mio, to be used in place of
//! mio 1 by whatever depends on it, current tokio for one:
//!
//! ```toml
//! [patch.crates-io]
//! mio = { path = "../mio_wasi/patch/mio-1" } # or: git = "...", version = "1.2"
//! ```

pub use ::mio::*;
