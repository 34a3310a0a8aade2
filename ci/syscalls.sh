#!/usr/bin/env bash
# Proves on Linux what a poll and a registration change cost: one epoll_wait, one
# epoll_ctl, and no other system call.
#
#   ci/syscalls.sh
#
# Runs one test under strace (installed when missing, ci/lab.sh) with two numbers
# of rounds: the calls of the additional rounds are the difference.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"

mkdir -p "$MIO_LAB"
lab_program strace strace
suite="$(cargo test --quiet --release --all-features --test suite --no-run --message-format=json |
    sed -n 's/.*"executable":"\([^"]*\/suite-[^"]*\)".*/\1/p' | tail -n 1)"
[ -x "$suite" ] || die "the test suite was not built"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# count ROUNDS: one line "CALL NUMBER" for each system call.
count() {
    MIO_SUITE_ROUNDS="$1" strace --follow-forks --summary-only --summary-columns=calls,name \
        --output="$work/strace" "$suite" --exact unix_system::rounds_of_changes_and_polls_repeat \
        --test-threads=1 >"$work/out" 2>&1 || { cat "$work/out" >&2; die "the test failed under strace"; }
    grep -q ' 1 passed' "$work/out" || { cat "$work/out" >&2; die "the test did not run"; }
    awk '$1 ~ /^[0-9]+$/ && $2 != "total" { sub("epoll_pwait.*", "epoll_wait", $2); print $2, $1 }' "$work/strace"
}

count 100 | sort >"$work/few"
count 1100 | sort >"$work/many"
join -a 2 -e 0 -o 0,1.2,2.2 "$work/few" "$work/many" | awk '
    { more = $3 - $2 }
    $1 == "epoll_ctl" || $1 == "epoll_wait" {
        printf "%s: %g for each of 1000 rounds of 3 changes and 3 polls\n", $1, more / 1000
        if (more != 3000) wrong = 1
        seen++
        next
    }
    # A few calls come from the test runner, whatever the rounds.
    more > 20 || more < -20 { printf "%s: %d more calls, expected none\n", $1, more; wrong = 1 }
    END { exit wrong || seen != 2 }
' || die "a poll or a registration change makes other calls than it should"
