#!/usr/bin/env bash
# The examples natively and in WasmEdge, each with a real client from outside.
#
#   ci/examples.sh wasip2   as components of preview 2 in wasmtime instead
#   ci/examples.sh jco      the same in Node, by jco
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

# The status line of the response to some bytes.
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
    expect "length with a sign" "HTTP/1.1 400 Bad Request" \
        "$(status_of 'POST /echo HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc')"
    # RFC 9112, section 6.3: fields of one name are one list, whose values must be equal.
    expect "two lengths" "HTTP/1.1 400 Bad Request" \
        "$(status_of 'POST /echo HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd')"
    expect "list of two lengths" "HTTP/1.1 400 Bad Request" \
        "$(status_of 'POST /echo HTTP/1.1\r\nContent-Length: 3, 4\r\n\r\nabcd')"
    expect "one length twice" "HTTP/1.1 200 OK" \
        "$(status_of 'POST /echo HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc')"
    expect "list of one length twice" "HTTP/1.1 200 OK" \
        "$(status_of 'POST /echo HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\nabc')"
    expect "list with an empty value" "HTTP/1.1 400 Bad Request" \
        "$(status_of 'POST /echo HTTP/1.1\r\nContent-Length: 3,\r\n\r\nabc')"
    expect "chunks" "HTTP/1.1 411 Length Required" \
        "$(status_of 'POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n')"
    expect "compressed chunks" "HTTP/1.1 501 Not Implemented" \
        "$(status_of 'POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n')"
    expect "length and chunks" "HTTP/1.1 400 Bad Request" \
        "$(status_of 'POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc')"
    expect "huge length" "HTTP/1.1 413 Content Too Large" \
        "$(status_of 'POST /echo HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n')"
    expect "request after these" "Hello from mio_wasi!" "$(curl -sS --max-time 5 "$url/")"
}

# Two clients of the chat: the lines of one reach the other.
check_chat() {
    local line
    exec 8<>"/dev/tcp/${SERVER_ADDRESS%:*}/${SERVER_ADDRESS##*:}"
    IFS= read -r -t 5 line <&8 || die "chat: no answer"
    expect "greeting of the chat" "welcome" "$line"
    exec 9<>"/dev/tcp/${SERVER_ADDRESS%:*}/${SERVER_ADDRESS##*:}"
    IFS= read -r -t 5 line <&8 || die "chat: no join is reported"
    expect "join of the second client" "* 2 has joined" "$line"
    # Unread, it would make the close below a reset, which discards the last line.
    IFS= read -r -t 5 line <&9 || die "chat: the second client has no answer"
    expect "greeting of the second client" "welcome" "$line"
    printf 'hello all\nand bye\n' >&9
    for wanted in "2: hello all" "2: and bye"; do
        IFS= read -r -t 5 line <&8 || die "chat: no line is passed on"
        expect "line of the second client" "$wanted" "$line"
    done
    printf 'last line\n' >&9
    exec 9>&-
    IFS= read -r -t 5 line <&8 || die "chat: the last line is lost"
    expect "line before the end of the second client" "2: last line" "$line"
    IFS= read -r -t 5 line <&8 || die "chat: no leave is reported"
    expect "leave of the second client" "* 2 has left" "$line"
    exec 8>&-
}

# check_client RUN PROGRAM: against a server that echoes, one that is stopped, and none.
check_client() {
    local status=0
    expect "client" "hello and bye" "$($1 "$2" "$SERVER_ADDRESS" "hello and bye" 5)"
    kill -STOP "$SERVER_PID"
    $1 "$2" "$SERVER_ADDRESS" hello 0.3 >"$work/client" 2>&1 || status=$?
    kill -CONT "$SERVER_PID"
    expect "client's status after a timeout" 1 "$status"
    grep -q 'timed out' "$work/client" || die "client: no timeout: $(cat "$work/client")"
    status=0
    $1 "$2" 127.0.0.1:1 hello 5 >"$work/client" 2>&1 || status=$?
    expect "client's status after a refusal" 1 "$status"
    grep -qi 'refused' "$work/client" || die "client: no refusal: $(cat "$work/client")"
    status=0
    $1 "$2" nonsense >"$work/client" 2>&1 || status=$?
    expect "client's status after bad arguments" "$usage_status" "$status"
    # On WASI the clock can hold it.
    [ -z "$1" ] || return 0
    status=0
    "$2" "$SERVER_ADDRESS" hello 1e19 >"$work/client" 2>&1 || status=$?
    expect "client's status after a timeout beyond the clock" 2 "$status"
}

