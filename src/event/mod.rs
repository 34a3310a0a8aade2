//! Readiness events, their buffer, and what can be registered.

#[allow(clippy::module_inception)] // one public type per file, named after it
mod event;
mod events;
mod source;

pub use event::Event;
pub use events::{Events, Iter};
pub use source::Source;
