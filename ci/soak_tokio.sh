#!/usr/bin/env bash
# Ported tokio: a server on axum and clients on reqwest (ci/soak/tokio), each a module in a
# WasmEdge of its own, with 1,000 connections that open and close, 5 of 100 of which misbehave.
# Each byte of the others is compared. In the end no exchange is lost, the server holds as many
# descriptors as in the beginning, and the memory of both is flat.
#
#   ci/soak_tokio.sh [SECONDS] [HOSTS]     e.g. ci/soak_tokio.sh 60 native wasmedge-0.17.1
#
# Without arguments 10 minutes on each host, one after the other. Loopback only.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
seconds="${1:-600}"
[ $# = 0 ] || shift
only=("$@")
connections=1000 bad=5 pause=8000
# Allowed growth of the heap from the beginning to the end, when all connections are closed, in
# bytes, and of the module's memory, in pages of 64 KiB, from the first quarter of the time.
heap_growth=$((512 * 1024)) page_growth=64
# CPU time of the server without clients, in hundredths of a second.
allowed_idle=10

ulimit -n 8192 2>/dev/null || ulimit -n "$(ulimit -Hn)"
[ "$(ulimit -n)" -ge 2200 ] || die "the connections need more than $(ulimit -n) descriptors"
is_wanted() { [ ${#only[@]} = 0 ] || [[ " ${only[*]} " == *" $1 "* ]]; }

export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}/soak_tokio"
work="$(mktemp -d)"
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT

# figure NAME LINE: a number of a line of figures.
figure() { sed -n "s/.*$1 \([0-9]*\).*/\1/p" <<<"$2"; }

# check_flat NAME FIRST EARLY LAST: does the memory of these lines differ too much?
check_flat() {
    [ "$(figure heap "$4")" -le $(($(figure heap "$2") + heap_growth)) ] ||
        die "$1: something is left on the heap: '$2', '$4'"
    [ "$(figure pages "$4")" -le $(($(figure pages "$3") + page_growth)) ] ||
        die "$1: the memory grows: '$3', '$4'"
}

status() { curl -sS --max-time 20 "http://$SERVER_ADDRESS/status"; }

# descriptors: how many the server has, once its connections have ended.
descriptors() {
    local count least=999999
    for _ in $(seq 100); do
        count="$(find "/proc/$SERVER_PID/fd" -mindepth 1 | wc -l)"
        [ "$count" -ge "$least" ] || least="$count"
        [ "$least" -gt "${1:-0}" ] || break
        sleep 0.1
    done
    echo "$least"
}

# soak HOST SERVER-COMMAND.. -- CLIENT-COMMAND..
soak() {
    local host="$1" server=() before after client fresh middle lines=() used
    is_wanted "$host" || return 0
    shift
    while [ "$1" != -- ]; do server+=("$1"); shift; done
    shift
    lab_serve "$work/server" "${server[@]}" 127.0.0.1:0
    fresh="$(status)"
    before="$(descriptors)"
    say "$host: axum and reqwest, $connections connections, $bad of 100 misbehave, $seconds s"
    "$@" "$SERVER_ADDRESS" "$seconds" "$connections" "$bad" "$pause" >"$work/client" 2>&1 &
    client=$!
    sleep $((seconds / 2))
    middle="$(status)" || die "$host: the server does not answer"
    wait "$client" || { tail -n 30 "$work/client" "$work/server" >&2; die "$host: the clients have failed"; }
    after="$(descriptors "$before")"
    used="$(lab_cpu "$SERVER_PID")"
    sleep 2
    used=$(($(lab_cpu "$SERVER_PID") - used))
    mapfile -t lines < <(grep -E '^[0-9]+ s:' "$work/client")
    say "$host: $(tail -n 1 "$work/client")"
    say "$host: server: in the middle $middle, in the end $(status), $before and $after descriptors, $used hundredths of CPU while idle"
    check_flat "$host: clients" "${lines[0]}" "${lines[$((${#lines[@]} / 4 + 1))]}" "$(grep '^end:' "$work/client")"
    check_flat "$host: server" "$fresh" "$middle" "$(status)"
    [ "$after" -le "$before" ] || die "$host: the server holds $after descriptors, $before before"
    [ "$used" -le "$allowed_idle" ] || die "$host: the server is not idle without clients"
    lab_stop
    # For ci/fire.sh.
    echo "$host tokio: $(tail -n 1 "$work/client" | sed 's/^end: //'), leaked $((after - before))"
}

lab_program curl curl
if is_wanted native; then
    (cd "$ROOT_DIR/ci/soak/tokio" && cargo build --quiet --release --locked)
    soak native "$CARGO_TARGET_DIR/release/server" -- "$CARGO_TARGET_DIR/release/client"
fi
[ "${only[*]}" != native ] || exit 0

# Prepared by the port tool, in a copy that stays where it is: its path is part of what cargo
# has built. One at a time, since ci/fire.sh runs this for several hosts side by side.
project="$CARGO_TARGET_DIR/project"
mkdir -p "$project"
{
    flock 9
    cp -rp "$ROOT_DIR/ci/soak/tokio/." "$project/"
    # The patch of the native programs is made by the tool here.
    sed -i '/^\[patch.crates-io\]/,/^$/d' "$project/Cargo.toml"
    (cd "$ROOT_DIR/ports" && CARGO_TARGET_DIR="$CARGO_TARGET_DIR/ports" cargo run --quiet --locked -- --project "$project")
    lab_wasm_target
    hosts="$(lab_wasi_hosts)"
    (cd "$project" && cargo build --quiet --release --target wasm32-wasip1)
    cp "$CARGO_TARGET_DIR"/wasm32-wasip1/release/{server,client}.wasm "$work/"
} 9>"$project.lock"
while read -r name wasmedge; do
    soak "$name" "$wasmedge" "$work/server.wasm" -- "$wasmedge" "$work/client.wasm"
done <<<"$hosts"
