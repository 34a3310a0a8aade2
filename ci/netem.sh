#!/usr/bin/env bash
# The examples' servers behind a bad network, natively and in each WasmEdge: between
# two network namespaces 3 of 100 packets are dropped in each direction, the others take
# 20 to 30 ms and are reordered. Every byte has to arrive all the same, and no CPU time
# may be used while nothing arrives:
#
#   1  clients, some of which misbehave, get all their bytes; CPU within limits
#   2  the network is cut for two seconds in the middle of that: no CPU is used
#      meanwhile, and everything arrives after it
#   3  the clients' whole network vanishes without closing: their connections, half
#      open now, cost no CPU, and new clients are served
#
# The network is a program, ci/soak/src/link.rs, on two TUN devices: few kernels have
# the netem module, and this one works on all. Needs root, for the namespaces.
#
#   ci/netem.sh [SECONDS] [HOSTS]          e.g. ci/netem.sh 60 native
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
seconds="${1:-4}"
[ $# = 0 ] || shift
only=("$@")
lab_program ip iproute2
lab_program curl curl
# Names that no other run has.
near="mio-a$$" far="mio-b$$"
work="$(mktemp -d)"
link_pid=""
cleanup() {
    kill $(jobs -p) 2>/dev/null || true
    ip netns del "$near" 2>/dev/null || true
    ip netns del "$far" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
# A machine without the permission is reported as skipped: neither failure nor success.
skip() { say "skipped: $*"; exit 0; }
[ -c /dev/net/tun ] || skip "no /dev/net/tun here"
ip netns add "$near" 2>"$work/error" || skip "no network namespaces: $(cat "$work/error")"
ip -n "$near" link set lo up

native="${CARGO_TARGET_DIR:-$ROOT_DIR/target}"
export CARGO_TARGET_DIR="$native"
cargo build --quiet --release --manifest-path ci/soak/Cargo.toml
lab_wasm_target
hosts="$(lab_wasi_hosts)"
cargo build --quiet --release --manifest-path ci/soak/Cargo.toml --target wasm32-wasip1 --bin server
module="${CARGO_TARGET_DIR:-target}/wasm32-wasip1/release/server.wasm"

# A new network with a new namespace for the clients.
connect_network() {
    ip netns add "$far"
    ip -n "$far" link set lo up
    : >"$work/link"
    # A new one: it ends when it has no writer, and other processes may hold an old one.
    rm -f "$work/commands"
    mkfifo "$work/commands"
    "$native/release/link" "${near}t" "${far}t" loss=3 delay=20 jitter=10 \
        <"$work/commands" >"$work/link" 2>&1 &
    link_pid=$!
    exec 7>"$work/commands"
    for _ in $(seq 100); do
        ! grep -q ready "$work/link" || break
        kill -0 "$link_pid" 2>/dev/null || skip "no TUN devices: $(cat "$work/link")"
        sleep 0.05
    done
    ip link set "${near}t" netns "$near"
    ip link set "${far}t" netns "$far"
    ip -n "$near" addr add 10.77.0.1/30 dev "${near}t"
    ip -n "$far" addr add 10.77.0.2/30 dev "${far}t"
    ip -n "$near" link set "${near}t" up
    ip -n "$far" link set "${far}t" up
}

# Ends the network and prints its counts.
end_network() {
    exec 7>&-
    wait "$link_pid" || die "the network has failed: $(cat "$work/link")"
    say "$1: $(tail -n 1 "$work/link")"
    ip netns del "$far"
}

conditions() { echo "$*" >&7; }

# CPU time of both servers, in hundredths of a second.
cpu() { echo $(($(lab_cpu "${pids[0]}") + $(lab_cpu "${pids[1]}"))); }

# rest NAME WHAT SECONDS LIMIT: the CPU time that the servers use meanwhile, limited.
rest() {
    local before
    before="$(cpu)"
    sleep "$3"
    local used=$(($(cpu) - before))
    say "$1: $used hundredths of a second of CPU in $3 s while $2"
    [ "$used" -le "$4" ] || die "$1: uses CPU time while $2"
}

# hold HOST COMMAND..: all three parts.
hold() {
    local host="$1" job clients used before
    shift
    [ ${#only[@]} = 0 ] || [[ " ${only[*]} " == *" $host "* ]] || return 0
    servers=() pids=()
    connect_network
    for job in echo http; do
        lab_serve "$work/$job" ip netns exec "$near" "$@" "$job" 10.77.0.1:0 10.77.0.1:0 7>&-
        servers+=("$job,$SERVER_ADDRESS,$(sed -n 's/^status on //p' "$work/$job"),$SERVER_PID")
        pids+=("$SERVER_PID")
    done

    # Clients on the other side. A reset that is dropped leaves a connection open.
    soak=(ip netns exec "$far" "$native/release/soak" "${servers[@]}" warm-up=1 exchanges=6 bad=20 left=30)

    before="$(cpu)"
    "${soak[@]}" connections=40 "seconds=$seconds" pause=300 >"$work/clients" || die "$host: $(cat "$work/clients")"
    used=$(($(cpu) - before))
    say "$host, loss and delay: $(sed -n 2p "$work/clients"); $used hundredths of a second of CPU"
    # A tenth of one processor for both, and for starting.
    [ "$used" -le $((seconds * 20 + 200)) ] || die "$host: too much CPU time"

    # Long exchanges, so that buffers are full when it happens.
    "${soak[@]}" connections=40 "seconds=$seconds" pause=10 >"$work/clients" &
    clients=$!
    sleep 2
    conditions loss=100
    sleep 0.5
    rest "$host" "the network is cut" 2 4
    conditions loss=3
    wait "$clients" || die "$host: after a cut: $(cat "$work/clients")"
    say "$host, cut and restored: $(sed -n 2p "$work/clients")"

    "${soak[@]}" connections=40 seconds=60 pause=10 >"$work/clients" 2>&1 &
    clients=$!
    sleep 2
    # First the network, so that no end arrives. The clients are stopped so that they see no error.
    kill -STOP "$clients" || die "$host: the clients have ended: $(cat "$work/clients")"
    kill -KILL "$link_pid"
    wait "$link_pid" 2>/dev/null || true
    exec 7>&-
    kill -KILL "$clients"
    wait "$clients" 2>/dev/null || true
    ip netns del "$far"
    sleep 0.5
    rest "$host" "connections are half open" 2 4
    connect_network
    "${soak[@]}" connections=20 seconds=2 pause=100 bad=50 >"$work/clients" || die "$host: half open: $(cat "$work/clients")"
    say "$host, beside half-open connections: $(sed -n 2p "$work/clients")"
    end_network "$host"
    for SERVER_PID in "${pids[@]}"; do lab_stop; done
}

hold native "$native/release/server"
while read -r name wasmedge; do
    hold "$name" "$wasmedge" "$module"
done <<<"$hosts"
