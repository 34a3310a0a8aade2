#!/usr/bin/env bash
# All checks, in the order of their cost. Exit status 0 means that everything
# passed; the last lines say how many tests ran where.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
summary=()
total=0

# run NAME SCRIPT..: one script, with its tests counted.
run() {
    local name="$1" log started=$SECONDS passed failed ignored skipped
    shift
    log="$(mktemp)"
    say "$name"
    if ! "$@" 2>&1 | tee "$log"; then
        die "$name failed"
    fi
    read -r passed failed ignored <<<"$(awk '/^test result:/ { p += $4; f += $6; i += $8 } /^wine (debug|release):/ { p += $3; f += $5; i += $7 } END { print p + 0, f + 0, i + 0 }' "$log")"
    [ "$failed" = 0 ] || die "$name: $failed tests failed"
    total=$((total + passed))
    summary+=("$name: $passed tests passed, $ignored ignored, $((SECONDS - started)) s")
    # What a machine can't do is reported, and is no success.
    skipped="$(sed -n "s/^== skipped: /$name: SKIPPED, /p" "$log")"
    [ -z "$skipped" ] || summary+=("$skipped")
    rm -f "$log"
}

run "layout" ci/layout.sh
run "unsafe blocks and dependencies beside SECURITY.md" ci/audit.sh
run "licences, sources and duplicates of dependencies" ci/deny.sh
run "the public API beside the last release and mio's" ci/semver.sh
run "the workflow" ci/workflow.sh
run "version numbers of the packages" ci/release.sh --fast
run "the compatibility table" ci/compat.sh
run "Linux: lints, documentation, tests in debug and release" ci/native.sh
run "Unix: poll(2), kqueue over an emulation, and the pipe waker, forced" ci/unix.sh
run "Linux: AddressSanitizer with its leak check, ThreadSanitizer" ci/sanitizers.sh
run "system calls of epoll" ci/syscalls.sh
run "instructions beside mio's" ci/callgrind.sh
run "WasmEdge: the suite on each host in debug and release" ci/wasi.sh
run "standard input in WasmEdge" ci/wasi_stdin.sh
run "Windows: the suite under Wine in debug and release" ci/wine.sh
run "tokio 1.38 under Wine" ci/wine_tokio.sh
run "tokio's own tests under Wine" ci/wine_tokio_tests.sh
run "exhausted descriptors" ci/descriptors.sh
run "imports of a module" ci/imports.sh
run "a listener passed in by wasmtime" ci/plain_wasi.sh
run "WASI preview 2 in wasmtime: the suite in debug and release, examples, tokio" ci/wasip2.sh
run "WASI preview 2 in Node, by jco: the suite in release, examples" ci/jco.sh
run "examples, natively and in WasmEdge" ci/examples.sh
run "published tokio_wasi and hyper_wasi in WasmEdge" ci/drop_in.sh
run "tokio on the packages mio" ci/patch.sh
run "the port tool on each version of tokio" ci/ports.sh
run "axum, hyper 1 and tokio 1 in WasmEdge" ci/axum.sh
run "clients of today in WasmEdge" ci/clients.sh
run "measurements, one short round" ci/bench_wasi.sh quick
run "idle servers" ci/idle_cpu.sh
run "hosts that are stopped and continued" ci/signals.sh
run "a slow host" ci/slow_host.sh
run "many connections, some of which misbehave" ci/soak.sh quick
run "packet loss and delay" ci/netem.sh
run "the demo" ci/demo.sh
# One target for each backend that can't be run here; ci/targets.sh alone checks all.
run "other targets" ci/targets.sh x86_64-unknown-freebsd x86_64-unknown-netbsd x86_64-apple-darwin \
    aarch64-linux-android riscv32imc-esp-espidf x86_64-pc-windows-msvc wasm32-wasip3 wasm32-unknown-unknown
run "the packages and their documentation" ci/package.sh
run "the oldest compiler and dependencies" ci/versions.sh

say "summary"
printf '%s\n' "${summary[@]}"
echo "$total passed, 0 failed"
