#!/usr/bin/env bash
# Measures how tidy the tree is, against limits, and fails beyond them. One line for
# each figure: what, how much, the limit.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bad=0

# check WHAT MEASURED LIMIT: at most the limit.
check() {
    local verdict=ok
    [ "$2" -le "$3" ] || { verdict="TOO MUCH"; bad=1; }
    printf '%-58s %5s  at most %-4s %s\n' "$1" "$2" "$3" "$verdict"
}

# Rust files of folders, without what is generated.
rust() { git ls-files -- "$@" | grep '\.rs$'; }
count() { grep -c . || true; }

platform='target_os|target_family|target_env|target_vendor|\bunix\b|\bwindows\b'
portable="$(rust src | grep -v '^src/sys/')"
lines="$(cat $portable | wc -l)"
attributes="$(cat $portable | grep -cE '#!?\[cfg' || true)"
check "cfg attributes in 1,000 lines outside sys/" $((attributes * 1000 / lines)) 6
check "places outside sys/ with a platform in a cfg" \
    "$(grep -lE "cfg(_attr)?\(.*($platform)" $portable | sed 's#^src/net/platform/.*#src/net/platform#' | sort -u | count)" 2
check "cfg in net/*.rs, poll.rs, registry.rs, io_source.rs" \
    "$(cat $(rust src/net | grep -E '^src/net/[^/]*\.rs$' | grep -v '^src/net/mod.rs$') src/poll.rs src/registry.rs src/io_source.rs |
        grep -cE "#\[cfg.*($platform)" || true)" 0
check "files that list operating systems" "$(grep -lE '"dragonfly"' $(rust src) | count)" 4
# The cast of an event is the one.
check "unsafe outside sys/, but for handles" \
    "$(grep -HE '^[^/]*\bunsafe (\{|impl)' $portable | grep -vE '^src/handles.rs|^src/net/platform/|from_raw_handle' | count)" 1
check "lines of the largest file" "$(wc -l $(rust src tests examples ci patch benches fuzz) | grep -v ' total$' | sort -n | tail -n 1 | awk '{ print $1 }')" 500
check "files without a module doc in their first line" \
    "$(for file in $(rust src tests examples benches fuzz ci patch); do head -n 1 "$file" | grep -qE '^(//!|#!)' || echo "$file"; done | count)" 0
check "uses of the portable half's types in sys/, but for four" \
    "$(grep -hE '^\s*use crate::' $(rust src/sys) | grep -vE 'crate::(sys|log)\b' | grep -cE '\b(Poll|Registry|Events|Source|net|unix|windows|wasi)\b' || true)" 0
check "doc-fence attributes" "$(grep -hE '^\s*//[/!] ```(no_run|ignore|should_panic|compile_fail)' $(rust src) | count)" 0
check "sleeps in tests" "$(grep -hE 'thread::sleep' $(rust tests) | count)" 0
check "ignored tests by attribute" "$(grep -hE 'ignore = |#\[ignore' $(rust tests) | count)" 30
check "ignored tests without a reason" "$(grep -hE '#\[ignore\]|, ignore\)\]' $(rust tests) | count)" 0
check "leftover notes of work to do" "$(git grep -nE '\b(TODO|FIXME|XXX|HACK)\b' -- . ':!ci/layout.sh' | count)" 0

# What QUIRKS.md names exists.
missing=0
for name in $(grep -oE '`[a-z_0-9]{20,}`' src/sys/wasip1/QUIRKS.md | tr -d '`' | sort -u); do
    grep -rqE "fn $name\(" src tests || { echo "QUIRKS.md names $name, which is no test"; missing=$((missing + 1)); }
done
check "tests that QUIRKS.md names and that don't exist" "$missing" 0
exit "$bad"
