#!/usr/bin/env bash
# The suite for x86_64-pc-windows-gnu, in debug and release, and the examples of the module windows, run under Wine.
#
#   ci/wine.sh [TEST ARGUMENTS]      e.g. ci/wine.sh named_pipe
#
# Installs what is missing: Wine, the mingw linker, and a std for the target.
# rustup's own target is used where it is installed (unless MIO_LAB_ONLY=1);
# otherwise std is built from Debian's sources.
set -euo pipefail
. "$(dirname "$0")/lab.sh"
cd "$ROOT_DIR"

TARGET="$LAB_WINDOWS"
LIMIT=1200 # seconds for one run, building included
mkdir -p "$MIO_LAB"

# run NAME ARGUMENTS..: one run of the tests, with a line of counts.
run() {
    local name="$1" log="$MIO_LAB/wine-$1.log"
    shift
    say "$name"
    local status=0
    # Clients of a Wine server that has crashed wait indefinitely, so there is a limit.
    timeout --kill-after=10 "$LIMIT" "${CARGO[@]}" test ${STD[@]+"${STD[@]}"} --target "$TARGET" --all-features --lib --test suite "$@" \
        >"$log" 2>&1 || status=$?
    if [ "$status" != 0 ]; then
        tail -n 60 "$log"
        die "the suite failed under Wine ($name); all of it is in $log"
    fi
    awk -v name="$name" '/^test result:/ { passed += $4; failed += $6; ignored += $8 }
        END { printf "wine %s: %d passed, %d failed, %d ignored\n", name, passed, failed, ignored }' "$log"
    sed -n 's/^test \(.*\) \.\.\. ignored, \(.*\)/  ignored: \1: \2/p' "$log"
}

lab_windows_target
lab_wine_prefix
trap 'wineserver -k || true' EXIT
run debug -- "$@"
run release --release -- "$@"

# The examples that no other system compiles. Before Rust 1.89 cargo runs none for another target.
[ $# = 0 ] || exit 0
log="$MIO_LAB/wine-examples.log"
timeout --kill-after=10 "$LIMIT" "${CARGO[@]}" test ${STD[@]+"${STD[@]}"} --target "$TARGET" --all-features --doc windows:: \
    >"$log" 2>&1 || { tail -n 60 "$log"; die "examples of the module windows failed under Wine"; }
if grep -q '^test result: ok. [1-9]' "$log"; then
    say "examples of the module windows: $(sed -n 's/^test result: ok. \([0-9]*\) .*/\1/p' "$log") ran"
else
    say "skipped: examples of the module windows: this cargo runs none for another target"
fi
