#!/usr/bin/env bash
# Standard input in WasmEdge: a pipe is watched, a regular file and /dev/null are
# refused.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
lab_wasm_target
hosts="$(lab_wasi_hosts)"
suite="$(lab_suite --target wasm32-wasip1)"
[ -n "$suite" ] || die "the suite was not built"

# check KIND: the test, with the kind of its input.
check() {
    "$wasmedge" --env "MIO_STDIN=$1" "$suite" --ignored --exact --nocapture \
        wasi_source_fd::standard_input_is_watched_or_refused >"$work/output" 2>&1 ||
        { cat "$work/output" >&2; die "$name: standard input as a $1"; }
    grep -q '1 passed' "$work/output" || { cat "$work/output" >&2; die "$name: the test did not run"; }
}

echo hello >"$work/file"
while read -r name wasmedge <&3; do
    # In two parts, so that it is idle, readable, idle, readable and closed.
    { sleep 0.3; echo first; sleep 0.3; echo second; } | check pipe
    check file <"$work/file"
    check null </dev/null
    say "$name: standard input as a pipe is watched, as a file and as /dev/null refused"
done 3<<<"$hosts"
