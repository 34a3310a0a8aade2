#!/usr/bin/env bash
# Formatting, clippy, documentation, and all tests on this machine, in debug and in
# release.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
export CLIPPY_CONF_DIR="$ROOT_DIR/ci"

say "formatting"
git ls-files '*.rs' | xargs rustfmt --check --edition 2021

say "clippy, with each set of features"
cargo clippy --quiet --all-targets --all-features -- -D warnings
for features in "" os-poll os-ext net log "net,os-ext" "net,log"; do
    cargo clippy --quiet --no-default-features --features "$features" -- -D warnings ||
        die "clippy with the features: $features"
    cargo clippy --quiet --release --no-default-features --features "$features" -- -D warnings ||
        die "clippy in release with the features: $features"
done

say "clippy for the packages beside it"
lab_program g++ g++ # for the fuzzer
for package in fuzz benches/load benches/guests benches/native benches/servers ci/soak ci/kqueue ci/consumers/tokio_native ports; do
    cargo clippy --quiet --all-targets --manifest-path "$package/Cargo.toml" -- -D warnings \
        -D clippy::too_many_lines -D clippy::undocumented_unsafe_blocks || die "clippy in $package"
done

say "the port tool"
(cd ports && cargo test --quiet --locked --workspace)

say "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --all-features --document-private-items
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps

for profile in dev release; do
    say "tests, $profile"
    cargo test --quiet --profile "$profile" --all-features --lib --test suite --test api_08 --test api_1x
done

say "examples in the documentation"
cargo test --quiet --all-features --doc
