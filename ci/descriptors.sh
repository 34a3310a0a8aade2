#!/usr/bin/env bash
# The tests about exhausted descriptors, natively and in each WasmEdge, in
# processes that may have only 60.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"

# each NAME COMMAND..: every such test in a process of its own.
each() {
    local name="$1" test tests
    shift
    tests="$("$@" --list --ignored descriptors:: </dev/null | sed -n 's/: test$//p')"
    [ -n "$tests" ] || die "$name: no such tests"
    for test in $tests; do
        say "$name: $test"
        (ulimit -n 60 && "$@" --ignored --exact "$test" --nocapture --test-threads=1 </dev/null)
    done
}

suite="$(lab_suite)"
each native "$suite"
lab_wasm_target
module="$(lab_suite --target wasm32-wasip1)"
hosts="$(lab_wasi_hosts)"
while read -r name wasmedge; do
    each "$name" "$wasmedge" "$module"
done <<<"$hosts"
