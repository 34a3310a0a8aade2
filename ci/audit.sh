#!/usr/bin/env bash
# Counts unsafe blocks in src by folder, and dependencies by target, and compares both with
# SECURITY.md.
#
#   ci/audit.sh            fails where they differ
#   ci/audit.sh --write    writes them into SECURITY.md
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
FOLDERS="posix source unix wasip1 wasip2 windows"
TARGETS="x86_64-unknown-linux-gnu x86_64-apple-darwin x86_64-unknown-freebsd x86_64-pc-windows-msvc wasm32-wasip1 wasm32-wasip2"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# Blocks and impls, without comments, of the files on standard input.
unsafe() { xargs -r sed 's#//.*##' | grep -oE '\bunsafe (\{|impl\b)' | wc -l; }

{
    echo "<!-- audit: begin -->"
    echo "| folder | unsafe blocks and impls |"
    echo "|---|---|"
    pattern=""
    for folder in $FOLDERS; do
        [ -d "src/sys/$folder" ] || die "there is no src/sys/$folder"
        echo "| \`src/sys/$folder/\` | $(git ls-files "src/sys/$folder/*.rs" | unsafe) |"
        pattern="$pattern|^src/sys/$folder/"
    done
    echo "| the rest of \`src/\` | $(git ls-files 'src/*.rs' | grep -vE "${pattern#|}" | unsafe) |"
    echo
    echo "| target | dependencies with all features, transitive ones included |"
    echo "|---|---|"
    for target in $TARGETS; do
        cargo tree --quiet --locked --all-features --edges normal,build --target "$target" --prefix none >"$work/tree"
        names="$(tail -n +2 "$work/tree" | awk 'NF { print $1 }' | sort -u | tr '\n' ' ')"
        [ -n "$names" ] || die "$target: no dependencies"
        echo "| \`$target\` | $(wc -w <<<"$names"): $(sed 's/ $//; s/ /, /g' <<<"$names") |"
    done
    echo "<!-- audit: end -->"
} >"$work/counted"

if [ "${1:-}" = --write ]; then
    awk -v counted="$work/counted" '
        /^<!-- audit: begin/ { while ((getline line < counted) > 0) print line; skip = 1 }
        !skip; /^<!-- audit: end/ { skip = 0 }' SECURITY.md >"$work/page"
    cp "$work/page" SECURITY.md
fi
diff <(sed -n '/^<!-- audit: begin/,/^<!-- audit: end/p' SECURITY.md) "$work/counted" ||
    die "SECURITY.md (<) differs from what was counted (>): ci/audit.sh --write"
say "SECURITY.md has the numbers of unsafe blocks and dependencies"
