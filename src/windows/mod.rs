//! What only Windows has: named pipes.

mod named_pipe;

pub use self::named_pipe::NamedPipe;
