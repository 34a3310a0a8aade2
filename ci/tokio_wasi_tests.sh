#!/usr/bin/env bash
# tokio's own tests of TCP, UDP, names, I/O, time and runtimes for wasm32-wasip1, on the tokio
# that ports/ prepares, in each WasmEdge.
#
#   ci/tokio_wasi_tests.sh           fails when the tests that fail are not those that are listed
#   ci/tokio_wasi_tests.sh FILE..    some of tokio's test files, by their names
#
# The newest tokio 1 comes with its tests from cargo's registry, and the copy below the target
# folder is tested. The tests that it leaves out on WASI for what is there now are put back in.
# A test that fails ends its program, since panics abort: the rest runs in the next one.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"

LIMIT=60 # seconds for one program
FEATURES=full,test-util
# Lines "FILE::TEST reason".
LISTED="$ROOT_DIR/ci/tokio_wasi_failures.txt"
# Files that tokio leaves out on all of WASI, or in parts, without a need for it here.
LEFT_OUT=(tcp_connect tcp_into_split tcp_socket udp net_lookup_host net_panic io_copy_bidirectional rt_busy_tick
    rt_handle rt_metrics)
# Half a million reads, which take an interpreter a minute or more.
SKIPPED=(io_read_to_end::read_to_end_doesnt_grow_with_capacity)

export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}/tokio_wasi_tests"
# Modules without debug information start faster, and some tests are long in an interpreter.
export CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_DEV_OPT_LEVEL=1
project="$CARGO_TARGET_DIR/project"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# Writes the project, with the members of its workspace.
write_project() {
    mkdir -p "$project/src"
    : >"$project/src/lib.rs"
    cat >"$project/Cargo.toml" <<MANIFEST
[package]
name = "tokio_wasi_tests"
version = "0.0.0"
edition = "2021"
rust-version = "1.85"
[dependencies]
tokio = { version = "1", features = ["full", "test-util"] }
[workspace]
members = [$1]
resolver = "3"
MANIFEST
}

say "the port tool"
rm -rf "$project"
write_project ""
(cd "$ROOT_DIR/ports" && CARGO_TARGET_DIR="$CARGO_TARGET_DIR/ports" cargo run --quiet --locked -- --project "$project")
cd "$project"
tokio="$(ls -d .mio_wasi/tokio-*)"
write_project "\"$tokio\""
# What tokio leaves out on preview 1 alone, and tests that are ignored on WASI.
sed -i 's/not(all(target_os = "wasi", target_env = "p1"))/all()/
    /^ *#\[cfg_attr(target_os = "wasi", ignore = .*)\]$/d' "$tokio"/tests/*.rs
for file in "${LEFT_OUT[@]}"; do
    sed -i 's/not(target_os = "wasi")/all()/' "$tokio/tests/$file.rs"
done

lab_wasm_target
hosts="$(lab_wasi_hosts)"
say "building $(basename "$tokio")'s tests"
if [ $# = 0 ]; then
    files=("$tokio"/tests/{tcp_*,udp,net_*,io_*,time_*,rt_*}.rs)
else
    files=("$@")
fi
tests=()
for file in "${files[@]}"; do
    tests+=(--test "$(basename "$file" .rs)")
done
cargo test --no-run -p tokio --features "$FEATURES" --target wasm32-wasip1 "${tests[@]}" >"$work/build" 2>&1 ||
    { tail -n 40 "$work/build" >&2; die "tokio's tests don't build"; }
programs="$(sed -n 's#^ *Executable tests/\(.*\)\.rs (\(.*\))$#\1 \2#p' "$work/build")"
[ -n "$programs" ] || die "cargo names no test programs"

# run_file HOST WASMEDGE FILE PROGRAM: appends "FILE::TEST passed|failed|hangs" to
# $work/HOST.results.
run_file() {
    local host="$1" wasmedge="$2" file="$3" program="$4" left log="$work/$1.$3.log" outcome status name
    : >"$log"
    mapfile -t left < <(timeout "$LIMIT" "$wasmedge" "$program" --list </dev/null 2>/dev/null |
        sed -n 's/: test$//; T; s/ - should panic$//; p' |
        grep -vxF -f <(printf '%s\n' "${SKIPPED[@]}" | sed -n "s/^$file:://p"))
    while [ ${#left[@]} -gt 0 ]; do
        status=0
        timeout --kill-after=5 "$LIMIT" "$wasmedge" "$program" --exact "${left[@]}" </dev/null >"$work/output" 2>&1 || status=$?
        # The last line is incomplete when the program was stopped.
        echo >>"$work/output"
        cat "$work/output" >>"$log"
        # Finished tests, and the one that ended the program or did not end.
        outcome=failed
        [ "$status" != 124 ] && [ "$status" != 137 ] || outcome=hangs
        sed 's/^\(test [^ ]*\) - should panic /\1 /' "$work/output" | sed -n 's/^test \([^ ]*\) \.\.\. ok$/\1 passed/p; t
            s/^test \([^ ]*\) \.\.\. ignored.*/\1 ignored/p; t
            s/^test \([^ ]*\) \.\.\. .*/\1 '"$outcome"'/p' >"$work/finished"
        [ -s "$work/finished" ] || die "$host: $file: no test was run"
        sed "s/^/$file::/" "$work/finished" >>"$work/$host.results"
        mapfile -t left < <(printf '%s\n' "${left[@]}" | grep -vxF -f <(cut -d ' ' -f 1 "$work/finished") || true)
    done
}

awk '!/^#/ { print $1 }' "$LISTED" | sort >"$work/listed"
bad=0
while read -r host wasmedge; do
    started=$SECONDS
    : >"$work/$host.results"
    while read -r file program; do
        run_file "$host" "$wasmedge" "$file" "$program"
    done <<<"$programs"
    [ -s "$work/$host.results" ] || die "$host: no test ran"
    awk -v host="$host" -v seconds=$((SECONDS - started)) '{ n[$2]++; sub(/::.*/, ""); if (!seen[$0]++) files++ } END {
        printf "%s: %d files, %d passed, %d failed, %d hang, %d ignored, %d s\n", host, files,
            n["passed"], n["failed"], n["hangs"], n["ignored"], seconds }' "$work/$host.results"
    awk '$2 == "failed" || $2 == "hangs" { print $1 }' "$work/$host.results" | sort >"$work/failures"
    while read -r name; do
        say "$host: failed and not listed: $name"
        grep -B 2 -A 6 "^test ${name#*::} " "$work/$host.${name%%::*}.log" >&2 || true
        bad=1
    done < <(comm -23 "$work/failures" "$work/listed")
    # Only of the files that were run.
    while read -r name; do
        grep -q "^${name%%::*} " <<<"$programs" || continue
        say "$host: listed, but does not fail: $name"
        bad=1
    done < <(comm -13 "$work/failures" "$work/listed")
done <<<"$hosts"
[ "$bad" = 0 ] || die "the tests that fail are not those of $LISTED"
