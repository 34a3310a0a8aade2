#!/usr/bin/env bash
# Compares each cell of docs/compatibility.md with what manifests, scripts and ports/README.md say.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"

version() { sed -n 's/^version = "\(.*\)"/\1/p' "$1/Cargo.toml" | head -n 1; }
# before VERSION: the one with the last number less by one.
before() { echo "${1%.*}.$((${1##*.} - 1))"; }
# requires CONSUMER PACKAGE
requires() { sed -n "s/^$2 = { version = \"\([^\"]*\)\".*/\1/p" "ci/consumers/$1/Cargo.toml"; }
# ports NUMBER: the versions of tokio (1) or socket2 (2) that ci/ports.sh tries.
ports() {
    sed -n 's/^VERSIONS=(\(.*\))/\1/p' ci/ports.sh | grep -oE '"[^"]+"' | tr -d '"' | awk -v n="$1" '!seen[$n]++ { printf "%s%s", sep, $n; sep = ", " }'
}
hosts="$(grep -ohE 'WasmEdge [0-9.]+[0-9] and [0-9.]+[0-9]' ports/README.md | head -n 1 | sed 's/WasmEdge //; s/ and /, /')"
[ -n "$hosts" ] || die "ports/README.md names no versions of WasmEdge"

expected="$(cat <<TABLE
| mio 0.8 | \`mio\` in \`patch/mio\` | $(version patch/mio) | mio $(before "$(version patch/mio)") and older | $(requires tokio_native tokio) | - |
| mio 1 | \`mio\` in \`patch/mio-1\` | $(version patch/mio-1) | mio $(before "$(version patch/mio-1)") and older | $(requires tokio_native_1 tokio) | - |
| mio_wasi 0.8.9 | \`mio_wasi\` | $(version .) | mio_wasi 0.8.9 | tokio_wasi $(requires tokio_wasi tokio_wasi) | - |
| clients | \`ports\` with \`mio_wasi_libc\` $(version ports/libc) | $(version ports) | - | $(ports 1) | $(ports 2) |
| Rust, minimum | $(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) |
| WasmEdge, tested | $hosts |
TABLE
)"
diff <(grep -E '^\| (mio|clients|Rust|WasmEdge)' docs/compatibility.md) - <<<"$expected" ||
    die "docs/compatibility.md (<) differs from the manifests and scripts (>)"
for host in ${hosts//,/}; do
    grep -rqF "$(cut -d. -f1,2 <<<"$host")" ci/check.sh README.md || die "neither ci/check.sh nor README.md names WasmEdge $host"
done
say "docs/compatibility.md agrees with the manifests and scripts"
