#!/usr/bin/env bash
# A host without the socket extension: a program built without the feature
# `wasmedge` runs in wasmtime on a listener that is passed in, with real clients.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
# A port that is free now. (wasmtime doesn't print the one it has chosen.)
free_port() {
    local port
    for port in $(shuf -i 20000-30000 -n 50); do
        if ! (exec 9<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            printf '%s\n' "$port"
            return 0
        fi
    done
    die "no free port"
}

# exchange MESSAGE: sends it on descriptor 9 and checks that it comes back.
exchange() {
    local answer
    printf '%s' "$1" >&9
    IFS= read -r -t 5 -N "${#1}" answer <&9 || die "no answer to '$1'"
    [ "$answer" = "$1" ] || die "sent '$1', got '$answer'"
}

wasmtime="$(lab_wasmtime "$WASMTIME_LISTENER")"
say "$("$wasmtime" --version)"
lab_wasm_target
work="$(mktemp -d)"
trap 'rm -rf "$work"; kill $(jobs -p) 2>/dev/null || true' EXIT
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}"
(cd ci/consumers/plain_wasi && cargo build --quiet --release --target wasm32-wasip1)
port="$(free_port)"
timeout 60 "$wasmtime" run -S "preview2=n,tcplisten=127.0.0.1:$port" \
    "$CARGO_TARGET_DIR/wasm32-wasip1/release/plain_wasi.wasm" >"$work/output" 2>&1 </dev/null &
server=$!
for _ in $(seq 200); do
    ! grep -q '^serving' "$work/output" || break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.05
done
grep -q '^serving' "$work/output" || { cat "$work/output" >&2; die "the program did not start"; }

# Two clients at once, with messages in turns; then one after the other.
exec 8<>"/dev/tcp/127.0.0.1/$port"
exec 9<>"/dev/tcp/127.0.0.1/$port"
for round in 1 2 3; do
    exchange "message $round of the second"
    { exchange "message $round of the first"; } 9<&8
done
exec 8>&- 9>&-
for round in $(seq 20); do
    exec 9<>"/dev/tcp/127.0.0.1/$port"
    exchange "client $round"
    exec 9>&-
done
used="$(lab_cpu "$(pgrep -P "$server" || echo "$server")")"
exec 9<>"/dev/tcp/127.0.0.1/$port"
exchange quit
wait "$server" || { cat "$work/output" >&2; die "the program failed"; }
say "$(head -n 1 "$work/output")"
say "23 connections in wasmtime on a listener passed in, $used hundredths of a second of CPU time"
