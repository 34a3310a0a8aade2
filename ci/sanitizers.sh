#!/usr/bin/env bash
# Unit tests and suite on Linux with AddressSanitizer (which also finds leaks) and
# with ThreadSanitizer.
#
# std comes as it is installed, without their checks. So ThreadSanitizer doesn't see
# what std synchronises inside: reports about the test harness's channels and about
# the last owner of an `Arc` (a fence, which it doesn't know) are left out.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
target="${CARGO_TARGET_DIR:-$ROOT_DIR/target}"
# The sanitizers are unstable options; any compiler has them when it is told so.
export RUSTC_BOOTSTRAP=1
triple=x86_64-unknown-linux-gnu
runtime="$(rustc --print sysroot)/lib/rustlib/$triple/lib"
compgen -G "$runtime/librustc*asan.a" >/dev/null || die "this rustc has no sanitizers: rustup's has"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
printf 'race:%s\n' 'test::run_test' 'test::event' 'CompletedTest' 'std::sync::mpmc' 'alloc::sync::Arc*Drop' \
    >"$work/suppressions"

# sanitize NAME RUSTFLAGS: all tests.
sanitize() {
    say "$1"
    RUSTFLAGS="$2" CARGO_TARGET_DIR="$target/$1" \
        cargo test --quiet --target "$triple" --all-features --lib --test suite
}

export ASAN_OPTIONS="detect_leaks=1" TSAN_OPTIONS="suppressions=$work/suppressions"
sanitize asan "-Zsanitizer=address"
sanitize tsan "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer"
