# Packages of Debian, crates.io and PyPI that the other scripts need: installed, or unpacked
# below $MIO_LAB and kept. Sourced by ci/lab.sh.
#
#   lab_packages P..            installs Debian packages that are not there yet
#   lab_program NAME PACKAGE    the same for the package of a program that is missing
#   lab_root NAME SUITE LIST    unpacks packages of a Debian suite below $MIO_LAB
#   lab_is_old FILE             is it older than MIO_LAB_DAYS days?
#   lab_replace ROOT MARK C..   replaces a folder by one that a command makes, if it can
#   lab_wrapper ROOT PROGRAM W  a script $MIO_LAB/bin/W that runs a program of such a root
#   lab_crate CRATE VERSION     builds a crate's program and prints its path

# The number of days after which what changes is fetched anew: Debian sid, the newest wasmtime. 0: now.
MIO_LAB_DAYS="${MIO_LAB_DAYS:-7}"

# Debian packages by name; needs root only when one is missing.
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

# lab_is_old FILE: was it written more than MIO_LAB_DAYS days ago?
lab_is_old() { [ -n "$(find "$1" -mmin "+$((MIO_LAB_DAYS * 1440))" 2>/dev/null)" ]; }

# lab_replace ROOT MARK COMMAND..: COMMAND makes the folder ROOT.new, with the file MARK in
# it, which takes the place of ROOT. If it fails, what is there is kept and tried in a day.
lab_replace() {
    local root="$1" mark="$2"
    shift 2
    rm -rf "$root.new"
    if ("$@"); then
        rm -rf "$root.old"
        [ ! -e "$root" ] || mv "$root" "$root.old"
        mv "$root.new" "$root"
        rm -rf "$root.old"
    elif [ -e "$root/$mark" ]; then
        say "kept: $root could not be replaced by a newer one"
        touch -d "-$((MIO_LAB_DAYS > 0 ? MIO_LAB_DAYS - 1 : 0)) days" "$root/$mark"
    else
        rm -rf "$root.new"
        exit 1
    fi
    rm -rf "$root.new"
}

# lab_root NAME SUITE PACKAGES: unpacks Debian packages of a suite into a folder, and those of
# sid, which change, anew after MIO_LAB_DAYS days.
lab_root() {
    local name="$1" suite="$2" packages="$3" root="$MIO_LAB/$1"
    # The mark lists the packages: another list is another root. A lock keeps two scripts
    # from unpacking at the same time.
    mkdir -p "$MIO_LAB"
    exec 8>"$MIO_LAB/.lock"
    flock 8
    [ "$(cat "$root/.complete" 2>/dev/null)" = "$packages" ] || rm -rf "$root"
    if [ ! -e "$root" ] || { [ "$suite" = sid ] && lab_is_old "$root/.complete"; }; then
        lab_replace "$root" .complete lab_unpack "$name" "$suite" "$packages"
    fi
    exec 8>&-
}

# The work of lab_root, into a new folder.
lab_unpack() {
    local name="$1" suite="$2" packages="$3" root="$MIO_LAB/$1.new"
    [ "$(uname -m)" = x86_64 ] ||
        die "this script knows Debian's packages for x86_64: install wasmedge and rustup's wasm32-wasip1 target"
    lab_program mmdebstrap mmdebstrap
    say "unpacking $packages of Debian $suite"
    mmdebstrap --quiet --variant=extract --include="$packages" \
        --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
        "$suite" "$root" "$(lab_mirror)" >"$MIO_LAB/$name.log" 2>&1 ||
        { tail -n 20 "$MIO_LAB/$name.log" >&2; die "could not unpack $packages of $suite"; }
    printf '%s' "$packages" >"$root/.complete"
}

# lab_wrapper ROOT PROGRAM WRAPPER: a script that runs a program of a root with
# that root's own loader and libraries.
lab_wrapper() {
    local root="$MIO_LAB/$1"
    mkdir -p "$MIO_LAB/bin"
    # Written to another file and moved: another script may be running the old one.
    local new="$MIO_LAB/bin/.new.$$"
    cat >"$new" <<WRAPPER
#!/bin/sh
exec "$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$root/usr/lib/x86_64-linux-gnu" "$root/$2" "\$@"
WRAPPER
    chmod +x "$new"
    mv "$new" "$MIO_LAB/bin/$3"
}

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
