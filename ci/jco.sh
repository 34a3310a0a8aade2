#!/usr/bin/env bash
# Components of WASI preview 2 in a second host: Node, by the packages of jco. Unit tests, the
# suite and the examples; what jco can't do is listed in jco_failures.txt, and fails here when
# it is not so any more. Arguments are passed on to the suite instead, and leave out the rest.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
LIMIT=60 # seconds for one test
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
run="$(lab_jco)" || { say "skipped: jco could not be had from npm"; exit 0; }
for package in jco-transpile preview2-shim; do
    say "$package $(sed -n 's/^ *"version": "\(.*\)",$/\1/p' "$MIO_LAB/jco/node_modules/@bytecodealliance/$package/package.json")," \
        "node $(node --version)"
done
lab_wasip2_target

say "building unit tests and suite"
cargo test --no-run --release --target wasm32-wasip2 --all-features --lib --test suite >"$work/build" 2>&1 ||
    { cat "$work/build" >&2; die "the tests don't build"; }
programs="$(sed -n 's/.*Executable .*(\(.*\))$/\1/p' "$work/build")"
[ "$(wc -l <<<"$programs")" = 2 ] || die "cargo names no two programs"
suite="$(tail -n 1 <<<"$programs")"
if [ $# -gt 0 ]; then
    $run "$suite" --nocapture "$@"
    exit
fi

listed="$(sed -n 's/^\([a-z0-9_:]*\) .*/\1/p' ci/jco_failures.txt)"
skip=()
for test in $listed; do
    skip+=(--skip "$test")
done
say "unit tests"
timeout 300 $run "$(head -n 1 <<<"$programs")" --format=terse
say "the suite without what is listed"
timeout 300 $run "$suite" --nocapture --format=terse --exact "${skip[@]}"

say "what is listed"
# Two at a time: most wait for an event that doesn't come.
fails() { ! timeout "$2" $3 "$4" --exact "$1" >/dev/null 2>&1 || echo "$1"; }
export -f fails
$run "$suite" --list 2>/dev/null | sed -n 's/: test$//p' | sort >"$work/all"
always="$(sed -n '/ sometimes: /d; s/^\([a-z0-9_:]*\) .*/\1/p' ci/jco_failures.txt)"
for test in $listed; do
    grep -qx "$test" "$work/all" || die "ci/jco_failures.txt names a test that is not there: $test"
done
passed="$(xargs -P 2 -I '{}' bash -c 'fails "$@"' fails '{}' "$LIMIT" "$run" "$suite" <<<"$always")"
[ -z "$passed" ] || die "jco can do now, take it off ci/jco_failures.txt: $passed"
say "$(wc -l <<<"$always") tests fail, as listed"

ci/examples.sh jco
