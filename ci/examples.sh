#!/usr/bin/env bash
# The examples natively and in WasmEdge, each with a real client from outside.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
lab_program curl curl
work="$(mktemp -d)"
trap 'rm -rf "$work"; kill $(jobs -p) 2>/dev/null || true' EXIT

# expect WHAT WANTED GOT
expect() {
    [ "$2" = "$3" ] || die "$1: expected '$2', got '$3'"
}

# A message there and back, on a connection of bash's own. $1 is tcp or udp.
echo_by() {
    local protocol="$1" message="$2" answer
    exec 9<>"/dev/$protocol/${SERVER_ADDRESS%:*}/${SERVER_ADDRESS##*:}"
    printf '%s' "$message" >&9
    IFS= read -r -t 5 -N "${#message}" answer <&9 || die "$protocol: no answer"
    exec 9>&-
    expect "$protocol echo" "$message" "$answer"
}

# What the server answers to some bytes: the status line.
status_of() {
    exec 9<>"/dev/tcp/${SERVER_ADDRESS%:*}/${SERVER_ADDRESS##*:}"
    printf "$1" >&9
    local line
    IFS= read -r -t 5 line <&9 || line="no answer"
    exec 9>&-
    printf '%s' "${line%$'\r'}"
}

check_http() {
    local url="http://$SERVER_ADDRESS" large="$work/large"
    expect "GET /" "Hello from mio_wasi!" "$(curl -sS --max-time 5 "$url/")"
    expect "POST /echo" "some data" "$(curl -sS --max-time 5 --data 'some data' "$url/echo")"
    head -c 900000 /dev/urandom >"$large"
    expect "POST of 900,000 bytes" "$(cksum <"$large")" \
        "$(curl -sS --max-time 20 --data-binary "@$large" -H 'Expect:' "$url/echo" | cksum)"
    expect "GET /missing" "404" "$(curl -sS --max-time 5 -o /dev/null -w '%{http_code}' "$url/missing")"
    expect "HEAD /" "200" "$(curl -sS --max-time 5 -I -o /dev/null -w '%{http_code}' "$url/")"
    expect "two requests on one connection" "1 0" \
        "$(curl -sS --max-time 5 -o /dev/null -o /dev/null -w '%{num_connects} ' "$url/" "$url/" | sed 's/ $//')"
    expect "garbage" "HTTP/1.1 400 Bad Request" "$(status_of 'no http at all\r\n\r\n')"
    expect "binary garbage" "HTTP/1.1 400 Bad Request" "$(status_of '\377\376\000\001\r\n\r\n')"
    expect "bad length" "HTTP/1.1 400 Bad Request" \
        "$(status_of 'POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n')"
    expect "huge length" "HTTP/1.1 413 Content Too Large" \
        "$(status_of 'POST /echo HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n')"
    expect "still alive" "Hello from mio_wasi!" "$(curl -sS --max-time 5 "$url/")"
}

# run NAME COMMAND..: an example by its name, with an address behind.
check_all() {
    local host="$1" run="$2" example
    for example in tcp_echo udp_echo http_on_wasi; do
        lab_serve "$work/output" $run "$3/$example$4" 127.0.0.1:0
        case $example in
        tcp_echo) for _ in 1 2 3; do echo_by tcp "hello over tcp"; done ;;
        udp_echo) for _ in 1 2 3; do echo_by udp "hello over udp"; done ;;
        http_on_wasi) check_http ;;
        esac
        lab_stop
        say "$host: $example answers"
    done
    if $run "$3/tcp_echo$4" nonsense >"$work/output" 2>&1; then
        die "$host: a bad argument was accepted"
    fi
    grep -q '^usage: tcp_echo' "$work/output" || die "$host: no usage: $(cat "$work/output")"
}

say "building the examples"
cargo build --quiet --release --examples
check_all native "" "${CARGO_TARGET_DIR:-target}/release/examples" ""
lab_wasm_target
hosts="$(lab_wasi_hosts)"
cargo build --quiet --release --target wasm32-wasip1 --examples
while read -r name wasmedge; do
    check_all "$name" "$wasmedge" "${CARGO_TARGET_DIR:-target}/wasm32-wasip1/release/examples" ".wasm"
done <<<"$hosts"