# check_proxy RUN PROGRAM: HTTP through the proxy, to the server that runs.
check_proxy() {
    local target="$SERVER_ADDRESS" target_pid="$SERVER_PID"
    lab_serve "$work/proxy" $1 "$2" 127.0.0.1:0 "$target"
    check_http
    lab_stop
    SERVER_PID="$target_pid"
}

# check_unix RUN PROGRAM: curl's request is echoed.
check_unix() {
    local path="$work/echo.sock" echoed
    rm -f "$path"
    lab_serve "$work/output" $1 "$2" "$path"
    echoed="$(curl -s --http0.9 --max-time 1 --unix-socket "$path" http://echo/there || true)"
    expect "unix echo" "GET /there HTTP/1.1" "$(head -n 1 <<<"${echoed//$'\r'/}")"
    lab_stop
}

# check_all HOST RUN FOLDER EXTENSION OPTION: the examples in a folder, as RUN runs
# them; with the option where they need Unix sockets, `none` where there are none.
check_all() {
    local host="$1" run="$2" example
    for example in tcp_echo udp_echo http_on_wasi chat; do
        lab_serve "$work/output" $run "$3/$example$4" 127.0.0.1:0
        case $example in
        tcp_echo)
            for _ in 1 2 3; do echo_by tcp "hello over tcp"; done
            check_client "$run" "$3/tcp_client$4"
            ;;
        udp_echo) for _ in 1 2 3; do echo_by udp "hello over udp"; done ;;
        http_on_wasi)
            check_http
            check_proxy "$run" "$3/proxy$4"
            ;;
        chat) check_chat ;;
        esac
        lab_stop
        say "$host: $example answers"
    done
    if [ "$5" != none ]; then
        check_unix "$run $5" "$3/unix_echo$4"
        say "$host: unix_echo works"
    fi
    say "$host: tcp_client and proxy work"
    if $run "$3/tcp_echo$4" nonsense >"$work/output" 2>&1; then
        die "$host: a bad argument was accepted"
    fi
    grep -q '^usage: tcp_echo' "$work/output" || die "$host: no usage: $(cat "$work/output")"
}

usage_status=2
if [ $# -gt 0 ]; then
    # A component reports a failure to its host without its number.
    usage_status=1
    if [ "$1" = jco ]; then
        run="$(lab_jco)"
        host="node $(node --version)"
    else
        wasmtime="$(lab_wasmtime)"
        run="$wasmtime run -S inherit-network"
        host="$("$wasmtime" --version | cut -d ' ' -f 1,2)"
    fi
    lab_wasip2_target
    say "building the examples"
    cargo build --quiet --release --target wasm32-wasip2 --examples
    check_all "$host" "$run" "${CARGO_TARGET_DIR:-target}/wasm32-wasip2/release/examples" ".wasm" none
    exit
fi

say "building the examples"
cargo build --quiet --release --examples
check_all native "" "${CARGO_TARGET_DIR:-target}/release/examples" "" ""
lab_wasm_target
hosts="$(lab_wasi_hosts)"
cargo build --quiet --release --target wasm32-wasip1 --examples
while read -r name wasmedge; do
    check_all "$name" "$wasmedge" "${CARGO_TARGET_DIR:-target}/wasm32-wasip1/release/examples" ".wasm" --allow-af-unix
done <<<"$hosts"
