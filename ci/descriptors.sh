#!/usr/bin/env bash
# The tests about running out of descriptors, natively and in each WasmEdge, in
# processes that may have only 60.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"

# each NAME COMMAND..: every such test in a process of its own.
each() {
    local name="$1" test
    shift
    for test in $("$@" --list --ignored descriptors:: 2>/dev/null | sed -n 's/: test$//p'); do
        say "$name: $test"
        (ulimit -n 60 && "$@" --ignored --exact "$test" --nocapture --test-threads=1)
    done
}

each native "$(lab_suite)"
lab_wasm_target
module="$(lab_suite --target wasm32-wasip1)"
while read -r name wasmedge; do
    each "$name" "$wasmedge" "$module"
done <<<"$(lab_wasi_hosts)"
