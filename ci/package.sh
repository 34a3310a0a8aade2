#!/usr/bin/env bash
# What is published: the packages hold what they should and nothing else, compile
# from what they hold, and are documented without a warning for each target that
# docs.rs is configured for. Fast after ci/targets.sh, which compiles std for some of them.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
lab_program python3 python3
MAX_KB=250 # of a package, compressed
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
target="${CARGO_TARGET_DIR:-$ROOT_DIR/target}"

# What cargo adds to each package.
GENERATED=".cargo_vcs_info.json Cargo.lock Cargo.toml.orig"

# package FOLDER NAME FILES [ARGUMENTS..]: packages and compiles it, compares its
# files with the expected ones, and unpacks it into $work/NAME.
package() {
    local folder="$1" name="$2" expected="$3" file size
    shift 3
    cargo package --quiet --allow-dirty --manifest-path "$folder/Cargo.toml" --target-dir "$target/package-of-$name" "$@" \
        >"$work/log" 2>&1 || { cat "$work/log" >&2; die "$name can't be packaged"; }
    # The tests stay outside, on purpose; anything else is a mistake.
    ! grep '^warning' "$work/log" | grep -vE 'ignoring (test|bench) |has no (documentation|description)' ||
        die "warnings from packaging $name"
    file="$(ls "$target/package-of-$name/package/$name-"*.crate)"
    mkdir "$work/$name"
    tar -xzf "$file" -C "$work/$name" --strip-components=1
    diff <(printf '%s\n' $expected $GENERATED | sort -u) <(cd "$work/$name" && find . -type f | sed 's#^\./##' | sort) ||
        die "$name: the files differ from the expected ones (<)"
    size=$(($(stat -c %s "$file") / 1000))
    [ "$size" -le "$MAX_KB" ] || die "$name has $size kB"
    say "$(basename "$file"): $(find "$work/$name" -type f | wc -l) files, $size kB"
}

# The value of a key in the manifest that cargo has made.
has() { grep -qE "^$2 = ." "$work/$1/Cargo.toml" || die "$1: the manifest has no $2"; }

rm -rf "$target"/package-of-*
pictures="$(grep -oE '!\[[^]]*\]\([^)]+\)' README.md | sed 's/.*(\(.*\))/\1/' | grep -v '^https:' || true)"
package . mio_wasi "Cargo.toml README.md LICENSE CHANGELOG.md $pictures $(git ls-files 'src/*.rs' 'examples/*.rs' | tr '\n' ' ')"
for key in description license readme keywords categories documentation rust-version; do has mio_wasi "$key"; done
say "the examples, from the package"
(cd "$work/mio_wasi" && cargo build --quiet --all-features --examples --target-dir "$target/package-of-mio_wasi") ||
    die "the examples don't compile from the package"

# These depend on the other by its version: here on what was just packaged.
for folder in patch/*/; do
    folder="${folder%/}"
    name="$(sed -n 's/^name = "\(.*\)"/\1/p' "$folder/Cargo.toml" | head -n 1)"
    rm -rf "$work/$name" "$target/package-of-$name"
    package "$folder" "$name" "$(cd "$folder" && git ls-files | grep -v '^Cargo.lock$' | tr '\n' ' ')" \
        --config "patch.crates-io.mio_wasi.path=\"$work/mio_wasi\""
    for key in description license rust-version; do has "$name" "$key"; done
done

targets="$(awk '/^\[package.metadata.docs.rs\]/ { on = 1; next } /^\[/ { on = 0 } on' "$work/mio_wasi/Cargo.toml" |
    grep -oE '"[a-z0-9_]+-[a-z0-9_-]+"' | tr -d '"')"
for needed in linux windows wasm32-wasip1; do
    grep -q "$needed" <<<"$targets" || die "docs.rs is not configured for $needed"
done

# document TRIPLE CARGO..: as docs.rs does it, and once more as JSON, to see that each public item
# has an example.
document() {
    local triple="$1"
    shift
    say "documentation for $triple, as docs.rs makes it"
    cd "$work/mio_wasi"
    export RUSTC_BOOTSTRAP=1
    RUSTDOCFLAGS="-Dwarnings --cfg docsrs" "$@" doc --quiet --lib --no-deps --all-features --target "$triple" ||
        die "the documentation for $triple has warnings or errors"
    "$@" rustdoc --quiet --lib --all-features --target "$triple" -- -Zunstable-options --output-format json ||
        die "the documentation for $triple can't be had as JSON"
    python3 "$ROOT_DIR/ci/layout/examples.py" "$CARGO_TARGET_DIR/$triple/doc/mio.json" ||
        die "items for $triple lack an example"
}

# The Debian compiler's std for WebAssembly, unless rustup has one.
document_wasi() (
    lab_wasm_target
    if [ -n "${RUSTC:-}" ]; then
        lab_wrapper trixie usr/bin/rustdoc rustdoc
        export RUSTDOC="$MIO_LAB/bin/rustdoc"
    fi
    document wasm32-wasip1 cargo
)

# std from its sources, compiled as by ci/targets.sh and kept in the same folder.
document_with_sources() (
    lab_packages rustc-web cargo-web rust-web-src
    export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Dwarnings"
    export CARGO_TARGET_DIR="$target/targets"
    document "$1" /usr/bin/cargo -Zbuild-std=std,panic_abort
)

export CARGO_TARGET_DIR="$target"
for triple in $targets; do
    case "$triple" in
    x86_64-unknown-linux-gnu) (document "$triple" cargo) ;;
    wasm32-wasip1) document_wasi ;;
    *) document_with_sources "$triple" ;;
    esac
done
