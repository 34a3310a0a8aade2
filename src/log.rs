//! Logging macros that vanish without the `log` feature; the same on all systems.

/// Logs an event of interest only when tracing what the library does.
macro_rules! trace {
    ($($argument:tt)+) => { $crate::log::record!(trace, $($argument)+) };
}

/// Logs something that helps to explain a surprise.
macro_rules! debug {
    ($($argument:tt)+) => { $crate::log::record!(debug, $($argument)+) };
}

/// Logs something that is most likely a mistake in the program.
macro_rules! warn_user {
    ($($argument:tt)+) => { $crate::log::record!(warn, $($argument)+) };
}

/// Hands a record to the `log` crate.
#[cfg(feature = "log")]
macro_rules! record {
    ($level:ident, $($argument:tt)+) => { ::log::$level!($($argument)+) };
}

/// Evaluates nothing, but keeps the compiler from calling the arguments unused.
#[cfg(not(feature = "log"))]
macro_rules! record {
    ($level:ident, $($argument:tt)+) => {
        if false {
            let _ = ::std::format_args!($($argument)+);
        }
    };
}

pub(crate) use {debug, record, trace, warn_user};
