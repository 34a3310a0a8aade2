#!/usr/bin/env bash
# The public API beside the last release, and beside what it takes the place of: nothing that
# compiled with one of these may stop compiling. By cargo-semver-checks on rustdoc's JSON, with
# all features.
#
#   ci/semver.sh                       this machine's target
#   ci/semver.sh TARGET ..             others, std compiled from sources as by ci/targets.sh
#   ci/semver.sh --install [TARGET ..] builds cargo-semver-checks first: seven minutes, Rust 1.93
#
# The last release is the newest tag v*; without a tag, the commit before this one.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
CARGO_SEMVER_CHECKS_VERSION=0.51.0
# The only difference that is accepted: net::SocketAddr is std's type, which these define themselves.
ACCEPTED="mio 0.8.11: struct_missing: struct mio::net::SocketAddr
mio_wasi 0.8.9: struct_missing: struct mio::net::SocketAddr"

kept="$MIO_LAB/cargo-semver-checks-$CARGO_SEMVER_CHECKS_VERSION/bin/cargo-semver-checks"
if [ "${1:-}" = --install ]; then
    shift
    tool="$(lab_crate cargo-semver-checks "$CARGO_SEMVER_CHECKS_VERSION")"
elif command -v cargo-semver-checks >/dev/null; then
    tool=cargo-semver-checks
elif [ -x "$kept" ]; then
    tool="$kept"
else
    say "skipped: cargo-semver-checks is not installed: ci/semver.sh --install"
    exit 0
fi
say "$("$tool" --version)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
target="${CARGO_TARGET_DIR:-$ROOT_DIR/target}"

release="$(git describe --tags --match 'v*' --abbrev=0 2>/dev/null || git rev-parse --verify --quiet --short HEAD^)" ||
    die "neither a tag nor a commit before this one: a shallow clone?"
mkdir "$work/release" "$work/others" "$work/others/src"
git archive "$release" | tar -x -C "$work/release"
touch "$work/others/src/lib.rs"
cat >"$work/others/Cargo.toml" <<'MANIFEST'
[package]
name = "others"
edition = "2021"

[dependencies]
mio_08 = { package = "mio", version = "=0.8.11", features = ["net", "os-poll", "os-ext"] }
mio_1 = { package = "mio", version = "1", features = ["net", "os-poll", "os-ext"] }
mio_wasi = { version = "=0.8.9", features = ["net", "os-poll", "os-ext"] }

[workspace]
MANIFEST

# json TRIPLE NAME FOLDER ARGUMENTS..: rustdoc's JSON of the library mio, as $work/NAME.json.
json() (
    triple="$1" name="$2" folder="$3"
    shift 3
    export RUSTC_BOOTSTRAP=1
    cargo=(cargo) std=()
    if [ "$triple" != "$host" ]; then
        lab_packages rustc-web cargo-web rust-web-src
        export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTFLAGS=-Dwarnings CARGO_TARGET_DIR="$target/targets"
        cargo=(/usr/bin/cargo) std=(-Zbuild-std=std,panic_abort)
    else
        export CARGO_TARGET_DIR="$target/semver"
    fi
    rm -f "$CARGO_TARGET_DIR/$triple/doc/mio.json"
    cd "$folder"
    "${cargo[@]}" rustdoc --quiet "${std[@]}" --lib --target "$triple" "$@" -- \
        -Zunstable-options --output-format json --cap-lints allow || die "no documentation of $name for $triple"
    mv "$CARGO_TARGET_DIR/$triple/doc/mio.json" "$work/$name.json"
)

# compare NAME: prints what was in NAME and isn't in this version, a line each.
compare() {
    local log="$work/log"
    "$tool" semver-checks --color never --release-type minor --current-rustdoc "$work/current.json" \
        --baseline-rustdoc "$work/$1.json" >"$log" 2>&1 || grep -q '^--- failure' "$log" || { cat "$log" >&2; die "$1"; }
    grep -q '^ *Checked ' "$log" || { cat "$log" >&2; die "$1: nothing was checked"; }
    say "$triple, $1: $(sed -n 's/^ *Checked \[[^]]*\] *//p' "$log")"
    awk -v name="$1" '/^--- failure / { lint = $3; sub(":$", "", lint); on = 0 } /^Failed in:/ { on = 1; next } /^ *$/ { on = 0 }
        on { sub(/^ */, ""); sub(/, previously .*/, ""); sub(/ in file .*/, ""); print name ": " lint ": " $0 }' "$log"
}

host="$(rustc -vV | sed -n 's/^host: //p')"
for triple in "${@:-$host}"; do
    json "$triple" current . --all-features
    json "$triple" "$release" "$work/release" --all-features
    packages=(mio@0.8.11 mio@1 mio_wasi@0.8.9)
    # Its dependencies need a nightly compiler there.
    [ "$triple" != wasm32-wasip2 ] || packages=(mio@0.8.11 mio@1)
    compare "$release" >"$work/found"
    for package in "${packages[@]}"; do
        json "$triple" "${package/@/ }" "$work/others" --package "$package"
        compare "${package/@/ }" >>"$work/found"
    done
    ! grep -vxF "$ACCEPTED" "$work/found" || die "$triple: these are no longer there"
done
say "nothing that compiled with $release, mio 0.8.11, mio 1 or mio_wasi 0.8.9 stops compiling, but for $(wc -l <<<"$ACCEPTED") differences"
