#!/usr/bin/env bash
# Today's clients, unmodified, with the tokio that ports/ prepares: built for WebAssembly and
# run in each WasmEdge, against real servers on loopback, which are installed when they are
# missing.
#
#   ci/clients.sh              the four cheapest
#   ci/clients.sh all          all of them
#   ci/clients.sh NAME..       some, by the folders of ci/consumers/clients
#   ci/clients.sh native NAME..   the same programs natively, on this repository's mio
#   ci/clients.sh rate         measures reqwest with 64 tasks, interpreted and compiled
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
. "$(dirname "${BASH_SOURCE[0]}")/servers.sh"
ALL=(sockets websocket redis hyper reqwest tonic nats sqlx mysql)
# These need a newer compiler than rustc 1.85, which Debian has std for: sqlx 0.9 is for 1.94,
# mysql_common 0.37 is written in what 1.88 brought, and mysql_async 0.36 needs socket2 0.5,
# which has no WASI.
NEWER=(sqlx mysql)
CHEAP=(sockets websocket redis reqwest)
PROJECT="$ROOT_DIR/ci/consumers/clients"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}/clients"
native=no rate=no
if [ "${1:-}" = native ]; then
    native=yes
    shift
fi
case "${1:-}" in
    "") names=("${CHEAP[@]}") ;;
    rate) rate=yes names=(reqwest) ;;
    all) names=("${ALL[@]}") ;;
    *) names=("$@") ;;
esac
for name in "${names[@]}"; do
    [[ " ${ALL[*]} " = *" $name "* ]] || die "no client $name: there are ${ALL[*]}"
done

work="$(mktemp -d)"
trap 'servers_end; rm -rf "$work"' EXIT
servers_begin "$work"

# Starts the server that a client needs, unless it runs, and sets ARGUMENTS.
serve_for() {
    case "$1" in
        reqwest)
            [ -n "${NGINX_ADDRESS:-}" ] || server_nginx
            ARGUMENTS=("$NGINX_ADDRESS" "$NGINX_TLS_ADDRESS" "$AUTHORITY") ;;
        redis)
            [ -n "${REDIS_ADDRESS:-}" ] || server_redis
            ARGUMENTS=("$REDIS_ADDRESS") ;;
        sqlx)
            [ -n "${POSTGRES_ADDRESS:-}" ] || server_postgres
            ARGUMENTS=("$POSTGRES_ADDRESS") ;;
        mysql)
            [ -n "${MARIADB_ADDRESS:-}" ] || server_mariadb
            ARGUMENTS=("$MARIADB_ADDRESS") ;;
        nats)
            [ -n "${NATS_ADDRESS:-}" ] || server_nats
            ARGUMENTS=("$NATS_ADDRESS") ;;
        *) ARGUMENTS=() ;;
    esac
}

# run_client HOST NAME COMMAND..: one client, whose checks have to be all of its source.
run_client() {
    local host="$1" name="$2" output="$work/$2.output" started=$SECONDS passed wanted
    shift 2
    timeout 180 "$@" "${ARGUMENTS[@]}" >"$output" 2>&1 </dev/null ||
        { cat "$output" >&2; die "$host: $name failed, or hangs"; }
    passed="$(grep -c '^ok: ' "$output")" wanted="$(grep -c ' check(' "$PROJECT/$name/src/main.rs")"
    [ "$passed" -ge "$wanted" ] || { cat "$output" >&2; die "$host: $name ran $passed checks of $wanted"; }
    say "$host: $name: $passed checks passed in $((SECONDS - started)) s"
}

if [ "$native" = yes ]; then
    for name in "${names[@]}"; do
        (cd "$PROJECT" && cargo build --quiet --release --locked -p "client-$name")
        serve_for "$name"
        run_client native "$name" "$CARGO_TARGET_DIR/release/client-$name"
    done
    exit 0
fi

# Prepared as a user does it, in a copy that stays where it is: its path is part of what
# cargo has built.
mkdir -p "$CARGO_TARGET_DIR/project"
cp -rp "$PROJECT/." "$CARGO_TARGET_DIR/project/"
cd "$CARGO_TARGET_DIR/project"
# The patch of the native programs is made by the tool here.
sed -i '/^\[patch.crates-io\]/,$d' Cargo.toml
# In the folder of the tool, as ports/README.md says.
(cd "$ROOT_DIR/ports" && CARGO_TARGET_DIR="$CARGO_TARGET_DIR/ports" cargo run --quiet --locked -- --project "$OLDPWD")
lab_wasm_target
hosts="$(lab_wasi_hosts)"
CARGO=(cargo) STD=()

# build_client NAME: builds a client and prints the path of its module.
build_client() {
    [[ " ${NEWER[*]} " != *" $1 "* ]] || lab_newer_wasm_target
    "${CARGO[@]}" build --quiet --release --target wasm32-wasip1 ${STD[@]+"${STD[@]}"} -p "client-$1" >&2
    echo "$CARGO_TARGET_DIR/wasm32-wasip1/release/client-$1.wasm"
}

if [ "$rate" = yes ]; then
    # With the optimizations that a user has.
    export CARGO_PROFILE_RELEASE_OPT_LEVEL=3
    module="$(build_client reqwest)"
    serve_for reqwest
    while read -r host wasmedge; do
        run=() help="$("$wasmedge" --help 2>&1)" || true
        # What newer hosts call it; older ones need no word.
        [[ "$help" != *run-mode* ]] || run=(--run-mode aot)
        "$wasmedge" compile "$module" "$work/compiled.so" >"$work/compile.log" 2>&1 ||
            { cat "$work/compile.log" >&2; die "$host: the module can't be compiled"; }
        for kind in interpreted compiled; do
            program=("$module")
            [ "$kind" = interpreted ] || program=("${run[@]}" "$work/compiled.so")
            # The median of three.
            for _ in 1 2 3; do
                timeout 120 "$wasmedge" "${program[@]}" "$NGINX_ADDRESS" rate </dev/null
            done >"$work/rates" || die "$host: $kind: the measurement failed"
            sort -t: -k3 -n "$work/rates" | sed -n "2s/^rate/$host, $kind/p"
        done
    done <<<"$hosts"
    exit 0
fi

for name in "${names[@]}"; do
    # In a subshell, since a newer compiler changes the environment.
    module="$(build_client "$name")"
    serve_for "$name"
    while read -r host wasmedge; do
        run_client "$host" "$name" "$wasmedge" --dir "$work:$work" "$module"
    done <<<"$hosts"
done
