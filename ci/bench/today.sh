# Servers on today's tokio, hyper and axum (benches/servers), in wasmtime, in WasmEdge and
# natively, on this mio and on upstream's. Sourced by ci/bench_wasi.sh.
#
#   build_today STACK ROOT  the program on the mio in ROOT, or without ROOT on upstream's
#   serve_today             what `serve` is for these programs
#   p2                      the subset of that name: preview 2 in wasmtime
#   bounds                  the subset of that name: the same servers everywhere

# build_today STACK ROOT: natively and for both previews, as $work/today-STACK-TARGET.
build_today() {
    local stack="$1" root="$2" copy="$work/today-$1" target folder
    cp -r "$ROOT_DIR/benches/servers" "$copy"
    rm -rf "$copy/target"
    if [ -n "$root" ]; then
        sed -i "s#path = \"[./]*/patch/#path = \"$root/patch/#" "$copy/Cargo.toml"
    else
        sed -i '/^\[patch.crates-io\]/,/^$/d' "$copy/Cargo.toml"
    fi
    for target in native p1 p2; do
        # Upstream's has no sockets on preview 1.
        [ -n "$root" ] || [ $target != p1 ] || continue
        (
            unset RUSTC
            cd "$copy"
            export LAB_WASI_RUSTFLAGS="--cfg tokio_unstable" CARGO_TARGET_DIR="$native/today-$stack"
            case $target in
            p1) lab_wasm_target ;;
            p2) lab_wasip2_target ;;
            esac 2>/dev/null
            folder=release
            if [ $target = native ]; then
                cargo build --quiet --release
                cp "$CARGO_TARGET_DIR/release/mio-servers" "$copy-$target"
            else
                folder="wasm32-wasi$target/release"
                cargo build --quiet --release --target "wasm32-wasi$target"
                cp "$CARGO_TARGET_DIR/$folder/mio-servers.wasm" "$copy-$target"
            fi
        ) || die "$stack could not be built: $target"
    done
    say "$stack: $(grep -A 1 'name = "mio"' "$copy/Cargo.lock" | tr -d '\n')"
}

# serve_today STACK MODE JOB: starts a server.
serve_today() {
    local program="$work/today-$1" run
    case $2 in
    native) run=("$program-native") ;;
    wasmtime) run=("$wasmtime" run -S inherit-network "$program-p2") ;;
    interpreter) run=("$wasmedge" "$program-p1") ;;
    compiled)
        [ -e "$program-p1.so" ] || "$wasmedge" compile "$program-p1" "$program-p1.so" >"$work/compile" 2>&1 ||
            { cat "$work/compile" >&2; die "$program could not be compiled"; }
        run=("$wasmedge")
        [[ "$help" != *run-mode* ]] || run+=(--run-mode aot)
        run+=("$program-p1.so")
        ;;
    esac
    lab_serve "$work/output" "${wrap[@]}" "${run[@]}" "$3" 127.0.0.1:0
}

# Preview 2 in wasmtime.
p2() {
    local serve=serve_today
    in_turns p2-echo wasmtime "${today[*]}" echo echo busy=1,32 idle=0,500,2000
    in_turns p2-cold100 wasmtime "${today[*]}" echo echo busy=32 idle=1967 cold=100
    in_turns p2-hyper wasmtime "${today[*]}" hyper http busy=1,32 idle=0,500
}

# The same servers everywhere: upstream's mio natively is what the others are compared to.
bounds() {
    local serve=serve_today round job mode
    for job in hyper axum; do
        for round in $(seq "$rounds"); do
            measure "$job" "$round" upstream native $job http busy=1,32 "seconds=$seconds"
            for mode in ${modes:-native interpreter compiled wasmtime}; do
                measure "$job" "$round" ours "$mode" $job http busy=1,32 "seconds=$seconds"
            done
        done
    done
}
