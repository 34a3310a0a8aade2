# Compilers and targets. Sourced by ci/lab.sh.
#
#   lab_debian_rust        Debian's rustc with std for WebAssembly, below $MIO_LAB
#   lab_wasm_target        sets up cargo for wasm32-wasip1, and lab_wasm_clippy
#   lab_newer_wasm_target  after lab_wasm_target, sets up a newer compiler
#   lab_wasip2_target      sets up cargo for wasm32-wasip2, and lab_wasm_clippy
#   lab_windows_target     sets CARGO and STD for x86_64-pc-windows-gnu
#   lab_suite ARGUMENTS..  builds the suite and prints the path of its binary

TRIXIE_PACKAGES=rustc,rust-clippy,libstd-rust-dev,libstd-rust-dev-wasm32,lld,wasmedge
SID_PACKAGES=wasmedge,wasi-libc
WASM_COMPONENT_LD_VERSION=0.5.31
# The target whose programs run under Wine.
LAB_WINDOWS=x86_64-pc-windows-gnu

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

# The same for wasm32-wasip2, whose components need a linker of their own. It takes
# wasm-ld from PATH.
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

# Clippy for the target that was set up, with warnings as errors and the arguments of
# `cargo check`. Debian's has no cargo command, so its driver is called by environment variables.
lab_wasm_clippy() {
    if [ -n "${RUSTC:-}" ]; then
        CLIPPY_ARGS="-Dwarnings__CLIPPY_HACKERY__" \
            RUSTC_WORKSPACE_WRAPPER="$MIO_LAB/bin/clippy-driver" cargo check --target "$LAB_WASM_TARGET" "$@"
    else
        cargo clippy --target "$LAB_WASM_TARGET" "$@" -- -D warnings
    fi
}

# Sets CARGO and STD: how to call cargo so that this target has a std.
lab_windows_target() {
    CARGO=(cargo) STD=()
    export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc
    export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER="$ROOT_DIR/ci/wine/run.sh"
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
