#!/usr/bin/env bash
# The fuzz targets of `fuzz/`, one after the other.
#
#   ci/fuzz.sh [SECONDS FOR EACH] [TARGETS]      e.g. ci/fuzz.sh 600 http
#
# Without arguments a short run. Inputs that reach new code are kept below the target
# folder; the committed corpora stay as they are. Installs cargo-fuzz and a
# C++ compiler where they are missing.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR/fuzz"
seconds="${1:-5}"
[ $# = 0 ] || shift
[ $# != 0 ] || set -- http addresses events operations names edits
lab_program g++ g++
export PATH="$PATH:$MIO_LAB/cargo-fuzz/bin"
if ! command -v cargo-fuzz >/dev/null; then
    say "installing cargo-fuzz below $MIO_LAB"
    cargo install --quiet cargo-fuzz --locked --root "$MIO_LAB/cargo-fuzz"
fi
# The sanitizers are unstable options; RUSTC_BOOTSTRAP enables them in any compiler.
export RUSTC_BOOTSTRAP=1
target="${CARGO_TARGET_DIR:-$PWD/target}"
for name in "$@"; do
    mkdir -p "$target/corpus/$name"
    log="$target/$name.log"
    if ! nice cargo fuzz run "$name" "$target/corpus/$name" "corpus/$name" -- \
        "-max_total_time=$seconds" -print_final_stats=1 >"$log" 2>&1; then
        tail -n 60 "$log" >&2
        die "the fuzzer has found an error in $name"
    fi
    say "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") executions in $seconds s"
done
