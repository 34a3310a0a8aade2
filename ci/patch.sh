#!/usr/bin/env bash
# The package `mio` of `patch/mio` in place of the one of crates.io: tokio 1.38 with
# all its features on it, by path and by git, with epoll and with poll(2).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR/ci/consumers/tokio_native"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}/consumers"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

say "tokio 1.38 by path"
cargo build --quiet --release
cargo tree --quiet --invert mio --depth 0 | grep -F "$ROOT_DIR/patch/mio" >/dev/null || die "the patch was not used"
timeout 120 "$CARGO_TARGET_DIR/release/tokio-native-consumer"

say "tokio 1.38 by path, on poll(2)"
RUSTFLAGS="--cfg mio_unsupported_force_poll_poll" CARGO_TARGET_DIR="$CARGO_TARGET_DIR/poll" cargo build --quiet --release
timeout 120 "$CARGO_TARGET_DIR/poll/release/tokio-native-consumer"

say "tokio 1.38 by git, from a clone of this repository"
git clone --quiet --no-local "$ROOT_DIR" "$work/clone"
cp -r "$ROOT_DIR/ci/consumers/tokio_native" "$work/consumer"
sed -i "s#^mio = .*#mio = { git = \"file://$work/clone\" }#" "$work/consumer/Cargo.toml"
(cd "$work/consumer" && cargo build --quiet --release &&
    cargo tree --quiet --invert mio --depth 0 | grep -F "file://$work/clone" >/dev/null) || die "the git form failed"
timeout 120 "$CARGO_TARGET_DIR/release/tokio-native-consumer"
