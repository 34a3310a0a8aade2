#!/usr/bin/env bash
# Measures the tree against limits and fails beyond them. One line for each figure: what,
# how much, the limit. What is measured by programs is in ci/layout/.
#
#   ci/layout.sh            all figures
#   ci/layout.sh FIGURE     the places that a figure of ci/layout/figures.py counts in src
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
lab_program python3 python3
export PYTHONDONTWRITEBYTECODE=1
bad=0

# 1: figures with a target are held to it; 0: to what they are today.
STRICT=1

# check WHAT MEASURED LIMIT [TARGET]: at most the limit.
check() {
    local verdict=ok limit="$3" note=""
    [ -z "${4:-}" ] || [ "$STRICT" = 0 ] || limit="$4"
    [ "${4:-$limit}" = "$limit" ] || note=", to become $4"
    [ "$2" -le "$limit" ] || { verdict="TOO MUCH"; bad=1; }
    printf '%-58s %5s  at most %-4s %s%s\n' "$1" "$2" "$limit" "$verdict" "$note"
}

# Rust files of folders, without what is generated.
rust() { git ls-files -- "$@" | grep '\.rs$'; }
count() { grep -c . || true; }

if [ $# = 1 ]; then
    exec python3 ci/layout/figures.py --show "$1" $(rust src)
fi

platform='target_os|target_family|target_env|target_vendor|\bunix\b|\bwindows\b'
portable="$(rust src | grep -v '^src/sys/')"
lines="$(cat $portable | wc -l)"
attributes="$(cat $portable | grep -cE '#!?\[cfg' || true)"
check "cfg attributes in 1,000 lines outside sys/" $((attributes * 1000 / lines)) 6
check "places outside sys/ with a platform in a cfg" \
    "$(grep -lE "^[^/]*cfg(_attr)?\(.*($platform)" $portable | sed 's#^src/net/platform/.*#src/net/platform#' | sort -u | count)" 2
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

# What the programs measure. Those that count words are read by people too: `ci/layout.sh
# comments` shows the lines.
log="$(mktemp)"
python3 ci/layout/test.py >"$log" 2>&1 || { cat "$log"; die "the programs of ci/layout fail their tests"; }
# figure NAME [FIGURES]
figures="$(python3 ci/layout/figures.py $(rust src))"
figure() { awk -v name="$1" '$1 == name { print $2 }' <<<"${2:-$figures}"; }
check "quoted names of systems in src" "$(figure systems)" 113 60
check "lines of the longest function in src" "$(figure function_longest)" 63 60
check "lines that nine of ten functions in src don't exceed" "$(figure function_p90)" 20
check "allowed unused code in src" "$(figure allowed)" 14 8
check "allowed unused code in src without a reason" "$(figure allowed_silently)" 0
check "names in src with words of no mechanism" "$(figure names)" 172 0
check "lines of comments in src with such words" "$(figure comments)" 349 0
others="$(python3 ci/layout/figures.py $(rust tests examples benches fuzz ci | grep -vE '^ci/consumers/(clients|ports)/'))"
check "names elsewhere with such words" "$(figure names "$others")" 0
check "lines of comments elsewhere with such words" "$(figure comments "$others")" 5 0
printf '%-58s %5s  to be reviewed\n' "cfg inside of functions in sys/" \
    "$(figure inner_cfgs "$(python3 ci/layout/figures.py $(rust src/sys))")"
# Each group of files with a shortest cycle; the last line has the numbers.
python3 ci/layout/cycles.py src/lib.rs src/sys >"$log"
head -n -1 "$log"
read -r groups files < <(tail -n 1 "$log")
check "files of sys/ in import cycles, in $groups groups" "$files" 45 0
rm -f "$log"

# What QUIRKS.md names exists.
missing=0
for name in $(grep -oE '`[a-z_0-9]{20,}`' src/sys/wasip1/QUIRKS.md | tr -d '`' | sort -u); do
    grep -rqE "fn $name\(" src tests || { echo "QUIRKS.md names $name, which is no test"; missing=$((missing + 1)); }
done
check "tests that QUIRKS.md names and that don't exist" "$missing" 0
exit "$bad"
