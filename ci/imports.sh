#!/usr/bin/env bash
# What a module imports: with the feature `wasmedge` the socket extension, without
# it nothing beyond standard WASI preview 1.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
lab_wasm_target
extension='sock_(open|bind|connect|listen|send_to|recv_from|getsockopt|setsockopt|getlocaladdr|getpeeraddr)[a-z0-9_]*'

# The extension's imports that a module names.
names_of() {
    { grep -aoE "$extension" "${CARGO_TARGET_DIR:-target}/wasm32-wasip1/release/examples/tcp_echo.wasm" || true; } |
        sort -u | tr '\n' ' '
}

cargo build --quiet --release --target wasm32-wasip1 --example tcp_echo --config 'profile.release.strip=true'
with="$(names_of)"
cargo build --quiet --release --target wasm32-wasip1 --example tcp_echo --config 'profile.release.strip=true' \
    --no-default-features --features net
without="$(names_of)"
say "with wasmedge: $with"
say "without: ${without:-none}"
[ -n "$with" ] || die "no imports are found even with the feature"
[ -z "$without" ] || die "imports beyond standard preview 1 without the feature"
