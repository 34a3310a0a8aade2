#!/usr/bin/env bash
# The random operations of the suite on each backend: epoll, poll(2), kqueue (emulated), Windows
# (Wine), each WasmEdge, and wasmtime (preview 2).
#
#   ci/random_ops.sh [SEEDS] [STEPS] [BACKENDS]      e.g. ci/random_ops.sh 50 10000 poll wine
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
export MIO_RANDOM_SEEDS="${1:-50}" MIO_RANDOM_STEPS="${2:-10000}"
only=("${@:3}")
target="${CARGO_TARGET_DIR:-$ROOT_DIR/target}"
work="$(mktemp -d /tmp/mio.XXXXXX)"
trap 'rm -rf "$work"' EXIT
is_wanted() { [ ${#only[@]} = 0 ] || [[ " ${only[*]} " == *" $1 "* ]]; }

# run NAME COMMAND..: one run of a suite's binary.
run() {
    local name="$1" counts
    is_wanted "$name" || return 0
    shift
    timeout --kill-after=10 1800 "$@" random_operations --nocapture >"$work/log" 2>&1 </dev/null ||
        { tail -n 130 "$work/log" >&2; die "$name: the random operations failed"; }
    # Behind the name of the test, where output is not captured.
    counts="$(grep -oE 'seeds [0-9]+\.\..*' "$work/log")" || { cat "$work/log" >&2; die "$name: nothing was run"; }
    echo "$name: $counts"
}

run epoll "$(lab_suite)"
if is_wanted poll; then
    flags="--cfg mio_unsupported_force_poll_poll"
    run poll "$(RUSTFLAGS="$flags" CARGO_TARGET_DIR="$target/mio_unsupported_force_poll_poll" lab_suite)"
fi
if is_wanted kqueue; then
    CARGO_TARGET_DIR="$target/kqueue" cargo build --quiet --release --manifest-path ci/kqueue/Cargo.toml
    library="$target/kqueue/release"
    flags="--cfg mio_unsupported_force_kqueue -L native=$library -C link-arg=-lkqueue_emulation"
    suite="$(RUSTFLAGS="$flags" CARGO_TARGET_DIR="$target/mio_unsupported_force_kqueue" lab_suite)"
    LD_LIBRARY_PATH="$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" run kqueue "$suite"
fi

# In subshells: each target sets the environment for cargo.
settings=(--env "MIO_RANDOM_SEEDS=$MIO_RANDOM_SEEDS" --env "MIO_RANDOM_STEPS=$MIO_RANDOM_STEPS")
hosts="$(lab_wasi_hosts)"
while read -r name wasmedge; do
    is_wanted "$name" || continue
    suite="$(lab_wasm_target && lab_suite --target wasm32-wasip1)"
    run "$name" "$wasmedge" --allow-af-unix --dir "$work:$work" --env "TMPDIR=$work" "${settings[@]}" "$suite"
done <<<"$hosts"
if is_wanted wasmtime; then
    wasmtime="$(lab_wasmtime)"
    suite="$(lab_wasip2_target && lab_suite --target wasm32-wasip2)"
    run wasmtime "$wasmtime" run -S inherit-network "${settings[@]}" "$suite"
fi
if is_wanted wine; then
    lab_windows_target
    lab_wine_prefix
    "${CARGO[@]}" test ${STD[@]+"${STD[@]}"} --target "$LAB_WINDOWS" --no-run --release --all-features --test suite \
        >"$work/build" 2>&1 || { cat "$work/build" >&2; die "the suite could not be built for Windows"; }
    run wine ci/wine/run.sh "$(sed -n 's/.*Executable .*(\(.*\))$/\1/p' "$work/build")"
fi
