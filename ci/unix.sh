#!/usr/bin/env bash
# The selectors and wakers of other Unix systems on this one, by the flags that force
# them: poll(2), and the pipe waker beside epoll. Clippy, and all tests in debug and
# in release.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
export CLIPPY_CONF_DIR="$ROOT_DIR/ci"
target="${CARGO_TARGET_DIR:-$ROOT_DIR/target}"

for flag in mio_unsupported_force_poll_poll mio_unsupported_force_waker_pipe; do
    # One folder for each flag: they would rebuild each other's work.
    export RUSTFLAGS="--cfg $flag" RUSTDOCFLAGS="--cfg $flag" CARGO_TARGET_DIR="$target/$flag"
    say "$flag: clippy"
    cargo clippy --quiet --all-targets --all-features -- -D warnings
    cargo clippy --quiet --no-default-features -- -D warnings
    for profile in dev release; do
        say "$flag: tests, $profile"
        cargo test --quiet --profile "$profile" --all-features --lib --test suite
    done
    say "$flag: examples in the documentation"
    cargo test --quiet --all-features --doc
done
