#!/usr/bin/env bash
# Measures servers in WasmEdge beside each other: the same programs on this mio_wasi
# and on the published one, on `Poll` alone, and on the host's functions alone.
#
#   ci/bench_wasi.sh [SUBSET..] [rounds=N] [seconds=N] [out=FOLDER] [against=COMMIT]
#                    [stacks=NAME,..] [modes=NAME,..]
#
#   ceiling   the load generator with a native server
#   http      hyper "Hello World!", 1 and 32 connections, interpreted and compiled
#   echo      tokio, `Poll`, host functions; 1 and 32 busy, 0 and 2,000 idle
#   idle      32 busy beside 0 to 10,000 idle: the figures of the plot
#   churn     connect, echo, close, one after the other
#   latency   a cold connection's echo while 32 are busy, 2,000 registered: 100 and 1 a
#             second on idle connections (cold100, cold1) and on new ones (new100, new1)
#   cold      cold100 beside 100 to 10,000 idle: the figures of the second plot
#   p2        tokio's echo and hyper on preview 2 in wasmtime, beside upstream's mio 1
#   bounds    hyper and axum natively, in WasmEdge and in wasmtime
#   syscalls  system calls of the host for each request, by strace
#   profile   instructions in the guest by crate, by callgrind
#   memory    bytes for each registered connection; growth over many connections
#   quick     echo and http of ours in one short round, as a check
#
# Without a subset: all but `quick`. The stacks take turns in each round, and ratios
# are taken within a round, since a machine's speed varies more than they differ.
# `against` also builds the programs on another commit of this repository. `stacks` and
# `modes` leave out all others: ours, published, poll, raw, upstream; before and poll-before
# with `against`; interpreter, compiled, native, wasmtime.
#
# Lines go to FOLDER/bench_wasi.csv, the plots to FOLDER/bench_wasi.svg and cold_latency.svg
# (default: target/bench). It uses the last host that ci/lab.sh has, the newest WasmEdge.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"

published=(published) idle=0,2000
rounds=3 seconds=2 out="$ROOT_DIR/target/bench" against="" subsets=() only="" modes=""
for argument in "$@"; do
    case $argument in
    rounds=* | seconds=* | out=* | against=*) declare "$argument" ;;
    stacks=*) only=",${argument#*=}," ;;
    modes=*) modes="${argument#*=}" modes="${modes//,/ }" ;;
    ceiling | http | echo | idle | churn | latency | cold | p2 | bounds | syscalls | profile | memory) subsets+=("$argument") ;;
    quick) subsets+=(echo http) rounds=1 seconds=0.2 published=() idle=0,100 ;;
    *) die "unknown: $argument" ;;
    esac
done
[ ${#subsets[@]} -gt 0 ] || subsets=(ceiling http echo idle churn latency cold p2 bounds syscalls profile memory)

for subset in "${subsets[@]}"; do
    case $subset in
    syscalls) lab_program strace strace ;;
    profile) lab_program valgrind valgrind && lab_program wasm-objdump wabt ;;
    esac
done

# The client and the server hold one descriptor for each connection.
ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"
[ "$(ulimit -n)" -ge 10300 ] || say "at most $(ulimit -n) descriptors: 10,000 idle connections won't fit"

# Native builds first: `lab_wasm_target` changes cargo's environment.
native="${CARGO_TARGET_DIR:-$ROOT_DIR/target}"
export CARGO_TARGET_DIR="$native"
say "building the load generator and the servers"
cargo build --quiet --release --manifest-path benches/load/Cargo.toml
cargo build --quiet --release --manifest-path benches/guests/Cargo.toml
load="$native/release/mio-load"
lab_wasm_target
hosts="$(lab_wasi_hosts)"
read -r host wasmedge <<<"$(tail -n 1 <<<"$hosts")"
help="$("$wasmedge" --help 2>&1)" || true
target="${CARGO_TARGET_DIR:-$ROOT_DIR/target}"
work="$(mktemp -d)"
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir -p "$out"
csv="$out/bench_wasi.csv"
[ -n "$(head -n 1 "$csv" 2>/dev/null)" ] && mv "$csv" "$csv.previous"
echo "case,mode,stack,round,busy,idle,rate,p50,p99,cold50,cold99" >"$csv"

