# Toolchain and hosts for the other scripts: finds what the machine has and installs what is
# missing. Sourced, never run. Needs bash. The functions are listed at the top of each file:
#
#   lab/packages.sh   packages, unpacked folders, built programs
#   lab/toolchain.sh  compilers and targets
#   lab/hosts.sh      WasmEdge, wasmtime, Wine
#   lab/servers.sh    starting and measuring a server
#
# Preference: a wasm32-wasip1 target of rustup and a `wasmedge` on PATH are used where they
# exist (unless MIO_LAB_ONLY=1). Otherwise Debian's packages are unpacked into private folders
# below $MIO_LAB (default: the user's cache), without touching the system, and kept for the
# next run.

MIO_LAB="${MIO_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/mio_wasi-lab}"
ROOT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"

say() { printf '== %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

for lab_part in packages toolchain hosts servers; do
    # shellcheck source=/dev/null
    . "$ROOT_DIR/ci/lab/$lab_part.sh"
done
unset lab_part
