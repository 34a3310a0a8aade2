#!/usr/bin/env bash
# The suite inside WasmEdge: clippy for the target, then every test in debug and in
# release on each host, and the documentation's examples of what only this target has. Arguments are passed
# on to the test binary.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
lab_wasm_target
hosts="$(lab_wasi_hosts)"

# Rust before 1.78 calls the target wasm32-wasi and knows no "p1".
# (Comments may speak of it.)
! grep -rn 'target_env *= *"p1"\|cfg(.*wasip1' src | grep -v '^[^:]*:[0-9]*: *//' || die "this fails under the target's old name"

say "clippy for wasm32-wasip1"
for features in "--all-features --all-targets" "--no-default-features" "--no-default-features --features net" \
    "--no-default-features --features os-ext"; do
    # shellcheck disable=SC2086 # the features are several words
    CLIPPY_CONF_DIR="$ROOT_DIR/ci" lab_wasm_clippy --quiet $features ||
        die "clippy for wasm32-wasip1 with: $features"
done

# Unix sockets need permission, and a folder that has one name inside and outside.
work="$(mktemp -d /tmp/mio.XXXXXX)"
trap 'rm -rf "$work"' EXIT
runner="$work/wasmedge"

say "a bare number is no socket"
# from_std takes what owns its descriptor: safe code can't make a socket of a number.
mkdir -p "$work/from_std/src"
cat >"$work/from_std/Cargo.toml" <<TOML
[package]
name = "from_std"
version = "0.0.0"
edition = "2021"
[dependencies]
mio_wasi = { path = "$ROOT_DIR" }
[workspace]
TOML
cp Cargo.lock "$work/from_std/"
from_std() {
    printf 'pub fn take(source: %s) -> mio::net::TcpStream { mio::net::TcpStream::from_std(source) }\n' "$1" \
        >"$work/from_std/src/lib.rs"
    cargo check --quiet --manifest-path "$work/from_std/Cargo.toml" --target wasm32-wasip1 >"$work/from_std/log" 2>&1
}
from_std std::net::TcpStream || { cat "$work/from_std/log"; die "from_std refuses a stream of std"; }
! from_std std::os::fd::RawFd || die "from_std takes a bare number"
grep -q 'AsFd' "$work/from_std/log" || { cat "$work/from_std/log"; die "from_std fails for another reason"; }

while read -r name wasmedge; do
    printf '#!/bin/sh\nexec "%s" --allow-af-unix --dir "%s:%s" --env "TMPDIR=%s" "$@"\n' \
        "$wasmedge" "$work" "$work" "$work" >"$runner"
    chmod +x "$runner"
    for profile in dev release; do
        say "unit tests and suite on $name, $profile"
        # A failed test ends the module, so its output must not be captured.
        CARGO_TARGET_WASM32_WASIP1_RUNNER="$runner" cargo test --quiet --profile "$profile" \
            --target wasm32-wasip1 --all-features --lib --test suite --test api_1x -- --nocapture --format=terse "$@" </dev/null
    done
    say "Unix sockets without permission on $name"
    CARGO_TARGET_WASM32_WASIP1_RUNNER="$wasmedge" cargo test --quiet --target wasm32-wasip1 \
        --all-features --test suite -- --nocapture --format=terse without_permission </dev/null
done <<<"$hosts"

# The examples that only this target compiles. Before Rust 1.89 cargo runs none for another target.
[ $# = 0 ] || exit 0
say "examples of what only this target has"
lab_newer_wasm_target
[ -z "${RUSTC:-}" ] || export RUSTDOC=/usr/bin/rustdoc
export RUSTDOCFLAGS="${CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS:-}" CARGO_TARGET_WASM32_WASIP1_RUNNER="$runner"
"${CARGO[@]}" test --quiet ${STD[@]+"${STD[@]}"} --target wasm32-wasip1 --all-features --doc -- \
    wasi:: from_any_fd uds::addr </dev/null >"$work/examples" 2>&1 || { cat "$work/examples" >&2; die "these examples fail"; }
grep '^test result: ok. [1-9]' "$work/examples" || say "skipped: the examples: this cargo runs none for another target"
