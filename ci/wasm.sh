#!/usr/bin/env bash
# Runs a command for a program of another project on a machine without rustup's target or
# WasmEdge: `cargo` gets a target wasm32-wasip1 and a linker, and `wasmedge` is found. RUSTFLAGS are
# those of the target. The compiler is Debian's newest, which recent packages need.
#
#   ci/wasm.sh cargo build --release --target wasm32-wasip1
#   ci/wasm.sh wasmedge target/wasm32-wasip1/release/hello.wasm
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
[ $# -gt 0 ] || die "which command? See the head of this script"
if [ "$1" = wasmedge ]; then
    read -r _ wasmedge <<<"$(lab_wasi_hosts | tail -n 1)"
    shift
    exec "$wasmedge" "$@"
fi
if ! lab_rustup_has wasm32-wasip1; then
    lab_root sid sid "$SID_PACKAGES"
    lab_root sid-rust sid rustc,libstd-rust-dev,libstd-rust-dev-wasm32,lld
    lab_wrapper sid-rust usr/bin/rustc rustc-sid
    lab_wrapper sid-rust "$(cd "$MIO_LAB/sid-rust" && ls -d usr/lib/llvm-*/bin/wasm-ld | tail -n 1)" wasm-ld-sid
    libc="$MIO_LAB/sid/usr/lib/wasm32-wasi"
    export RUSTC="$MIO_LAB/bin/rustc-sid"
    export CARGO_TARGET_WASM32_WASIP1_LINKER="$MIO_LAB/bin/wasm-ld-sid"
    export CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS="-Clink-self-contained=no -L native=$libc -C link-arg=$libc/crt1-command.o ${RUSTFLAGS:-}"
    unset RUSTFLAGS
    say "wasm32-wasip1: Debian's $("$RUSTC" --version)"
fi
exec "$@"
