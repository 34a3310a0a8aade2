#!/usr/bin/env bash
# tokio 1.38 on the package `mio` of `patch/mio` for Windows, run under Wine: TCP, UDP
# and named pipes.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR/ci/consumers/tokio_windows"
mkdir -p "$MIO_LAB"
lab_windows_target
lab_wine_prefix
trap 'wineserver -k || true' EXIT

say "building tokio 1.38 for Windows"
"${CARGO[@]}" build --quiet --release ${STD[@]+"${STD[@]}"} --target "$LAB_WINDOWS"
"${CARGO[@]}" tree --quiet --invert mio --depth 0 --target "$LAB_WINDOWS" | grep -F "$ROOT_DIR/patch/mio" >/dev/null ||
    die "the patch was not used"
program="${CARGO_TARGET_DIR:-target}/$LAB_WINDOWS/release/tokio-windows-consumer.exe"
# Clients of a Wine server that has crashed wait indefinitely, so there is a limit.
timeout --kill-after=10 240 "$ROOT_DIR/ci/wine/run.sh" "$program" || die "tokio on Windows failed"
say "tokio on this mio works on Windows"
