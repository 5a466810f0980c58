#!/bin/sh
# Makes .venv in the checkout with exactly what uv.lock names. `make install` runs it; it may be run again at any time.
# Whatever is missing is said in one line.
set -eu

VENV=.venv
LOG=$VENV/install.log

fail() {
    printf 'calanque: %s\n' "$1" >&2
    exit 1
}

# A name on PATH may be a shim that leads nowhere, so every candidate is tried, not just found.
is_python() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

has_venv() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

# The machine's own uv, if it is new enough to read the lock file and the dependency groups.
machine_uv() {
    command -v uv >/dev/null 2>&1 || return 1
    version=$(uv --version 2>/dev/null | sed -n 's/^uv \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
    [ -n "$version" ] || return 1
    # shellcheck disable=SC2086 # two words on purpose
    set -- $version
    [ "$1" -gt 0 ] || [ "$2" -ge 6 ]
}

# Sets PYTHON to the first candidate that will do. With the machine's uv it needs no venv module of its own.
choose_python() {
    seen=
    for candidate in ${CALANQUE_PYTHON:-} python3.14 python3.13 python3.12 python3.11 python3 python; do
        is_python "$candidate" || continue
        seen=${seen:-$candidate}
        if [ "$UV" = uv ] || has_venv "$candidate"; then
            PYTHON=$candidate
            return
        fi
    done
    [ -z "$seen" ] ||
        fail "$seen lacks the venv module; install it (Debian, Ubuntu: apt install python3-venv) and run make again"
    fail "Python 3.11 or newer is needed and was not found; install it and run make again"
}

because() {
    if grep -qiE 'dns error|failed to fetch|error sending request|connection|timed out|network|resolve host|no matching distribution' "$LOG"; then
        fail "could not download what is needed (no network?); details are in $LOG"
    elif grep -qi 'lockfile' "$LOG"; then
        fail "uv.lock is not in step with pyproject.toml; run \`uv lock\` (details are in $LOG)"
    elif grep -qi 'no space left' "$LOG"; then
        fail "the disk is full; details are in $LOG"
    fi
    fail "could not install the dependencies; details are in $LOG"
}

cd "$(dirname "$0")/.."
[ -f uv.lock ] || fail "uv.lock is missing; is this a whole checkout?"

if machine_uv; then UV=uv; else UV=$VENV/bin/uv; fi

# A .venv of a Python that has gone or a checkout that has moved is of no use.
if [ -e "$VENV" ] && ! is_python "$VENV/bin/python"; then
    rm -rf "$VENV"
fi
[ -x "$VENV/bin/python" ] || choose_python

echo "Installing into $VENV; the first time takes a minute or two ..."
if [ ! -x "$VENV/bin/python" ]; then
    # The log lies in .venv, which only now comes to be.
    if [ "$UV" = uv ]; then
        output=$(uv venv --quiet --python "$PYTHON" "$VENV" 2>&1) || made=no
    else
        output=$("$PYTHON" -m venv "$VENV" 2>&1) || made=no
    fi
    [ "${made:-yes}" = yes ] ||
        fail "$PYTHON could not make $VENV: $(printf '%s' "$output" | grep -v '^ *$' | tail -n 1)"
fi
if [ "$UV" != uv ] && [ ! -x "$UV" ]; then
    "$VENV/bin/python" -m pip install --disable-pip-version-check --quiet 'uv>=0.6' >"$LOG" 2>&1 </dev/null || because
fi
# Whichever environment is active in this shell, ours is meant.
VIRTUAL_ENV='' UV_PROJECT_ENVIRONMENT=$VENV "$UV" sync --locked --python "$VENV/bin/python" >"$LOG" 2>&1 </dev/null || because
# uv must still be there next time, and `make` compares this file's time with the lock's.
touch "$VENV/.installed"
