#!/usr/bin/env bash
# The port tool: its edits on each version of tokio and socket2 that it is for, with a program
# that is built for wasm32-wasip1 and run in each WasmEdge, and the unit tests of ports/libc
# there. Its own tests run in ci/native.sh.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
# The newest of each are what cargo resolves to without a bound.
VERSIONS=("~1.51 =0.6.3" "~1.52 0.6" "~1.53 0.6" "1 0.6")
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}/ports"

# prepare PROJECT OPTION..: the tool, run in its own folder as ports/README.md says.
prepare() {
    (cd ports && env -u RUSTC CARGO_TARGET_DIR="$TOOL_TARGET_DIR" cargo run --quiet --locked -- --project "$@")
}

say "the port tool"
TOOL_TARGET_DIR="$CARGO_TARGET_DIR"
(cd ports && cargo build --quiet --locked)
lab_wasm_target
hosts="$(lab_wasi_hosts)"

# in_hosts NAME MODULE: runs a module in each host.
in_hosts() {
    local host wasmedge
    while read -r host wasmedge; do
        timeout 60 "$wasmedge" "$2" </dev/null || die "$host: $1 failed"
        say "$host: $1: passed"
    done <<<"$hosts"
}

for pair in "${VERSIONS[@]}"; do
    read -r tokio socket2 <<<"$pair"
    # The path is part of what cargo has built, so it stays the same.
    project="$CARGO_TARGET_DIR/project/${tokio#\~}"
    rm -rf "$project"
    mkdir -p "$project"
    cp -r ci/consumers/ports/. "$project/"
    sed -i "s/@TOKIO@/$tokio/; s/@SOCKET2@/$socket2/" "$project/Cargo.toml"
    prepare "$project"
    (cd "$project" && cargo build --quiet --target wasm32-wasip1)
    prepare "$project" --check
    # The edits are for each set of features.
    for features in '"net", "rt"' '"rt"' '"io-util", "sync", "time"'; do
        sed -i "s/^tokio = .*/tokio = { version = \"$tokio\", features = [$features] }/" "$project/Cargo.toml"
        : >"$project/src/lib.rs"
        (cd "$project" && cargo check --quiet --lib --target wasm32-wasip1)
    done
    in_hosts "tokio $tokio, socket2 $socket2" "$CARGO_TARGET_DIR/wasm32-wasip1/debug/ports_probe.wasm"
done

# The other recipes, on the oldest version that each is for.
project="$CARGO_TARGET_DIR/project/recipes"
rm -rf "$project"
mkdir -p "$project/src"
: >"$project/src/lib.rs"
cat >"$project/Cargo.toml" <<'MANIFEST'
[package]
name = "recipes"
version = "0.0.0"
edition = "2021"
rust-version = "1.85"
[dependencies]
home = "=0.5.5"
hyper-util = { version = "=0.1.19", features = ["client-legacy", "http1", "tokio"] }
redis = { version = "=0.32.4", features = ["tokio-comp"] }
rustls-native-certs = "=0.7.2"
tonic = { version = "=0.14.1", features = ["transport"] }
[workspace]
resolver = "3"
MANIFEST
prepare "$project"
(cd "$project" && cargo check --quiet --target wasm32-wasip1)
prepare "$project" --check
say "the oldest packages of all recipes: checked"

say "clippy and unit tests of ports/libc"
CLIPPY_CONF_DIR="$ROOT_DIR/ci" lab_wasm_clippy --quiet --locked --manifest-path ports/libc/Cargo.toml --all-targets
while read -r host wasmedge; do
    CARGO_TARGET_WASM32_WASIP1_RUNNER="$wasmedge" cargo test --quiet --locked --manifest-path ports/libc/Cargo.toml \
        --target wasm32-wasip1 --test sockets -- --nocapture --format=terse </dev/null
    say "$host: ports/libc: passed"
done <<<"$hosts"
