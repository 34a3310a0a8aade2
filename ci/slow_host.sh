#!/usr/bin/env bash
# WasmEdge on a slow machine: the suite and the random operations on one core beside a busy
# process, and the random operations and an echo server in a host that is stopped and
# continued all the time. No event may be lost, and a server that waits may use no CPU time.
#
#   ci/slow_host.sh [SEEDS] [STEPS]      random operations, e.g. ci/slow_host.sh 20 10000
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
seeds="${1:-6}" steps="${2:-2000}"
# The core, its neighbour's share of it, and stops: how long, and the time between them.
core=0
stopped=0.02 running=0.05
# In hundredths of a second, for 50 idle connections: stray ticks, and one poll for each of the
# stops of that time.
idle_seconds=3 allowed=12

lab_wasm_target
hosts="$(lab_wasi_hosts)"
module="$(lab_suite --target wasm32-wasip1)"
cargo build --quiet --release --target wasm32-wasip1 --example tcp_echo
echo_module="${CARGO_TARGET_DIR:-target}/wasm32-wasip1/release/examples/tcp_echo.wasm"
work="$(mktemp -d /tmp/mio.XXXXXX)"
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT

# guest NAME WASMEDGE MODULE ARGUMENTS..: starts a module on the core, in the background, and
# sets PID.
guest() {
    local name="$1" wasmedge="$2"
    shift 2
    # exec all the way: PID is the host's.
    taskset -c "$core" "$wasmedge" --allow-af-unix --dir "$work:$work" --env "TMPDIR=$work" \
        --env "MIO_RANDOM_SEEDS=$seeds" --env "MIO_RANDOM_STEPS=$steps" "$@" >"$work/$name.output" 2>&1 </dev/null &
    PID=$!
}

# finish NAME: waits for a guest, which has to succeed.
finish() {
    wait "$PID" || { tail -n 120 "$work/$1.output" >&2; die "$1 failed"; }
    say "$1: $(grep -oE 'seeds [0-9]+\.\..*|^test result.*' "$work/$1.output" | head -n 1)"
}

# stop_and_continue: until the guest has ended. Sets STOPS.
stop_and_continue() {
    STOPS=0
    while kill -STOP "$PID" 2>/dev/null; do
        sleep "$stopped"
        kill -CONT "$PID" 2>/dev/null || break
        sleep "$running"
        STOPS=$((STOPS + 1))
        [ "$STOPS" -lt 20000 ] || die "it never ends"
    done
}

# echo_while_stopped NAME WASMEDGE: each of 50 connections gets its bytes while the host is
# stopped and continued, and then the server is idle, stopped or not.
echo_while_stopped() {
    local name="$1" fds=() fd round before used
    lab_serve "$work/echo" taskset -c "$core" "$2" "$echo_module" 127.0.0.1:0
    for _ in $(seq 50); do
        exec {fd}<>"/dev/tcp/${SERVER_ADDRESS%:*}/${SERVER_ADDRESS##*:}"
        fds+=("$fd")
    done
    PID="$SERVER_PID"
    stop_and_continue &
    local stopper=$!
    for round in 1 2 3; do
        for fd in "${fds[@]}"; do
            printf '%s' "$round" >&"$fd"
            IFS= read -r -t 20 -N 1 answer <&"$fd" || die "$name: no echo in round $round"
            [ "$answer" = "$round" ] || die "$name: '$answer' in place of '$round'"
        done
    done
    before="$(lab_cpu "$SERVER_PID")"
    sleep "$idle_seconds"
    used=$(($(lab_cpu "$SERVER_PID") - before))
    kill "$stopper"
    wait "$stopper" 2>/dev/null || true
    kill -CONT "$SERVER_PID"
    say "$name: 150 echoes; $used hundredths of a second of CPU in $idle_seconds seconds of stops while idle"
    [ "$used" -le "$allowed" ] || die "$name is not idle while it is stopped and continued"
    for fd in "${fds[@]}"; do exec {fd}>&-; done
    lab_stop
}

# The neighbour: as much as the scheduler gives it.
taskset -c "$core" sh -c 'while :; do :; done' &
neighbour=$!

while read -r name wasmedge; do
    guest "$name, beside a busy process" "$wasmedge" "$module" --nocapture --format=terse \
        --skip stuck --skip random_operations
    finish "$name, beside a busy process"
    guest "$name, random, beside a busy process" "$wasmedge" "$module" --nocapture random_operations
    finish "$name, random, beside a busy process"
done <<<"$hosts"
# Stops are enough for the rest.
kill "$neighbour"
while read -r name wasmedge; do
    guest "$name, random, stopped and continued" "$wasmedge" "$module" --nocapture random_operations
    stop_and_continue
    finish "$name, random, stopped and continued"
    say "$name: $STOPS stops"
    echo_while_stopped "$name, echo" "$wasmedge"
done <<<"$hosts"
