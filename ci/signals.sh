#!/usr/bin/env bash
# Servers in WasmEdge that are stopped and continued under load, and while idle. The
# host's poll is interrupted by that and corrupts itself unless the guest reacts in
# the right way (see src/sys/wasi/selector/host_poll.rs). Nothing may get lost, and the
# host may not crash.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
lab_program curl curl
lab_program wrk wrk
lab_wasm_target
work="$(mktemp -d)"
trap 'rm -rf "$work"; kill $(jobs -p) 2>/dev/null || true' EXIT
cargo build --quiet --release --target wasm32-wasip1 --examples
examples="${CARGO_TARGET_DIR:-target}/wasm32-wasip1/release/examples"

interrupt() {
    kill -STOP "$SERVER_PID"
    sleep 0.01
    kill -CONT "$SERVER_PID"
}

while read -r name wasmedge; do
    lab_serve "$work/output" "$wasmedge" "$examples/http_on_wasi.wasm" 127.0.0.1:0
    for connections in 1 50; do
        wrk -t1 "-c$connections" -d3s "http://$SERVER_ADDRESS/" >"$work/wrk" &
        load=$!
        for _ in $(seq 100); do
            interrupt
            sleep 0.01
        done
        wait "$load"
        if grep -E 'Non-2xx|Socket errors' "$work/wrk"; then
            die "$name: requests failed while the host was stopped and continued"
        fi
        say "$name, 100 stops, $connections connections: $(grep 'requests in' "$work/wrk" | tr -s ' ')"
    done
    for _ in $(seq 20); do
        interrupt
        [ "$(curl -sS --max-time 5 "http://$SERVER_ADDRESS/")" = "Hello from mio_wasi!" ] ||
            die "$name: no answer after a stop while idle"
    done
    say "$name: 20 stops while idle, an answer after each"
    lab_stop
done <<<"$(lab_wasi_hosts)"
