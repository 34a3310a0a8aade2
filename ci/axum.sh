#!/usr/bin/env bash
# axum, hyper and tokio of today, unmodified, on the package mio of patch/mio-1: built
# for WebAssembly, run in each WasmEdge, driven by curl and wrk. The program of the
# README is taken from there, built and sent requests as well; an older tokio has to make
# progress where it has no waker. With --figures also the load on the module compiled ahead of
# time.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR/ci/consumers/axum"
lab_program curl curl
lab_program wrk wrk
export LAB_WASI_RUSTFLAGS="--cfg tokio_unstable"
# The flag is part of each crate's name: nothing is shared with builds without it.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}/axum"
lab_wasm_target
hosts="$(lab_wasi_hosts)"
work="$(mktemp -d)"
trap 'rm -rf "$work"; kill $(jobs -p) 2>/dev/null || true' EXIT
module="$CARGO_TARGET_DIR/wasm32-wasip1/release/axum-consumer.wasm"
hello="$CARGO_TARGET_DIR/wasm32-wasip1/release/hello-axum.wasm"

# expect WHAT WANTED GOT
expect() {
    [ "$2" = "$3" ] || die "$1: expected '$2', got '$3'"
}

# fetch [CURL ARGUMENTS..] PATH: the body and the status.
fetch() {
    curl -sS --max-time 20 -w ' %{http_code}' "${@:1:$#-1}" "http://$SERVER_ADDRESS${!#}"
}

json() { fetch -H 'Content-Type: application/json' --data "$1" /sum; }

scripted_requests() {
    expect "greeting" "Hello World! 200" "$(fetch /)"
    expect "path parameters" '{"id":7,"name":"ferris"} 200' "$(fetch /users/7/ferris)"
    expect "state" "1 200" "$(fetch -X POST /visits)"
    expect "state after a second request" "2 200" "$(fetch -X POST /visits)"
    expect "JSON" '{"sum":42} 200' "$(json '{"numbers":[40,-1,3]}')"
    expect "a stream" "3 2 1  200" "$(fetch /countdown/3 | tr '\n' ' ')"
    expect "a stream's coding" "chunked" \
        "$(curl -sS --max-time 5 -D - -o "$work/body" "http://$SERVER_ADDRESS/countdown/1" |
            tr -d '\r' | sed -n 's/^transfer-encoding: //p')"
    expect "nothing there" "nothing here 404" "$(fetch /missing)"
    expect "another method" " 405" "$(fetch -X DELETE /visits)"
    expect "broken JSON" 400 "$(json '{"numbers":[40,' | tail -c 3)"
    expect "JSON of another shape" 422 "$(json '{"numbers":"none"}' | tail -c 3)"
    expect "a sum that is too large" "too large 400" "$(json '{"numbers":[9223372036854775807,1]}')"
    expect "no number in the path" 400 "$(fetch /users/ferris/7 | tail -c 3)"
    expect "two requests on one connection" "1 0" \
        "$(curl -sS --max-time 5 -o "$work/body" -o "$work/body" -w '%{num_connects} ' \
            "http://$SERVER_ADDRESS/" "http://$SERVER_ADDRESS/" | sed 's/ $//')"
    head -c 300000 /dev/urandom >"$work/large"
    fetch --data-binary "@$work/large" -o "$work/body" /echo >"$work/status"
    cmp -s "$work/large" "$work/body" || die "a body of 300,000 bytes came back changed"
}

# load NAME: some requests at 1, 32 and 500 connections.
load() {
    local connections rate
    for connections in 1 32 500; do
        rate="$(lab_requests $connections 2)" || die "$1: failed requests at $connections connections"
        say "$1: axum, $connections connections: $rate requests a second"
        # One connection makes 23 with the delay of 44 ms that two writes for a response cost.
        awk -v rate="$rate" 'BEGIN { exit !(rate > 100) }' || die "$1: that is too slow"
    done
}

# used SECONDS: the server's CPU time in that time, in hundredths of a second.
used() {
    local before
    before="$(lab_cpu "$SERVER_PID")"
    sleep "$1"
    echo $(($(lab_cpu "$SERVER_PID") - before))
}

