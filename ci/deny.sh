#!/usr/bin/env bash
# Licences, sources and duplicate versions of all dependencies, those of tests included, against
# deny.toml: by cargo-deny where it is installed, and always by ci/deny.py, which needs no more
# than `cargo metadata`. Advisories are checked by cargo-deny only, if its database is there.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
lab_program python3 python3
for manifest in Cargo.toml ports/Cargo.toml; do
    cargo metadata --quiet --locked --format-version 1 --all-features --manifest-path "$manifest" |
        python3 ci/deny.py || die "$manifest: dependencies beyond deny.toml"
    say "$manifest: licences, sources and versions are within deny.toml"
done
if cargo deny --version >/dev/null 2>&1; then
    cargo deny --offline check licenses bans sources || die "cargo-deny found something"
    if [ -d "${CARGO_HOME:-$HOME/.cargo}/advisory-dbs" ]; then
        cargo deny --offline check advisories || die "cargo-deny found an advisory"
    fi
else
    say "cargo-deny is not installed: advisories are not checked"
fi
