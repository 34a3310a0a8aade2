#!/usr/bin/env bash
# What must hold before a release.
#
#   ci/release.sh --fast    version numbers of all packages, which any commit must satisfy
#   ci/release.sh           also: the changelog has a date, nothing is uncommitted, the packages
#                           have the right files, and `cargo publish --dry-run`, without network
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"

# key MANIFEST KEY: the value in [package].
key() { sed -n "/^\[package\]/,/^\[[^p]/s/^$2 = \"\(.*\)\"/\1/p" "$1" | head -n 1; }

version="$(key Cargo.toml version)"
[[ "$version" =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "the version is '$version'"
for manifest in Cargo.toml patch/mio/Cargo.toml patch/mio-1/Cargo.toml ports/Cargo.toml ports/libc/Cargo.toml; do
    [ "$(key $manifest license)" = MIT ] || die "$manifest: another licence"
    [ -n "$(key $manifest description)" ] || die "$manifest: no description"
    say "$(key $manifest name) $(key $manifest version)"
done
for manifest in patch/mio/Cargo.toml patch/mio-1/Cargo.toml; do
    grep -qE "^mio_wasi = .*version = \"$version\"" $manifest || die "$manifest asks for another mio_wasi than $version"
    [ "$(key $manifest rust-version)" = "$(key Cargo.toml rust-version)" ] || die "$manifest: another rust-version"
done
[ "$(key patch/mio/Cargo.toml version)" = "$version" ] || die "patch/mio has another version than $version"
[ "$(key patch/mio-1/Cargo.toml version)" = "1.2.${version##*.}" ] || die "patch/mio-1 is not 1.2.${version##*.}"
for lock in Cargo.lock ports/Cargo.lock; do
    for manifest in Cargo.toml ports/Cargo.toml ports/libc/Cargo.toml; do
        locked="$(grep -A 1 "^name = \"$(key $manifest name)\"" $lock | sed -n 's/^version = "\(.*\)"/\1/p' || true)"
        [ -z "$locked" ] || [ "$locked" = "$(key $manifest version)" ] || die "$lock has $locked of $manifest"
    done
done
grep -q "^mio_wasi = \"$version\"" README.md || die "README.md doesn't ask for $version"
heading="$(grep -m 1 '^## ' CHANGELOG.md)"
grep -qF "$version" <<<"$heading" || die "the changelog begins with '$heading', not with $version"
[ "${1:-}" != --fast ] || exit 0

[[ "$heading" =~ ^"## $version ("[0-9]{4}-[0-9]{2}-[0-9]{2}")"$ ]] || die "the changelog needs '## $version (YYYY-MM-DD)'"
git diff --quiet HEAD || die "there are uncommitted changes"
ci/package.sh
# Without network it ends at the packing and compiling; the upload is left out by --dry-run.
cargo publish --dry-run --offline --all-features --target-dir "${CARGO_TARGET_DIR:-$ROOT_DIR/target}/release-dry-run" ||
    die "mio_wasi can't be published"
say "ready: git tag v$version, cargo publish"
