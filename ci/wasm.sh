#!/usr/bin/env bash
# Runs a command for a program of another project on a machine without rustup's target or
# WasmEdge: `cargo` gets a target wasm32-wasip1 and a linker, and `wasmedge` is found. RUSTFLAGS are
# those of the target.
#
#   ci/wasm.sh cargo build --release --target wasm32-wasip1
#   ci/wasm.sh wasmedge target/wasm32-wasip1/release/hello.wasm
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
[ $# -gt 0 ] || die "which command? See the head of this script"
folder="${CARGO_TARGET_DIR:-}"
[ -z "${RUSTFLAGS:-}" ] || export LAB_WASI_RUSTFLAGS="$RUSTFLAGS"
unset RUSTFLAGS
lab_wasm_target
# The output stays where cargo has it without this script.
unset CARGO_TARGET_DIR
[ -z "$folder" ] || export CARGO_TARGET_DIR="$folder"
if [ "$1" = wasmedge ]; then
    read -r _ wasmedge <<<"$(lab_wasi_hosts | tail -n 1)"
    shift
    exec "$wasmedge" "$@"
fi
exec "$@"