# build NAME ROOT: the programs on the mio_wasi in ROOT, as modules in $work.
build() {
    local name="$1" root="$2" prefix="" folder program
    [ "$name" = ours ] || prefix="$name-"
    # A copy of this tree's programs, so that the library is all that differs.
    mkdir -p "$work/src-$name"
    cp -r "$ROOT_DIR/ci/consumers/tokio_wasi" "$work/src-$name/tokio"
    cp -r "$ROOT_DIR/benches/guests" "$work/src-$name/guests"
    sed -i "s#path = \"[./]*\"#path = \"$root\"#" "$work/src-$name"/*/Cargo.toml
    for folder in tokio guests; do
        (cd "$work/src-$name/$folder" && CARGO_TARGET_DIR="$target" \
            cargo build --quiet --release --target wasm32-wasip1)
    done
    for program in tokio-wasi-consumer poll_echo raw_echo memory; do
        cp "$target/wasm32-wasip1/release/$program.wasm" "$work/$prefix$program.wasm"
    done
}

# The same program on what crates.io has.
build_published() {
    local copy="$work/src-published"
    cp -r ci/consumers/tokio_wasi "$copy"
    sed -i '/^\[patch.crates-io\]/,/^$/d' "$copy/Cargo.toml"
    rm -f "$copy/Cargo.lock"
    (cd "$copy" && CARGO_TARGET_DIR="$target/published" \
        cargo build --quiet --release --target wasm32-wasip1 --no-default-features)
    grep -A 1 -E 'name = "(mio_wasi|tokio_wasi|hyper_wasi)"' "$copy/Cargo.lock" >&2
    cp "$target/published/wasm32-wasip1/release/tokio-wasi-consumer.wasm" "$work/published-tokio-wasi-consumer.wasm"
}

# module STACK: which module a stack is.
module() {
    case $1 in
    ours) echo tokio-wasi-consumer ;;
    published) echo published-tokio-wasi-consumer ;;
    before) echo before-tokio-wasi-consumer ;;
    poll) echo poll_echo ;;
    poll-before) echo before-poll_echo ;;
    raw) echo raw_echo ;;
    esac
}

# serve STACK MODE JOB: starts a server.
serve() {
    local stack="$1" mode="$2" job="$3" path run=() arguments compile
    path="$work/$(module "$stack").wasm"
    if [ "$mode" != interpreter ]; then
        compile=("$wasmedge" compile)
        # So that each function of the module stays one.
        [ "$mode" != unoptimised ] || compile+=(--optimize 0)
        [ -e "$path.$mode.so" ] || "${compile[@]}" "$path" "$path.$mode.so" >"$work/compile" 2>&1 ||
            { cat "$work/compile" >&2; die "$path could not be compiled"; }
        path="$path.$mode.so"
        # Newer hosts need this option.
        [[ "$help" != *run-mode* ]] || run=(--run-mode aot)
    fi
    case $stack in
    poll* | raw) arguments=() ;;
    *) arguments=("$job") ;;
    esac
    # The published version has no local_addr: ports are used one after the other, so
    # that no connection in TIME_WAIT is in the way of the next server.
    while port=$((port + 1)) && (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
    lab_serve "$work/output" "${wrap[@]}" "$wasmedge" "${run[@]}" "$path" "${arguments[@]}" $port
}
wrap=() port=$((20000 + RANDOM % 10000))

# measure CASE ROUND STACK MODE SERVER-JOB LOAD-JOB OPTION..: one run, into the CSV.
measure() {
    local case="$1" round="$2" stack="$3" mode="$4" line
    "${serve:-serve}" "$stack" "$mode" "$5"
    "$load" "$6" "$SERVER_ADDRESS" "${@:7}" >"$work/lines" ||
        { cat "$work/output" >&2; die "$case with $stack failed"; }
    lab_stop
    while IFS= read -r line; do
        echo "$case,$mode,$stack,$round,$line" | tee -a "$csv" >&2
    done <"$work/lines"
}

# The rate of the load generator.
ceiling() {
    local round
    for round in $(seq "$rounds"); do
        lab_serve "$work/output" "$native/release/poll_echo" 0
        "$load" echo "$SERVER_ADDRESS" "seconds=$seconds" | sed "s/^/ceiling,native,native,$round,/" |
            tee -a "$csv" >&2
        lab_stop
    done
}

# in_turns CASE "MODES" "STACKS" SERVER-JOB LOAD-JOB OPTION..: all stacks in each round.
in_turns() {
    local round mode stack
    for round in $(seq "$rounds"); do
        for mode in ${modes:-$2}; do
            for stack in $3; do
                measure "$1" "$round" "$stack" "$mode" "$4" "$5" "seconds=$seconds" "${@:6}"
            done
        done
    done
}

http() { in_turns http "interpreter compiled" "${runtimes[*]}" http http; }
echo_() { in_turns echo "interpreter compiled" "${stacks[*]}" echo echo "idle=$idle"; }
idle() { in_turns idle interpreter "${stacks[*]}" echo echo busy=32 idle=0,100,1000,2000,5000,10000; }
churn() { in_turns churn interpreter "${stacks[*]}" echo churn; }
# Runs with 100 requests a second are long enough for 500, so that the first ones, while full polls
# are rare, don't make the 99th percentile; those with one a second are long enough for 30.
latency_seconds="$seconds"
[ "${seconds%.*}" -ge 5 ] || latency_seconds=5
# 32 busy and 1,967 idle ones, and the listener.
latency() {
    local seconds="$latency_seconds" kind
    for kind in cold new; do
        in_turns ${kind}100 interpreter "${stacks[*]}" echo echo busy=32 idle=1967 $kind=100
    done
    seconds=30
    for kind in cold new; do
        in_turns ${kind}1 interpreter "${stacks[*]}" echo echo busy=32 idle=1967 $kind=1
    done
}
cold() {
    local seconds="$latency_seconds"
    in_turns cold100 interpreter "${stacks[*]}" echo echo busy=32 idle=100,1000,2000,5000,10000 cold=100
}

# syscalls_of STACK SERVER-JOB LOAD-JOB REQUESTS BUSY: calls of a whole run, by name.
syscalls_of() {
    local tries
    rm -f "$work/strace"
    # Traced from the start: attaching interrupts a poll. The server stays the child
    # that lab_stop ends, and strace writes when it is gone.
    wrap=(strace -D --follow-forks --summary-only --summary-columns=calls,name "--output=$work/strace")
    serve "$1" interpreter "$2"
    wrap=()
    "$load" "$3" "$SERVER_ADDRESS" "busy=$5" "requests=$4" >/dev/null
    lab_stop
    for tries in $(seq 100); do
        ! grep -q total "$work/strace" 2>/dev/null || break
        sleep 0.1
    done
    awk '$1 ~ /^[0-9]+$/ && $2 != "total" { print $2, $1 }' "$work/strace" | sort
}

syscalls() {
    local stack job busy few many
    : >"$out/bench_wasi.syscalls"
    for job in http echo; do
        for busy in 1 32; do
            for stack in $(stacks_of $job); do
                # One by one the published version takes 44 ms for a response.
                few=200 many=1200
                [ "$job-$stack-$busy" != http-published-1 ] || few=20 many=120
                syscalls_of "$stack" "$job" "$job" $few "$busy" >"$work/few"
                syscalls_of "$stack" "$job" "$job" $many "$busy" >"$work/many"
                join -a 2 -e 0 -o 0,1.2,2.2 "$work/few" "$work/many" |
                    awk -v title="$job, $busy busy, $stack" -v requests=$((many - few)) '
                        { more = ($3 - $2) / requests; all += more }
                        more >= 0.02 { parts = parts sprintf(" %s %.2f,", $1, more) }
                        END { printf "%s: %.2f calls a request:%s\n", title, all, substr(parts, 1, length(parts) - 1) }
                    ' | tee -a "$out/bench_wasi.syscalls"
            done
        done
    done
}

# functions_of STACK SERVER-JOB LOAD-JOB REQUESTS FILE: instructions of a whole run by function
# of the module, without the host's own.
functions_of() {
    rm -f "$work"/callgrind.*
    wrap=(valgrind --tool=callgrind --trace-children=yes "--callgrind-out-file=$work/callgrind.%p")
    serve "$1" unoptimised "$2"
    wrap=()
    "$load" "$3" "$SERVER_ADDRESS" busy=32 "requests=$4" >/dev/null
    lab_stop
    callgrind_annotate --threshold=100 "$(ls -S "$work"/callgrind.* | head -n 1)" |
        sed -nE 's/^ *([0-9,]+) .*:f([0-9]+) \[.*\.so\]$/\2 \1/p' | tr -d , | sort -k 1,1 >"$work/$5"
    [ -s "$work/$5" ] || die "callgrind names no function of the module"
}

profile() {
    local stack job few=320 many=3520
    : >"$out/bench_wasi.profile"
    for job in http echo; do
        for stack in $(stacks_of $job); do
            functions_of "$stack" "$job" "$job" $few few
            functions_of "$stack" "$job" "$job" $many many
            # Functions that the compiler has inlined count for who calls them.
            wasm-objdump -x -j Function "$work/$(module "$stack").wasm" |
                sed -nE 's/^ - func\[([0-9]+)\].* <(.*)>$/\1 \2/p' | sort -k 1,1 >"$work/names"
            join -a 2 -e 0 -o 0,1.2,2.2 "$work/few" "$work/many" | join -a 1 - "$work/names" |
                awk -v title="$job, 32 busy, $stack" -v requests=$((many - few)) '
                    # The crate that a mangled name names first is the one it belongs to.
                    function crate_of(name,    known, each, crates, first, place) {
                        first = length(name) + 1
                        known = "others"
                        split("mio tokio hyper http httparse poll_echo raw_echo", crates, " ")
                        for (each in crates) {
                            place = match(name, "[^a-z_]" crates[each] "([0-9]|[.][.])")
                            if (place > 0 && place < first) { first = place; known = crates[each] }
                        }
                        return known
                    }
                    { count = ($3 - $2) / requests; all += count; parts[crate_of($4)] += count }
                    END {
                        printf "%s: %d instructions a request:", title, all
                        for (part in parts) if (parts[part] >= 1) printf " %s %d,", part, parts[part]
                        printf "\n"
                    }' | sed 's/,$//' | tee -a "$out/bench_wasi.profile"
        done
    done
}

memory() {
    say "memory natively"
    "$native/release/memory" connections 10000
    "$native/release/memory" cycles 1000000
    say "memory in $host"
    "$wasmedge" "$work/memory.wasm" connections 10000
    "$wasmedge" "$work/memory.wasm" cycles 50000
}

# shellcheck source=/dev/null
. "$ROOT_DIR/ci/bench/today.sh"

say "building for WebAssembly"
needs() { [[ " ${subsets[*]} " == *" $1 "* ]]; }
is_wanted() { [[ -z "$only" || "$only" == *,$1,* ]]; }
today_only=yes
for subset in "${subsets[@]}"; do
    [ "$subset" = p2 ] || [ "$subset" = bounds ] || today_only=no
done
[ $today_only = yes ] || build ours "$ROOT_DIR"
[ $today_only = no ] || published=()
is_wanted published || published=()
[ ${#published[@]} = 0 ] || build_published
before=() poll_before=()
if [ -n "$against" ]; then
    git worktree add --quiet --detach "$work/commit" "$against"
    trap 'kill $(jobs -p) 2>/dev/null || true; git worktree remove --force "$work/commit"; rm -rf "$work"' EXIT
    [ $today_only = yes ] || build before "$work/commit"
    before=(before) poll_before=(poll-before)
fi
# The stacks with hyper, and all stacks.
runtimes=() stacks=()
for stack in ours "${before[@]}" "${published[@]}" poll "${poll_before[@]}" raw; do
    is_wanted "$stack" || continue
    stacks+=("$stack")
    [[ $stack == poll* || $stack == raw ]] || runtimes+=("$stack")
done
# Those with today's tokio.
today=()
if needs p2 || needs bounds; then
    wasmtime="$(lab_wasmtime newest)"
    say "$("$wasmtime" --version)"
    build_today upstream ""
    build_today ours "$ROOT_DIR"
    is_wanted upstream && today+=(upstream)
    is_wanted ours && today+=(ours)
    if [ -n "$against" ] && is_wanted before; then
        build_today before "$work/commit"
        today+=(before)
    fi
fi
[ $((${#stacks[@]} + ${#today[@]})) -gt 0 ] || die "no stack of this name: $only"
stacks_of() { if [ "$1" = http ]; then echo "${runtimes[*]}"; else echo "${stacks[*]}"; fi; }
say "$host, $(nproc) processors, load $(cut -d ' ' -f 1-3 /proc/loadavg), into $csv"
for subset in "${subsets[@]}"; do
    say "$subset"
    case $subset in echo) echo_ ;; *) "$subset" ;; esac
done
say "load $(cut -d ' ' -f 1-3 /proc/loadavg) in the end"
"$load" report "$csv"
"$load" plot "$csv" "$out"
