#!/usr/bin/env bash
# Unit tests and suite on Linux with AddressSanitizer (which also finds leaks) and
# with ThreadSanitizer; the latter also with poll(2) and with the emulated kqueue, whose
# emulation is instrumented as well. The libc of ports has the conversions of its addresses
# checked.
#
#   ci/sanitizers.sh [NAMES]      e.g. ci/sanitizers.sh tsan_kqueue
#
# std is the installed one, without instrumentation. So ThreadSanitizer doesn't detect
# synchronisation inside std: reports about the test harness's channels and about
# the last owner of an `Arc` (a fence, which it doesn't know) are left out, as are two of the emulated
# kqueue: what no queue watches any more, which it reads from the kernel, and the mutex of its hooks.
# With poll(2) so are the
# tests that deregister during a poll, for which `Shared::remove` waits for a `Condvar`: that locks
# its mutex inside std.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
only=("$@")
target="${CARGO_TARGET_DIR:-$ROOT_DIR/target}"
# The sanitizers are unstable options; RUSTC_BOOTSTRAP enables them in any compiler.
export RUSTC_BOOTSTRAP=1
triple=x86_64-unknown-linux-gnu
runtime="$(rustc --print sysroot)/lib/rustlib/$triple/lib"
compgen -G "$runtime/librustc*asan.a" >/dev/null || { say "skipped: this rustc has no sanitizers, rustup's has"; exit 0; }
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
printf 'race:%s\n' 'test::run_test' 'test::event' 'CompletedTest' 'std::sync::mpmc' 'alloc::sync::Arc*Drop' \
    'close_what_is_unused' 'kqueue_emulation::hooks' \
    >"$work/suppressions"

# finds NAME RUSTFLAGS REPORT: a program with a mistake, which has to be reported. (A
# race of two threads isn't detected each time: one may end before the other begins.)
finds() {
    rustc --edition 2021 $2 --target "$triple" -o "$work/$1" "$work/$1.rs"
    local tries
    for tries in $(seq 20); do
        "$work/$1" >"$work/output" 2>&1 || ! grep -q "$3" "$work/output" || return 0
    done
    cat "$work/output" >&2
    die "$1 is not found: the sanitizer has no effect here"
}

# sanitize NAME RUSTFLAGS [ARGUMENTS OF CARGO]: all tests, or those that the arguments name.
sanitize() {
    local name="$1" flags="$2"
    shift 2
    is_wanted "$name" || return 0
    [ $# != 0 ] || set -- --all-features --lib --test suite
    say "$name"
    RUSTFLAGS="$flags" CARGO_TARGET_DIR="$target/$name" cargo test --quiet --target "$triple" "$@"
}

# is_wanted NAME: are these tests to be run?
is_wanted() { [ ${#only[@]} = 0 ] || [[ " ${only[*]} " == *" $1 "* ]]; }

cat >"$work/leak.rs" <<'RUST'
fn main() {
    std::hint::black_box(Box::leak(Box::new([7_u8; 100])))[0] = 1;
    // Clears the stack, so that no copy of the lost pointer remains.
    println!("{}", (0..1000_u64).fold(1, |sum, each| std::hint::black_box(sum ^ each)));
}
RUST
cat >"$work/race.rs" <<'RUST'
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
static mut NUMBER: u64 = 0;
static STARTED: AtomicUsize = AtomicUsize::new(0);
fn count() {
    STARTED.fetch_add(1, Relaxed);
    while STARTED.load(Relaxed) < 2 {
        std::hint::spin_loop();
    }
    (0..10_000).for_each(|_| unsafe { *(&raw mut NUMBER) += 1 });
}
fn main() {
    for thread in [std::thread::spawn(count), std::thread::spawn(count)] {
        thread.join().unwrap();
    }
}
RUST

export ASAN_OPTIONS="detect_leaks=1" TSAN_OPTIONS="suppressions=$work/suppressions"
finds leak "-Zsanitizer=address" "LeakSanitizer"
finds race "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer" "data race"
sanitize asan "-Zsanitizer=address"
sanitize asan_libc "-Zsanitizer=address" --manifest-path ports/Cargo.toml --package mio_wasi_libc --lib
thread="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer"
sanitize tsan "$thread"
sanitize tsan_poll "$thread --cfg mio_unsupported_force_poll_poll" --all-features --lib --test suite -- \
    --skip registry_works_from_many_threads --skip during_a_poll --skip during_polls
if is_wanted tsan_kqueue; then
    RUSTFLAGS="$thread" CARGO_TARGET_DIR="$target/tsan_emulation" \
        cargo build --quiet --target "$triple" --manifest-path ci/kqueue/Cargo.toml
    library="$target/tsan_emulation/$triple/debug"
    export LD_LIBRARY_PATH="$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    sanitize tsan_kqueue "$thread --cfg mio_unsupported_force_kqueue -L native=$library -Clink-arg=-lkqueue_emulation"
fi
