#!/usr/bin/env bash
# Components of WASI preview 2 in wasmtime: clippy for the target, every test in debug
# and in release, a host that gives no network, the examples, today's tokio, and unsent bytes
# at the end of a program.
# Arguments are passed on to the test binary, and leave out the rest. The newest wasmtime runs
# them; `WASMTIME_VERSION=36 ci/wasip2.sh` takes another one.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
wasmtime="$(lab_wasmtime)"
say "$("$wasmtime" --version)"
lab_wasip2_target
work="$(mktemp -d)"
trap 'rm -rf "$work"; kill $(jobs -p) 2>/dev/null || true' EXIT

# The crate of preview 1's functions would put them among a component's imports.
! cargo tree --quiet --target wasm32-wasip2 --all-features --edges normal | grep -q '[[:space:]]wasi v' ||
    die "preview 1's functions are imported"

say "clippy for wasm32-wasip2"
for features in "--all-features --all-targets" "--no-default-features" "--no-default-features --features net" \
    "--no-default-features --features os-ext"; do
    # shellcheck disable=SC2086 # the features are several words
    CLIPPY_CONF_DIR="$ROOT_DIR/ci" lab_wasm_clippy --quiet $features ||
        die "clippy for wasm32-wasip2 with: $features"
done

export CARGO_TARGET_WASM32_WASIP2_RUNNER="$wasmtime run -S inherit-network"
for profile in dev release; do
    say "unit tests and suite in wasmtime, $profile"
    # A failed test ends the component, so its output must not be captured.
    cargo test --quiet --profile "$profile" --target wasm32-wasip2 --all-features --lib --test suite -- \
        --nocapture --format=terse "$@" </dev/null
done
[ $# = 0 ] || exit 0

say "a host that gives no network"
CARGO_TARGET_WASM32_WASIP2_RUNNER="$wasmtime run" cargo test --quiet --release --target wasm32-wasip2 \
    --all-features --test suite -- --nocapture --format=terse --ignored without_network </dev/null

ci/examples.sh wasip2

say "today's tokio"
cd ci/consumers/tokio_p2
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}/consumers"
CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS="${CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS:-} --cfg tokio_unstable" \
    cargo build --quiet --release --locked --target wasm32-wasip2
cargo tree --quiet --target wasm32-wasip2 --invert mio --depth 0 | grep -F "$ROOT_DIR/patch/mio-1" >/dev/null ||
    die "the patch was not used"
component="$CARGO_TARGET_DIR/wasm32-wasip2/release/tokio-p2-consumer.wasm"
timeout 120 "$wasmtime" run -S inherit-network "$component" check
lab_serve "$work/output" "$wasmtime" run -S inherit-network "$component" server 127.0.0.1:0
timeout 120 "$wasmtime" run -S inherit-network "$component" client "$SERVER_ADDRESS" 100
lab_stop
say "tokio's server and 100 connections of its client, each in a wasmtime of its own, work"

say "unsent bytes at the end of a program"
# Its peer begins to read when the program is about to end.
cat >"$work/sink.py" <<'SINK'
import socket, time
listener = socket.create_server(("127.0.0.1", 0))
print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
stream, _ = listener.accept()
time.sleep(0.3)
count = 0
while data := stream.recv(65536):
    count += len(data)
print(f"received {count} bytes", flush=True)
SINK
lab_serve "$work/received" python3 "$work/sink.py"
sent="$(timeout 120 "$wasmtime" run -S inherit-network "$component" send "$SERVER_ADDRESS")"
wait "$SERVER_PID"
[ "received ${sent#sent }" = "$(tail -n 1 "$work/received")" ] ||
    die "$sent, but $(tail -n 1 "$work/received")"
say "$sent, and all of them have arrived"
