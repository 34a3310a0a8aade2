//! `cargo mio-wasi`: prepares a cargo project so that today's tokio clients run in WasmEdge.
//!
//! tokio leaves `connect`, `bind`, UDP and the lookup of names out on WASI preview 1. This
//! program copies tokio and socket2 out of the user's own registry into `.mio_wasi/` of the
//! project, edits a handful of lines, and names the copies in `[patch.crates-io]` tables of
//! `.cargo/config.toml`. Nothing else of the project is changed.

#![allow(clippy::incompatible_msrv)] // today's clients need a newer compiler than the library

mod change;
mod config;
mod copy;
mod edit;
mod project;
mod recipes;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::project::Project;

/// The arguments.
#[derive(Parser)]
#[command(name = "cargo mio-wasi", about, version)]
struct Arguments {
    /// The folder of the project.
    #[arg(long, default_value = ".")]
    project: PathBuf,
    /// Leaves a package as it is.
    #[arg(long, value_name = "NAME")]
    without: Vec<String>,
    /// Tells whether the copies fit the lock file: the exit status is 1 when they don't.
    #[arg(long, conflicts_with = "remove")]
    check: bool,
    /// Takes everything away again.
    #[arg(long)]
    remove: bool,
}

fn main() -> ExitCode {
    // As a cargo subcommand the first argument is its own name.
    let mut words: Vec<_> = std::env::args_os().collect();
    if words.get(1).is_some_and(|word| word == "mio-wasi") {
        words.remove(1);
    }
    match run(&Arguments::parse_from(words)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Does what the arguments say; `false` when a check has failed.
fn run(arguments: &Arguments) -> Result<bool> {
    if arguments.remove {
        return project::remove(&arguments.project).map(|()| true);
    }
    let project = Project::read(&arguments.project, &arguments.without)?;
    if arguments.check {
        return Ok(project.check());
    }
    project.prepare(&arguments.without).map(|()| true)
}
