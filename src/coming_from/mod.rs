//! What changes for programs that come from another package: a page for each, with before and after. These
//! modules are documentation only.

pub mod forks;
pub mod mio_0_8;
pub mod mio_1;
pub mod mio_wasi_0_8_9;
