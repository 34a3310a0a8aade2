#!/usr/bin/env bash
# Everything under load, and a table of the results: random operations on every backend, the
# soaks, the fuzzers, the sanitizers and a slow host. Jobs run side by side, a few at a time.
#
#   ci/fire.sh [full|quick] [JOBS]      full takes some three hours with two jobs at a time
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
scale="${1:-full}" at_once="${2:-2}"
case "$scale" in
    full) soak=1200 tokio=600 fuzz=600 seeds=50 steps=10000 slow=20 ;;
    quick) soak=quick tokio=20 fuzz=5 seeds=4 steps=2000 slow=2 ;;
    *) die "full or quick, not $scale" ;;
esac
logs="${CARGO_TARGET_DIR:-$ROOT_DIR/target}/fire"
rm -rf "$logs"
mkdir -p "$logs"
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT

# job NAME COMMAND..: runs it as soon as there is a place for it.
names=()
job() {
    local name="$1"
    shift
    while [ "$(jobs -rp | wc -l)" -ge "$at_once" ]; do sleep 1; done
    say "$name"
    names+=("$name")
    { status=0; "$@" >"$logs/$name" 2>&1 || status=$?; echo "$status" >"$logs/$name.status"; } &
}

# lines NAME: what a job has counted, "TEST|COUNT|FAULTS|LOST|LEAKED" each.
lines() {
    case "$1" in
        soak-*)
            awk -v test="$1" '/ connections behaved, / { good += $1; bad += $4 }
                / exchanges, .* bytes came back/ { exchanges += $1; lost += $5 - $3 + $(NF - 2) }
                END { if (exchanges) printf "%s|%d exchanges, %d connections|%d|%d|0\n", test, exchanges, good, bad, lost }' \
                "$logs/$1" ;;
        tokio-*)
            sed -n 's/^\(.*\) tokio: \([0-9]* exchanges, [0-9]* connections\), \([0-9]*\) faults, \([0-9]*\) lost.*leaked \(-\{0,1\}[0-9]*\)$/soak of tokio, \1|\2|\3|\4|\5/p' \
                "$logs/$1" ;;
        random)
            sed -n "s/^\([^ ]*\): seeds .*: \([0-9]*\) polls, \([0-9]*\) interrupted, \([0-9]*\) events.*/random operations, \1|$seeds x $steps steps, \2 polls, \4 events|\3|0|0/p" \
                "$logs/$1" ;;
        fuzz-*) sed -n 's/^== \([a-z]*\): \([0-9]* executions in .*\)/fuzzer, \1|\2|-|0|0/p' "$logs/$1" ;;
        slow-host) sed -n 's/^== \(wasmedge.*\): seeds.*: \([0-9]* polls\), \([0-9]*\) interrupted.*/\1|\2|\3|0|0/p' "$logs/$1" ;;
        sanitizers) sed -n 's/^== \([a-z_]*\)$/\1|all tests|-|0|0/p' "$logs/$1" ;;
    esac
}

# Builds first, so that jobs don't wait for each other's; the loads are short.
say "building"
ci/random_ops.sh 1 100 >"$logs/build" 2>&1 || { tail -n 40 "$logs/build" >&2; die "the builds failed"; }
hosts="$(lab_wasi_hosts | cut -d ' ' -f 1)"
job random ci/random_ops.sh "$seeds" "$steps"
for host in native $hosts wasmtime; do
    job "soak-$host" ci/soak.sh "$soak" "$host"
done
for host in native $hosts; do
    job "tokio-$host" ci/soak_tokio.sh "$tokio" "$host"
done
job slow-host ci/slow_host.sh "$slow" "$steps"
for name in fuzz/fuzz_targets/*.rs; do
    name="$(basename "$name" .rs)"
    job "fuzz-$name" ci/fuzz.sh "$fuzz" "$name"
done
job sanitizers ci/sanitizers.sh
wait

failed=0
echo "| test | count | faults | lost | leaked | crashed |"
echo "|---|---|---|---|---|---|"
for name in "${names[@]}"; do
    if [ "$(cat "$logs/$name.status")" != 0 ]; then
        failed=1
        echo "| $name | failed, see $logs/$name | | | | |"
    fi
    found="$(lines "$name")"
    if [ -n "$found" ]; then
        sed 's/|/ | /g; s/^/| /; s/$/ | 0 |/' <<<"$found"
    elif [ "$(cat "$logs/$name.status")" = 0 ]; then
        failed=1
        echo "| $name | nothing was counted, see $logs/$name | | | | |"
    fi
done
[ "$failed" = 0 ] || die "something failed"
