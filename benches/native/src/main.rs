//! Does one operation many times, for callgrind: `mio-native-benches WHO WHAT COUNT`.
//! The instructions of one are the difference of two runs, divided by the difference
//! of their counts.

/// Runs `$what` of the module `$who`.
macro_rules! run {
    ($who:ident, $what:expr, $count:expr) => {{
        let mut bench = mio_native_benches::$who::Bench::new();
        let count: usize = $count;
        match $what {
            "poll-empty" => (0..count).for_each(|_| bench.poll_empty()),
            "wake" => (0..count).for_each(|_| bench.wake()),
            "wake-poll" => (0..count).for_each(|_| bench.wake_and_poll()),
            "register-deregister" => (0..count).for_each(|_| {
                bench.register();
                bench.deregister();
            }),
            "reregister" => {
                bench.register();
                (0..count).for_each(|_| bench.reregister());
            }
            "reregister-poll" => {
                bench.register();
                (0..count).for_each(|_| {
                    bench.reregister();
                    bench.poll_ready();
                });
            }
            "write-read" => (0..count).for_each(|_| bench.write_and_read()),
            "read-empty" => (0..count).for_each(|_| bench.read_empty()),
            "tcp-echo" => (0..count).for_each(|_| bench.tcp_echo()),
            "udp-echo" => (0..count).for_each(|_| bench.udp_echo()),
            other => panic!("unknown: {other}"),
        }
    }};
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [who, what, count] = &arguments[..] else {
        panic!("usage: mio-native-benches WHO WHAT COUNT");
    };
    let count = count.parse().expect("COUNT is a number");
    match &who[..] {
        "ours" => run!(ours, &what[..], count),
        "mio_0_8" => run!(mio_0_8, &what[..], count),
        "mio_1_x" => run!(mio_1_x, &what[..], count),
        other => panic!("unknown: {other}"),
    }
}
