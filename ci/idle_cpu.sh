#!/usr/bin/env bash
# A server with idle connections uses no CPU: natively, in each WasmEdge, and below
# tokio_wasi. Reads the CPU time of the process over some seconds.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
work="$(mktemp -d)"
trap 'rm -rf "$work"; kill $(jobs -p) 2>/dev/null || true' EXIT
seconds=3
# In hundredths of a second: what a stray tick of the kernel's accounting may cost.
allowed=3

check_idle() {
    local name="$1" fds=() fd before used
    shift
    lab_serve "$work/output" "$@"
    for _ in $(seq 50); do
        exec {fd}<>"/dev/tcp/${SERVER_ADDRESS%:*}/${SERVER_ADDRESS##*:}"
        printf 'x' >&"$fd"
        IFS= read -r -t 5 -N 1 _ <&"$fd" || die "$name: no echo"
        fds+=("$fd")
    done
    sleep 0.2
    before="$(lab_cpu "$SERVER_PID")"
    sleep "$seconds"
    used=$(($(lab_cpu "$SERVER_PID") - before))
    for fd in "${fds[@]}"; do exec {fd}>&-; done
    lab_stop
    say "$name: $used hundredths of a second of CPU in $seconds seconds with 50 idle connections"
    [ "$used" -le "$allowed" ] || die "$name is not idle"
}

cargo build --quiet --release --example tcp_echo
check_idle "native echo" "${CARGO_TARGET_DIR:-target}/release/examples/tcp_echo" 127.0.0.1:0
lab_wasm_target
hosts="$(lab_wasi_hosts)"
cargo build --quiet --release --target wasm32-wasip1 --example tcp_echo
(cd ci/consumers/tokio_wasi && CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}" \
    cargo build --quiet --release --target wasm32-wasip1)
target="${CARGO_TARGET_DIR:-target}/wasm32-wasip1/release"
while read -r name wasmedge; do
    check_idle "$name echo" "$wasmedge" "$target/examples/tcp_echo.wasm" 127.0.0.1:0
    check_idle "$name tokio echo" "$wasmedge" "$target/tokio-wasi-consumer.wasm" echo 0
done <<<"$hosts"
