//! [mio_wasi](https://docs.rs/mio_wasi) under the name of mio, to be used in place of
//! mio 0.8 by whatever depends on it:
//!
//! ```toml
//! [patch.crates-io]
//! mio = { path = "../mio_wasi/patch/mio" } # or: git = "...", version = "0.8"
//! ```

pub use ::mio::*;
