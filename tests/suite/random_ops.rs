//! Random operations on a few sockets, against a model of what has to be reported.
//!
//! Each run does connecting, registering, reading, writing, half-closing, resetting,
//! dropping, waking and polling as chosen by a seed, with TCP, UDP and Unix datagrams. A run
//! fails when a pending event is not reported or one is reported on and on, when a false one is,
//! when bytes get lost or changed, and when an error that was reported is not returned; it then
//! prints its seed, the last operations, and the model.
//!
//! A few environment variables make it longer or repeat one run:
//! `MIO_RANDOM_SEEDS` (the number of runs), `MIO_RANDOM_FIRST` (the first of them) and
//! `MIO_RANDOM_STEPS`; `MIO_RANDOM_TRACE` prints each operation. In a debug build for WebAssembly there are fewer seeds: the
//! interpreter takes half a minute for ten of them.

mod choices;
#[cfg(windows)]
mod closed_client;
mod connections;
mod datagrams;
mod errors;
mod handle;
mod model;
mod polling;
mod registering;
mod steps;
mod stuck;
mod transfer;
mod world;

use self::choices::Choices;
use self::world::World;
use crate::support::no_new_process;

/// The number of idle sockets that every fourth run has besides.
const IDLE: usize = 200;
const IDLE_EVERY: u64 = 4;

/// A number from the environment.
fn number(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().expect("a number"),
        Err(_) => otherwise,
    }
}

#[test]
fn random_operations_lose_no_event_and_no_byte() {
    // A debug build in an interpreter takes seconds for one seed.
    let slow = cfg!(target_family = "wasm") && cfg!(debug_assertions);
    let seeds = number("MIO_RANDOM_SEEDS", if slow { 4 } else { 50 });
    let first = number("MIO_RANDOM_FIRST", 1);
    let steps = number("MIO_RANDOM_STEPS", 2_000);
    let start = std::time::Instant::now();
    let (mut events, mut polls, mut interruptions) = (0, 0, 0);
    for seed in first..first + seeds {
        let _turn = no_new_process();
        let mut world = World::new(Choices::Seed(seed), format!("seed {seed}"));
        if seed % IDLE_EVERY == 0 {
            world.add_idle(IDLE);
        }
        world.run(steps);
        events += world.events;
        polls += world.polls;
        interruptions += world.interruptions;
    }
    println!(
        "seeds {first}..{}, {steps} steps each: {polls} polls, {interruptions} interrupted, {events} events, {:?}",
        first + seeds,
        start.elapsed()
    );
    assert!(events as u64 >= seeds, "hardly anything was reported");
}
