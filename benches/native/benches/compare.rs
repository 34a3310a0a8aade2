//! Times of this library and of both mio, in one run: readiness, registration, wake,
//! TCP echo, UDP echo.
//!
//! `cargo bench --manifest-path benches/native/Cargo.toml`

use std::time::Duration;

use criterion::{criterion_group, criterion_main, Criterion};

/// One benchmark of each peer in a group.
macro_rules! compare {
    ($criterion:expr, $group:literal, |$bench:ident| $operation:expr) => {{
        let mut group = $criterion.benchmark_group($group);
        compare!(@one group, ours, $bench, $operation);
        compare!(@one group, mio_0_8, $bench, $operation);
        compare!(@one group, mio_1_x, $bench, $operation);
        group.finish();
    }};
    (@one $group:ident, $who:ident, $bench:ident, $operation:expr) => {
        let mut $bench = mio_native_benches::$who::Bench::new();
        $group.bench_function(mio_native_benches::$who::NAME, |run| run.iter(|| $operation));
    };
}

fn all(criterion: &mut Criterion) {
    compare!(criterion, "readiness: empty poll", |bench| bench
        .poll_empty());
    compare!(criterion, "registration: in and out", |bench| {
        bench.register();
        bench.deregister();
    });
    compare!(criterion, "wake and poll", |bench| bench.wake_and_poll());
    compare!(criterion, "read that would block", |bench| bench
        .read_empty());
    compare!(criterion, "TCP echo", |bench| bench.tcp_echo());
    compare!(criterion, "UDP echo", |bench| bench.udp_echo());
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(50)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = all
}
criterion_main!(benches);
