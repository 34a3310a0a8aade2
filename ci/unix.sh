#!/usr/bin/env bash
# The selectors and wakers of other Unix systems on this one, by the flags that force
# them: poll(2), the pipe waker beside epoll, and kqueue over an emulation (ci/kqueue), with
# user events and with the pipe waker. Clippy, and all tests in debug and in release.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
export CLIPPY_CONF_DIR="$ROOT_DIR/ci"
target="${CARGO_TARGET_DIR:-$ROOT_DIR/target}"

# forced NAME FLAGS: everything with these flags of the compiler.
forced() {
    # One folder for each set of flags: they would rebuild each other's work.
    export RUSTFLAGS="$2" RUSTDOCFLAGS="$2" CARGO_TARGET_DIR="$target/$1"
    say "$1: clippy"
    cargo clippy --quiet --all-targets --all-features -- -D warnings
    cargo clippy --quiet --no-default-features -- -D warnings
    for profile in dev release; do
        say "$1: tests, $profile"
        cargo test --quiet --profile "$profile" --all-features --lib --test suite --test api_08 --test api_1x
    done
    say "$1: examples in the documentation"
    cargo test --quiet --all-features --doc
}

forced mio_unsupported_force_poll_poll "--cfg mio_unsupported_force_poll_poll"
forced mio_unsupported_force_waker_pipe "--cfg mio_unsupported_force_waker_pipe"

# The emulation is a shared library, so that it brings its own std.
say "the emulated kqueue"
unset RUSTFLAGS RUSTDOCFLAGS
CARGO_TARGET_DIR="$target/kqueue" cargo clippy --quiet --manifest-path ci/kqueue/Cargo.toml -- -D warnings
CARGO_TARGET_DIR="$target/kqueue" cargo build --quiet --release --manifest-path ci/kqueue/Cargo.toml
library="$target/kqueue/release"
export LD_LIBRARY_PATH="$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
kqueue="--cfg mio_unsupported_force_kqueue -L native=$library -C link-arg=-lkqueue_emulation"
forced mio_unsupported_force_kqueue "$kqueue"
say "an older kernel, without user events"
KQUEUE_WITHOUT_USER_EVENTS=1 RUSTFLAGS="$kqueue" CARGO_TARGET_DIR="$target/mio_unsupported_force_kqueue" \
    cargo test --quiet --release --all-features --test suite -- waker threads
forced mio_unsupported_force_kqueue_pipe "$kqueue --cfg mio_unsupported_force_waker_pipe"

say "tokio 1 on kqueue"
export RUSTFLAGS="$kqueue" CARGO_TARGET_DIR="$target/kqueue_tokio"
unset RUSTDOCFLAGS
(cd ci/consumers/tokio_native_1 && cargo build --quiet --release)
timeout 120 "$CARGO_TARGET_DIR/release/tokio-native-1-consumer"
