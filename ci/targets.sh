#!/usr/bin/env bash
# Type-checks the library, tests and examples for each target of ci/targets.txt,
# with all features and warnings as errors, and the library without any feature.
#
#   ci/targets.sh [TARGET ..]
#
# std is compiled from source for each target, which needs a compiler that comes
# with it: Debian's rustc-web, cargo-web and rust-web-src are installed when they
# are missing (ci/lab.sh). About a minute a target; nothing is linked or run.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"

mkdir -p "$MIO_LAB"
lab_packages rustc-web cargo-web rust-web-src
# The compiler of the same origin as the sources of std, whatever PATH says.
export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Dwarnings"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}/targets"
say "$("$RUSTC" --version)"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT

# check TARGET ARGUMENTS..
check() { /usr/bin/cargo check --quiet -Zbuild-std=std,panic_abort --target "$@" >>"$log" 2>&1; }

# One clear error, and no other, for a target that can't be supported.
check_error() {
    ! check "$1" --lib --all-features && [ "$(grep -c '^error: ' "$log")" = 2 ] &&
        grep -q '^error: mio_wasi has no backend' "$log" &&
        grep -q '^error: could not compile `mio_wasi` (lib) due to 1 previous error' "$log"
}

# A target that not every compiler has, or has a std for. Preview 1's crate must not be
# among the dependencies of a later preview.
check_std() {
    "$RUSTC" --print target-list | grep -qx "$1" ||
        { say "skipped: $1: $("$RUSTC" --version) doesn't know it"; return 0; }
    ! cargo tree --quiet --target "$1" --all-features --edges normal | grep -q '[[:space:]]wasi v' ||
        { echo "preview 1's crate is a dependency" >>"$log"; return 1; }
    check "$1" --lib --all-features && check "$1" --lib --no-default-features && return 0
    ! grep -q '^error: could not compile `mio_wasi`' "$log" || return 1
    say "skipped: $1: its std doesn't compile: $(grep -m 1 '^error' "$log")"
}

check_target() {
    local target="$1" how="$2"
    case "$how" in
        error) check_error "$target" ;;
        std) check_std "$target" ;;
        lib) check "$target" --lib --all-features && check "$target" --lib --no-default-features ;;
        *) check "$target" --all-targets --all-features && check "$target" --lib --no-default-features ;;
    esac
}

failed=() count=0
while read -r target how; do
    [ $# -eq 0 ] || [[ " $* " == *" $target "* ]] || continue
    count=$((count + 1))
    : >"$log"
    if check_target "$target" "$how"; then
        printf 'ok      %s%s\n' "$target" "${how:+ ($how)}"
    else
        printf 'FAILED  %s\n' "$target"
        tail -n 40 "$log"
        failed+=("$target")
    fi
done < <(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' ci/targets.txt)

[ "$count" -gt 0 ] || die "no such target in ci/targets.txt: $*"
printf '%d of %d targets ok\n' "$((count - ${#failed[@]}))" "$count"
[ ${#failed[@]} -eq 0 ] || die "failed: ${failed[*]}"
