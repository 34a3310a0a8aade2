#!/usr/bin/env bash
# Servers in WasmEdge that are stopped and continued under load, and while idle. This
# interrupts the host's poll, which corrupts its state unless the guest repeats the call
# (see src/sys/wasip1/selector/poll_oneoff.rs). Nothing may get lost, and the
# host may not crash. Then they are ended while they have clients.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
lab_program curl curl
lab_program wrk wrk
lab_wasm_target
hosts="$(lab_wasi_hosts)"
work="$(mktemp -d)"
trap 'rm -rf "$work"; kill $(jobs -p) 2>/dev/null || true' EXIT
cargo build --quiet --release --target wasm32-wasip1 --examples
(cd ci/consumers/tokio_wasi && CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}" \
    cargo build --quiet --release --target wasm32-wasip1)
examples="${CARGO_TARGET_DIR:-target}/wasm32-wasip1/release/examples"
consumer="${CARGO_TARGET_DIR:-target}/wasm32-wasip1/release/tokio-wasi-consumer.wasm"

interrupt() {
    kill -STOP "$SERVER_PID"
    sleep 0.01
    kill -CONT "$SERVER_PID"
}

# load NAME CONNECTIONS: requests for two seconds, with sixty interruptions.
load() {
    wrk -t1 "-c$2" -d2s "http://$SERVER_ADDRESS/" >"$work/wrk" &
    local load=$!
    for _ in $(seq 60); do
        interrupt
        sleep 0.01
    done
    wait "$load"
    if grep -E 'Non-2xx|Socket errors' "$work/wrk"; then
        die "$1: requests failed while the host was stopped and continued"
    fi
    kill -0 "$SERVER_PID" 2>/dev/null || { cat "$work/output" >&2; die "$1: the host has crashed"; }
    say "$1, 60 stops, $2 connections: $(grep 'requests in' "$work/wrk" | tr -s ' ')"
}

# idle NAME ANSWER: interruptions with a request after each.
idle() {
    for _ in $(seq 20); do
        interrupt
        [ "$(curl -sS --max-time 5 "http://$SERVER_ADDRESS/")" = "$2" ] ||
            die "$1: no answer after a stop while idle"
    done
    say "$1: 20 stops while idle, an answer after each"
}

# terminate NAME COMMAND..: the server is ended with connections open. It exits at once,
# its clients get an end or a reset, and the next server can bind the same address
# in spite of old connections.
terminate() {
    local name="$1" status=0
    shift
    wrk -t1 -c50 -d10s "http://$SERVER_ADDRESS/" >"$work/wrk" 2>&1 &
    local load=$! address="$SERVER_ADDRESS"
    exec 9<>"/dev/tcp/${address%:*}/${address##*:}"
    printf 'GET / HTTP/1.1\r\n' >&9
    sleep 0.5
    kill -TERM "$SERVER_PID"
    timeout 5 tail --pid="$SERVER_PID" -f /dev/null || die "$name: it runs after SIGTERM"
    wait "$SERVER_PID" || status=$?
    [ "$status" = 143 ] || die "$name: SIGTERM ends it with the status $status"
    status=0
    # An end or a reset, but no waiting.
    timeout 5 cat <&9 >/dev/null 2>&1 || status=$?
    exec 9>&-
    [ "$status" != 124 ] || die "$name: a client got no end of stream"
    kill "$load" 2>/dev/null || true
    wait "$load" 2>/dev/null || true
    lab_serve "$work/output" "$@" "$address"
    [ "$(curl -sS --max-time 5 "http://$address/")" = "Hello from mio_wasi!" ] ||
        die "$name: no answer after a new start"
    say "$name: SIGTERM with 50 connections, and a new start at the same address"
}

# interrupted_test NAME WASMEDGE TEST: a test of the suite whose polls are interrupted
# until it ends.
interrupted_test() {
    timeout 60 "$2" "$module" --ignored --exact --nocapture "interrupted::$3" >"$work/output" 2>&1 &
    local limited=$!
    sleep 0.2
    SERVER_PID="$(pgrep -P "$limited" || echo "$limited")"
    while kill -0 "$limited" 2>/dev/null; do
        interrupt 2>/dev/null || true
        sleep 0.03
    done
    wait "$limited" || { cat "$work/output" >&2; die "$1: $3 failed"; }
    say "$1: $(grep -o '[0-9]* interruptions in [0-9]* rounds' "$work/output")"
}

module="$(lab_suite --target wasm32-wasip1)"
while read -r name wasmedge; do
    interrupted_test "$name" "$wasmedge" interrupted_polls_lose_nothing_whatever_comes_next
    interrupted_test "$name" "$wasmedge" interrupted_poll_without_a_timeout_returns

    lab_serve "$work/output" "$wasmedge" "$examples/http_on_wasi.wasm" 127.0.0.1:0
    load "$name" 1
    load "$name" 50
    idle "$name" "Hello from mio_wasi!"
    terminate "$name" "$wasmedge" "$examples/http_on_wasi.wasm"
    lab_stop
    # tokio waits with and without a clock in turn, which moves every subscription.
    lab_serve "$work/output" "$wasmedge" "$consumer" http 0
    load "$name, tokio" 1
    load "$name, tokio" 50
    idle "$name, tokio" "Hello World!"
    lab_stop
done <<<"$hosts"
