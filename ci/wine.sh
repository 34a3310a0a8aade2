#!/usr/bin/env bash
# The suite for x86_64-pc-windows-gnu, in debug and release, run under Wine.
#
#   ci/wine.sh [TEST ARGUMENTS]      e.g. ci/wine.sh named_pipe
#
# Installs what is missing: Wine, the mingw linker, and a std for the target.
# rustup's own target is used where it is installed (unless MIO_LAB_ONLY=1);
# otherwise std is built from Debian's sources.
set -euo pipefail
. "$(dirname "$0")/lab.sh"
cd "$ROOT_DIR"

TARGET=x86_64-pc-windows-gnu
LIMIT=1200 # seconds for one run, building included
mkdir -p "$MIO_LAB"

# Sets CARGO and STD: how to call cargo so that the target has a std.
windows_target() {
    CARGO=(cargo) STD=()
    if [ "${MIO_LAB_ONLY:-0}" != 1 ] && command -v rustup >/dev/null &&
        rustup target list --installed 2>/dev/null | grep -qx "$TARGET"; then
        say "$TARGET: rustup's own target, $(rustc --version)"
        return 0
    fi
    lab_packages rustc-web cargo-web rust-web-src
    CARGO=(/usr/bin/cargo) STD=(-Zbuild-std=std,panic_unwind)
    export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
    # A folder of its own: other compilers would rebuild this one's work.
    export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}/windows"
    say "$TARGET: std built from Debian's sources, $("$RUSTC" --version)"
}

# A prefix of our own, with the DLL that Wine lacks.
wine_prefix() {
    lab_program wine wine
    lab_packages wine64
    lab_program x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64
    export WINEPREFIX="$MIO_LAB/wine" WINEDEBUG="${WINEDEBUG:--all}"
    local dll="$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll"
    if [ ! -d "$WINEPREFIX/drive_c" ]; then
        say "making a Wine prefix"
        wineboot --init >"$MIO_LAB/wineboot.log" 2>&1 ||
            { tail -n 20 "$MIO_LAB/wineboot.log" >&2; die "wineboot failed"; }
    fi
    if [ ! -e "$dll" ] || [ ci/wine/bcryptprimitives.c -nt "$dll" ]; then
        x86_64-w64-mingw32-gcc -shared -O -o "$dll" ci/wine/bcryptprimitives.c -ladvapi32 ||
            die "could not build bcryptprimitives.dll"
    fi
    say "$(wine --version)"
}

# run NAME ARGUMENTS..: one run of the tests, with a line of counts.
run() {
    local name="$1" log="$MIO_LAB/wine-$1.log"
    shift
    say "$name"
    local status=0
    # A Wine server that dies leaves its clients waiting, so there is a limit.
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

windows_target
wine_prefix
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine
# The tests that Wine can't pass are left out on it alone.
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS="--cfg mio_on_wine"
trap 'wineserver -k || true' EXIT
run debug -- "$@"
run release --release -- "$@"
