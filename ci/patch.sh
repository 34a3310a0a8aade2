#!/usr/bin/env bash
# The packages `mio` of `patch/` in place of those of crates.io: tokio with all its
# features on them, 1.38 on mio 0.8 and the newest on mio 1, by path and by git, with
# epoll and with poll(2).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}/consumers"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
git clone --quiet --no-local "$ROOT_DIR" "$work/clone"

# from FOLDER SOURCE: builds the consumer in a folder, whose mio has to come from there.
from() {
    (cd "$1" && cargo build --quiet --release &&
        cargo tree --quiet --invert mio --depth 0 | grep -F "$2" >/dev/null) || die "not built with the mio of $2"
}

# generation NAME CONSUMER PATCH VERSION
generation() {
    local consumer="$ROOT_DIR/ci/consumers/$2" program="${2//_/-}-consumer"
    say "$1 by path"
    from "$consumer" "$ROOT_DIR/patch/$3)"
    timeout 120 "$CARGO_TARGET_DIR/release/$program"

    say "$1 by path, on poll(2)"
    (export RUSTFLAGS="--cfg mio_unsupported_force_poll_poll" CARGO_TARGET_DIR="$CARGO_TARGET_DIR/poll"
        from "$consumer" "$ROOT_DIR/patch/$3)")
    timeout 120 "$CARGO_TARGET_DIR/poll/release/$program"

    say "$1 by git, from a clone of this repository"
    # Cargo finds two packages `mio` in it: the version selects one.
    local copy="$work/clone/ci/consumers/$2"
    sed -i "s#^mio = .*#mio = { git = \"file://$work/clone\", version = \"$4\" }#" "$copy/Cargo.toml"
    from "$copy" "file://$work/clone"
    timeout 120 "$CARGO_TARGET_DIR/release/$program"
}

generation "tokio 1.38 on mio 0.8" tokio_native mio 0.8
generation "tokio 1 on mio 1" tokio_native_1 mio-1 1.2
