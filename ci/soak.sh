#!/usr/bin/env bash
# The examples' echo and HTTP servers, natively, in each WasmEdge and in wasmtime (preview 2),
# each with 1,000 connections (wasmtime: 200, since each of its polls costs a task of its
# runtime for every stream) that open and close, 5 % of which misbehave: they reset, half-close, read
# slowly, send garbage or abandon a request. Every byte of the others is compared, and in
# the end the server's process holds as many descriptors and as much memory as in the
# beginning, and uses no CPU time.
#
#   ci/soak.sh [SECONDS|quick] [HOSTS]     e.g. ci/soak.sh 60 native wasmedge-0.17.1
#
# Without arguments 20 minutes on each host, one after the other. Loopback only.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
seconds="${1:-1200}"
[ $# = 0 ] || shift
only=("$@")
settings=("seconds=$seconds" warm-up=30)
# Short connections, so that most slots are used more than once.
[ "$seconds" != quick ] || settings=(seconds=7 warm-up=4 exchanges=6 pause=600)

# Each of 2,000 connections takes a descriptor in the client's and in the server's process.
ulimit -n 8192 2>/dev/null || ulimit -n "$(ulimit -Hn)"
[ "$(ulimit -n)" -ge 2200 ] || die "2,000 connections need more than $(ulimit -n) descriptors"

native="${CARGO_TARGET_DIR:-$ROOT_DIR/target}"
export CARGO_TARGET_DIR="$native"
cargo build --quiet --release --manifest-path ci/soak/Cargo.toml
soak="$native/release/soak"
# build_server TARGET: prints the path of the program.
build_server() {
    cargo build --quiet --release --manifest-path ci/soak/Cargo.toml --target "$1" --bin server >&2
    echo "$CARGO_TARGET_DIR/$1/release/server.wasm"
}
# In subshells: each target sets the environment for cargo.
module="$(lab_wasm_target && build_server wasm32-wasip1)"
component="$(lab_wasip2_target && build_server wasm32-wasip2)"
hosts="$(lab_wasi_hosts)"
wasmtime="$(lab_wasmtime)"
work="$(mktemp -d)"
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT

# Settings of one host.
more=()

# soak HOST COMMAND..: both servers at once.
soak() {
    local host="$1" job servers=() pids=()
    shift
    [ ${#only[@]} = 0 ] || [[ " ${only[*]} " == *" $host "* ]] || return 0
    for job in echo http; do
        lab_serve "$work/$job" "$@" "$job" 127.0.0.1:0 127.0.0.1:0
        servers+=("$job,$SERVER_ADDRESS,$(sed -n 's/^status on //p' "$work/$job"),$SERVER_PID")
        pids+=("$SERVER_PID")
    done
    say "$host: ${settings[*]}"
    "$soak" "${servers[@]}" "${settings[@]}" ${more[@]+"${more[@]}"} ||
        { tail -n 60 "$work/echo" "$work/http" >&2; die "$host: the servers have failed"; }
    for SERVER_PID in "${pids[@]}"; do lab_stop; done
}

soak native "$native/release/server"
while read -r name wasmedge; do
    soak "$name" "$wasmedge" "$module"
done <<<"$hosts"
more=(connections=200)
soak wasmtime "$wasmtime" run -S inherit-network "$component"
