#!/usr/bin/env bash
# tokio's own tests of TCP, UDP, named pipes and processes for Windows, run under Wine
# with the package `mio` of `patch/mio-1`.
#
#   ci/wine_tokio_tests.sh              fails when a test fails that is not listed below
#   ci/wine_tokio_tests.sh --compare    runs them with crates.io's mio too, in the same run
#
# The newest tokio 1 comes with its tests from cargo's registry and is copied into a
# workspace below the target folder. Each test file has a time limit of its own.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
case "${1:-}" in
"") kinds=(ours) ;;
--compare) kinds=(ours upstream) ;;
*) die "usage: ci/wine_tokio_tests.sh [--compare]" ;;
esac

LIMIT=60 # seconds for one test file
FEATURES=full,test-util
# Tests that fail under Wine whichever mio is below: "FILE::TEST reason".
EXPECTED_FAILURES=(
    "udp::send_to_recv_closed_returns_err Linux, below Wine, reports a refused datagram to connected sockets only"
)

lab_windows_target
lab_wine_prefix
# The same folder each time, so that cargo builds only what has changed.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}"
work="$CARGO_TARGET_DIR/wine_tokio_tests"
rm -rf "$work"
mkdir -p "$work"
trap 'wineserver -k || true' EXIT

# newest_tokio: unpacks the newest tokio 1 into cargo's registry and prints its folder.
newest_tokio() {
    mkdir -p "$work/newest/src"
    : >"$work/newest/src/lib.rs"
    printf '[package]\nname = "newest"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\ntokio = "1"\n[workspace]\n' \
        >"$work/newest/Cargo.toml"
    (cd "$work/newest" && cargo metadata --quiet --format-version 1 --filter-platform "$LAB_WINDOWS") |
        grep -o '"manifest_path":"[^"]*/tokio-1\.[^"/]*/Cargo.toml"' | head -n 1 | cut -d '"' -f 4 | xargs dirname
}

# build KIND: builds the test files and sets `programs` to "FILE PATH" lines.
build() {
    local folder="$work/$1" log="$work/$1.build" file
    local tests=()
    mkdir "$folder"
    cp -rp "$tokio" "$folder/tokio"
    printf '[workspace]\nmembers = ["tokio"]\nresolver = "2"\n[patch.crates-io]\ntokio = { path = "tokio" }\n' >"$folder/Cargo.toml"
    [ "$1" = upstream ] || printf 'mio = { path = "%s/patch/mio-1" }\n' "$ROOT_DIR" >>"$folder/Cargo.toml"
    for file in "$folder"/tokio/tests/{tcp_*,net_*,udp,process_*}.rs; do
        tests+=(--test "$(basename "$file" .rs)")
    done
    say "building $(basename "$tokio")'s tests with mio: $1"
    (cd "$folder" && "${CARGO[@]}" test --no-run -p tokio --features "$FEATURES" ${STD[@]+"${STD[@]}"} \
        --target "$LAB_WINDOWS" "${tests[@]}") >"$log" 2>&1 || { tail -n 40 "$log"; die "tokio's tests don't build"; }
    programs="$(sed -n 's#^ *Executable tests/\(.*\)\.rs (\(.*\))$#\1 \2#p' "$log")"
    [ -n "$programs" ] || die "cargo names no test programs"
    # The package that the tests were really built with.
    (cd "$folder" && "${CARGO[@]}" tree --quiet -p tokio --features "$FEATURES" --invert mio --depth 0 --target "$LAB_WINDOWS") |
        tee "$work/$1.mio" >&2
    [ "$1" = upstream ] || grep -qF "$ROOT_DIR/patch/mio-1" "$work/$1.mio" || die "the patch was not used"
}

# run_files KIND: runs each program, and writes "FILE::TEST passed|failed" lines to
# $work/KIND.results. A test without a result when the limit is over has failed.
run_files() {
    local file program log status
    : >"$work/$1.results"
    while read -r file program; do
        log="$work/$1.$file.log" status=0
        "$ROOT_DIR/ci/wine/run.sh" "$program" --list >"$work/listed" </dev/null || die "$file can't be started under Wine"
        tr -d '\r' <"$work/listed" | sed -n 's/: test$//p' >"$work/list"
        # Files for other systems are empty here.
        [ -s "$work/list" ] || continue
        timeout --kill-after=5 "$LIMIT" "$ROOT_DIR/ci/wine/run.sh" "$program" >"$log" 2>&1 </dev/null || status=$?
        tr -d '\r' <"$log" | sed -n 's/ - should panic / /; s/^test \(.*\) \.\.\. \(ok\|FAILED\|ignored.*\)$/\1 \2/p' |
            awk -v file="$file" 'NR == FNR { result[$1] = $2; next }
                result[$1] !~ /^ignored/ { print file "::" $1, (result[$1] == "ok" ? "passed" : "failed") }' - "$work/list" \
                >"$work/file"
        cat "$work/file" >>"$work/$1.results"
        awk -v kind="$1" -v file="$file" -v late="$([ "$status" = 124 ] && echo ", stopped after $LIMIT s" || true)" '{ n[$2]++ }
            END { printf "%s: %s: %d passed, %d failed%s\n", kind, file, n["passed"], n["failed"], late }' "$work/file"
    done <<<"$programs"
    [ -s "$work/$1.results" ] || die "no test ran"
}

tokio="$(newest_tokio)"
for kind in "${kinds[@]}"; do
    build "$kind"
    run_files "$kind"
done
for kind in "${kinds[@]}"; do
    awk -v kind="$kind" '{ n[$2]++ } END { printf "total with mio %s: %d passed, %d failed\n", kind, n["passed"], n["failed"] }' "$work/$kind.results"
done

# A failed test has to be listed. A listed test has to exist, and is reported when it passes.
bad=0
: >"$work/expected"
for entry in ${EXPECTED_FAILURES[@]+"${EXPECTED_FAILURES[@]}"}; do
    name="${entry%% *}"
    printf '%s\n' "$name" >>"$work/expected"
    case "$(awk -v name="$name" '$1 == name { print $2 }' "$work/ours.results")" in
    failed) echo "fails under Wine as listed: $entry" ;;
    passed) say "listed as failing, but passes: $name" ;;
    *) say "listed, but tokio has no such test: $name" && bad=1 ;;
    esac
    if [ -e "$work/upstream.results" ] && ! grep -qx "$name failed" "$work/upstream.results"; then
        say "listed, but passes with crates.io's mio: $name" && bad=1
    fi
done
while read -r name _; do
    grep -qx "$name" "$work/expected" && continue
    file="${name%%::*}"
    say "failed: $name$(grep -qsx "$name failed" "$work/upstream.results" && echo ", with crates.io's mio too" || true)"
    tr -d '\r' <"$work/ours.$file.log" | grep -A 8 -F -e "---- ${name#*::} stdout" >&2 || true
    bad=1
done < <(grep ' failed$' "$work/ours.results" || true)
[ "$bad" = 0 ] || die "tokio's tests under Wine"
