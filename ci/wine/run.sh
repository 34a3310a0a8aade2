#!/usr/bin/env bash
# Runs a program in Wine, with its output and exit status.
#
#   ci/wine/run.sh PROGRAM [ARGUMENTS]
#
# Now and then Wine fails to start a program. Each program that runs here prints something
# first, so one that fails without a line on standard output is started again, with a new
# Wine server, at most three times in all.
set -euo pipefail
printed="$(mktemp)"
trap 'rm -f "$printed"' EXIT
for attempt in 1 2 3; do
    status=0
    wine "$@" | tee "$printed" || status=${PIPESTATUS[0]}
    if [ "$status" = 0 ] || [ -s "$printed" ]; then
        break
    fi
    echo "== attempt $attempt: $1 failed with exit status $status and printed nothing" >&2
    wineserver -k || true
done
exit "$status"
