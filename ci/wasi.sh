#!/usr/bin/env bash
# The suite inside WasmEdge: clippy for the target, then every test in debug and in
# release on each host. Arguments are passed on to the test binary.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
lab_wasm_target
hosts="$(lab_wasi_hosts)"

say "clippy for wasm32-wasip1"
for features in "--all-features --all-targets" "--no-default-features" "--no-default-features --features net" \
    "--no-default-features --features os-ext"; do
    # shellcheck disable=SC2086 # the features are several words
    CLIPPY_CONF_DIR="$ROOT_DIR/ci" lab_wasm_clippy --quiet $features ||
        die "clippy for wasm32-wasip1 with: $features"
done

while read -r name wasmedge; do
    for profile in dev release; do
        say "suite on $name, $profile"
        # One test that fails ends the module, so what it printed must be seen.
        CARGO_TARGET_WASM32_WASIP1_RUNNER="$wasmedge" cargo test --quiet --profile "$profile" \
            --target wasm32-wasip1 --all-features --test suite -- --nocapture --format=terse "$@" </dev/null
    done
done <<<"$hosts"
