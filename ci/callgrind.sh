#!/usr/bin/env bash
# Counts the instructions of one poll, registration, wake, read and write, in user
# space, of this library and of mio 0.8.11 and mio 1, by callgrind. Fails when ours
# are more than those of mio 0.8.11.
#
#   ci/callgrind.sh [OPERATION..]
#
# The counts repeat exactly, whatever else the machine does. For the times see
# `cargo bench --manifest-path benches/native/Cargo.toml`.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
lab_program valgrind valgrind
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}"
cargo build --quiet --release --manifest-path benches/native/Cargo.toml
program="$CARGO_TARGET_DIR/release/mio-native-benches"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# instructions WHO WHAT COUNT: of the whole run.
instructions() {
    valgrind --tool=callgrind --callgrind-out-file="$work/out" "$program" "$@" >"$work/log" 2>&1 ||
        { cat "$work/log" >&2; die "$* failed under callgrind"; }
    sed -n 's/^summary: \([0-9]*\).*/\1/p' "$work/out"
}

[ $# -gt 0 ] || set -- poll-empty register-deregister reregister reregister-poll wake wake-poll \
    write-read read-empty tcp-echo udp-echo
printf '%-20s %8s %8s %8s %12s %12s\n' instructions ours mio_0_8 mio_1_x ours/mio_0_8 ours/mio_1_x
worse=0
for what in "$@"; do
    row=()
    for who in ours mio_0_8 mio_1_x; do
        few="$(instructions $who "$what" 1000)"
        many="$(instructions $who "$what" 3000)"
        row+=($(((many - few + 1000) / 2000)))
    done
    awk -v what="$what" -v ours="${row[0]}" -v old="${row[1]}" -v new="${row[2]}" 'BEGIN {
        printf "%-20s %8d %8d %8d %12.2f %12.2f\n", what, ours, old, new, ours / old, ours / new
        # An echo may have to wait for the kernel once more; the rest is rounded.
        exit ours > (what ~ /echo/ ? old * 1.02 : old + 1)
    }' || worse=1
done
[ $worse = 0 ] || die "some operations take more instructions than mio 0.8.11's"
