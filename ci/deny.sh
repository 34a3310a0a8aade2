#!/usr/bin/env bash
# Licences, sources and duplicate versions of all dependencies, those of tests included, against
# deny.toml: always by ci/deny.py, which needs no more than `cargo metadata`, and by cargo-deny
# where there is one.
#
#   ci/deny.sh             cargo-deny, if it is installed or was built before
#   ci/deny.sh --install   builds it first, four minutes with Rust 1.88 or newer, and fetches RustSec's
#                          database of advisories
#
# The database comes from its git repository and is kept below $CARGO_HOME/advisory-dbs. Advisories are
# checked where it exists; where it does not, the script says so. Yanked versions are found by
# ci/package.sh too: cargo warns of them.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
CARGO_DENY_VERSION=0.20.2
MANIFESTS="Cargo.toml ports/Cargo.toml"

lab_program python3 python3
for manifest in $MANIFESTS; do
    cargo metadata --quiet --locked --format-version 1 --all-features --manifest-path "$manifest" |
        python3 ci/deny.py || die "$manifest: dependencies beyond deny.toml"
    say "$manifest: licences, sources and versions are within deny.toml"
done

deny=""
if [ "${1:-}" = --install ]; then
    deny="$(lab_crate cargo-deny "$CARGO_DENY_VERSION")"
    timeout 120 "$deny" fetch db >"$MIO_LAB/advisories.log" 2>&1 ||
        say "no database of advisories can be fetched ($MIO_LAB/advisories.log)"
elif command -v cargo-deny >/dev/null; then
    deny=cargo-deny
elif [ -x "$MIO_LAB/cargo-deny-$CARGO_DENY_VERSION/bin/cargo-deny" ]; then
    deny="$MIO_LAB/cargo-deny-$CARGO_DENY_VERSION/bin/cargo-deny"
else
    say "skipped: cargo-deny is not installed: ci/deny.sh --install"
    exit 0
fi
say "$("$deny" --version)"
checks=(licenses bans sources)
if compgen -G "${CARGO_HOME:-$HOME/.cargo}/advisory-dbs/*/crates" >/dev/null; then
    checks+=(advisories)
else
    say "skipped: advisories: there is no database"
fi
# The file is for both packages: each has entries that it doesn't need itself.
for manifest in $MANIFESTS; do
    "$deny" --locked --offline --workspace --manifest-path "$manifest" --config deny.toml \
        check --deny warnings --allow unmatched-skip --allow license-not-encountered "${checks[@]}" ||
        die "cargo-deny: $manifest"
done
