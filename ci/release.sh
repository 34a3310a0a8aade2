#!/usr/bin/env bash
# What must hold before a release.
#
#   ci/release.sh --fast       version numbers of all packages, which any commit must satisfy
#   ci/release.sh --rehearse   also: dependencies and API by cargo-deny and cargo-semver-checks, the files
#                              of the packages and their documentation, and `cargo publish --dry-run`;
#                              lists what else a release needs
#   ci/release.sh              the same, and fails if something else is needed: the date in the
#                              changelog, an address of the repository, no uncommitted change
#
# The dry run uploads nothing. It needs the registry's index, which cargo asks even with --offline.
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
grep -q "rust-$(key Cargo.toml rust-version)%2B" README.md || die "README.md's badge names another Rust"
heading="$(grep -m 1 '^## ' CHANGELOG.md)"
grep -qF "$version" <<<"$heading" || die "the changelog begins with '$heading', not with $version"
[ "${1:-}" != --fast ] || exit 0

needed=()
[[ "$heading" =~ ^"## $version ("[0-9]{4}-[0-9]{2}-[0-9]{2}")"$ ]] ||
    needed+=("CHANGELOG.md: the heading '## $version (YYYY-MM-DD)'")
# The registry resolves the README's relative links, and its picture, with this address.
[ -n "$(key Cargo.toml repository)" ] || needed+=("Cargo.toml: the key 'repository'")
git diff --quiet HEAD || needed+=("a commit of what has changed")
[ -z "$(git tag --list "v$version")" ] || needed+=("another version: the tag v$version exists")
if [ "${1:-}" != --rehearse ] && [ ${#needed[@]} -gt 0 ]; then
    printf '%s\n' "${needed[@]}" >&2
    die "not ready: the lines above"
fi

ci/deny.sh --install
ci/semver.sh --install
ci/package.sh
cargo publish --dry-run --allow-dirty --all-features --target-dir "${CARGO_TARGET_DIR:-$ROOT_DIR/target}/release-dry-run" ||
    die "mio_wasi can't be published"
for line in "${needed[@]}"; do say "before the release: $line"; done
[ ${#needed[@]} -gt 0 ] || say "ready: git tag v$version, cargo publish"
