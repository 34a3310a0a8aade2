#!/usr/bin/env bash
# Builds an HTTP server for WebAssembly, runs it in WasmEdge, and sends it requests with
# curl; in about a minute.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
lab_program curl curl
lab_wasm_target
hosts="$(lab_wasi_hosts)"
read -r name wasmedge <<<"$(tail -n 1 <<<"$hosts")"
output="$(mktemp)"
trap 'rm -f "$output"; kill $(jobs -p) 2>/dev/null || true' EXIT

say "building examples/http_on_wasi.rs for wasm32-wasip1"
cargo build --quiet --release --target wasm32-wasip1 --example http_on_wasi
module="${CARGO_TARGET_DIR:-target}/wasm32-wasip1/release/examples/http_on_wasi.wasm"
say "running it in $name"
lab_serve "$output" "$wasmedge" "$module" 127.0.0.1:0
say "request: curl http://$SERVER_ADDRESS/"
curl -sS --max-time 5 "http://$SERVER_ADDRESS/"
say "request: curl --data 'through the sandbox' http://$SERVER_ADDRESS/echo"
curl -sS --max-time 5 --data 'through the sandbox' "http://$SERVER_ADDRESS/echo"
echo
lab_stop
say "done: an HTTP server on mio_wasi answered from inside WebAssembly"
