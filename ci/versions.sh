#!/usr/bin/env bash
# The oldest of what the library depends on: Debian's rustc 1.85, the oldest compiler
# that is available, for Linux and WebAssembly; and each dependency in the smallest
# version that Cargo.toml allows, for Linux, WebAssembly and Windows.
#
# That nothing newer than Rust 1.71 is used is clippy's part (`incompatible_msrv` is
# an error, in ci/native.sh and ci/wasi.sh).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
mkdir -p "$MIO_LAB"
target="${CARGO_TARGET_DIR:-$ROOT_DIR/target}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

grep -q '^rust-version = "1.71"' Cargo.toml || die "Cargo.toml names another Rust version"
grep -q '^msrv = "1.71"' ci/clippy.toml || die "ci/clippy.toml names another Rust version"
grep -q '^incompatible_msrv = "deny"' Cargo.toml || die "a newer API is no error"

# check TARGET ARGUMENTS..: the library with all features and with none.
check() {
    cargo check --quiet --lib --all-features --target "$@" && cargo check --quiet --lib --no-default-features --target "$@"
}

lab_debian_rust
say "$("$MIO_LAB/bin/rustc" --version)"
for triple in x86_64-unknown-linux-gnu wasm32-wasip1; do
    RUSTC="$MIO_LAB/bin/rustc" RUSTFLAGS="-Dwarnings" CARGO_TARGET_DIR="$target/oldest" check "$triple" ||
        die "$triple: Debian's rustc can't compile the library"
done

say "the smallest versions of the dependencies"
mkdir "$work/smallest"
cp -r Cargo.toml README.md src examples tests "$work/smallest"
cd "$work/smallest"
# The option is unstable; RUSTC_BOOTSTRAP enables it in any cargo.
RUSTC_BOOTSTRAP=1 cargo generate-lockfile --quiet -Zdirect-minimal-versions
sed -n '/^name = "\(libc\|log\|wasi\|windows-sys\)"/{s/^name = "\(.*\)"/\1/;N;s/\nversion = / /;p}' Cargo.lock
# The option has taken effect.
for pair in "libc 0.2.159" "log 0.4.8"; do
    grep -A 1 "^name = \"${pair% *}\"" Cargo.lock | grep -q "\"${pair#* }\"" || die "not the smallest: $pair"
done
export CARGO_TARGET_DIR="$target/smallest"
for triple in x86_64-unknown-linux-gnu wasm32-wasip1; do
    RUSTC="$MIO_LAB/bin/rustc" check "$triple" || die "$triple: the smallest versions are too old"
done
lab_packages rustc-web cargo-web rust-web-src
export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
check x86_64-pc-windows-gnu -Zbuild-std=std,panic_abort || die "Windows: the smallest versions are too old"