# idle NAME: CPU time without requests, with idle connections. Cleaning up after a load
# with many closed connections may take some seconds before.
idle() {
    local used fd fds=()
    for _ in $(seq 50); do
        exec {fd}<>"/dev/tcp/${SERVER_ADDRESS%:*}/${SERVER_ADDRESS##*:}"
        fds+=("$fd")
    done
    for _ in $(seq 10); do
        [ "$(used 0.5)" -gt 1 ] || break
    done
    used="$(used 3)"
    for fd in "${fds[@]}"; do exec {fd}>&-; done
    say "$1: $used hundredths of a second of CPU in 3 seconds with 50 idle connections"
    [ "$used" -le 3 ] || die "$1 is not idle"
}

# A request that is being served when the end is requested gets its response; then the
# program exits with success.
graceful_end() {
    local slow status=0
    fetch /slow >"$work/slow" &
    slow=$!
    for _ in $(seq 100); do
        ! grep -q '^slow has begun' "$work/output" || break
        sleep 0.05
    done
    grep -q '^slow has begun' "$work/output" || die "$1: the slow request does not arrive"
    expect "the end" "ending 202" "$(fetch -X POST /end)"
    wait "$slow" || die "$1: the slow request failed"
    expect "a request on its way" "slow but sure 200" "$(cat "$work/slow")"
    wait "$SERVER_PID" || status=$?
    expect "the status at the end" 0 "$status"
    expect "the last word" "all are served" "$(tail -n 1 "$work/output")"
    ! fetch / >"$work/body" 2>&1 || die "$1: the server has not ended"
}

# section LANGUAGE: the first block of a language in the README's section on axum.
section() {
    awk -v fence="^\`\`\`$1" '/^#/ && !inside { here = /axum/ } here && $0 ~ fence { inside = 1; next }
        inside && /^```$/ { exit } inside' "$ROOT_DIR/README.md"
}

# The README's program, with the entries for Cargo that stand there.
build_hello() {
    local package="$work/hello"
    mkdir -p "$package/src"
    printf '[package]\nname = "hello-axum"\nversion = "0.0.0"\nedition = "2021"\n\n' >"$package/Cargo.toml"
    section toml | sed "s#\.\./mio_wasi/#$ROOT_DIR/#" >>"$package/Cargo.toml"
    section rust >"$package/src/main.rs"
    cp Cargo.lock "$package/"
    cd "$package"
    cargo build --quiet --release --target wasm32-wasip1
    cargo tree --quiet --invert mio --depth 0 | grep -F "$ROOT_DIR/patch/mio-1)" >/dev/null ||
        die "the README's patch was not used"
}

say "building the consumers and the README's program"
cargo build --quiet --release --locked --target wasm32-wasip1
! grep -A 2 '^name = "mio"' Cargo.lock | grep -q source || die "the patch was not used"
(build_hello)

while read -r name wasmedge; do
    timeout 120 "$wasmedge" "$module" check </dev/null || die "$name: the checks failed or hung"
    lab_serve "$work/output" "$wasmedge" "$module" serve 0
    scripted_requests
    say "$name: all requests of the script got the expected responses"
    idle "$name, before any load"
    load "$name"
    idle "$name, after the load"
    graceful_end "$name"
    lab_serve "$work/output" "$wasmedge" "$hello" 127.0.0.1:0
    expect "the README's greeting" "Hello, ferris! 200" "$(fetch /hello/ferris)"
    expect "the README's sum" "42 200" "$(fetch -H 'Content-Type: application/json' --data '[40,2]' /sum)"
    lab_stop
    say "$name: axum, hyper and tokio of today work, and the README's program"
done <<<"$hosts"

[ "${1:-}" = --figures ] || exit 0
while read -r name wasmedge; do
    "$wasmedge" compile "$module" "$work/compiled.wasm" >"$work/log" 2>&1 || { cat "$work/log" >&2; die "$name: compile"; }
    mode=()
    ! "$wasmedge" --help | grep -q -- --run-mode || mode=(--run-mode aot)
    lab_serve "$work/output" "$wasmedge" "${mode[@]}" "$work/compiled.wasm" serve 0
    load "$name, compiled"
    idle "$name, compiled"
    lab_stop
done <<<"$hosts"
