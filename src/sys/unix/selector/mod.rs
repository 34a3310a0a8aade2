//! Which selector a Unix system uses.
//!
//! | selector | systems |
//! |---|---|
//! | `epoll.rs` | Linux, Android |

mod epoll;
mod handles;

pub(crate) use self::epoll::{Epoll as Selector, Event, Events};
pub(crate) use self::handles::impl_selector_handles;

/// What is kept beside each source.
pub(crate) type SourceState = crate::sys::source::kernel_edge::KernelEdge<Selector>;
