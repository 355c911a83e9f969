#!/bin/sh
# Make .venv and install the locked packages into it: scripts/setup.sh requirements.lock
# Uses uv where it is on PATH, else plain pip. Never asks anything.
set -eu

lock=$1
venv=.venv

fits() { "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

find_python() {
    # PYTHON=... make setup decides; else the usual one if it fits, else the newest that does.
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.10 python; do
        if command -v "$candidate" >/dev/null 2>&1 && fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "error: no Python 3.10 to 3.13 on PATH" >&2
    echo "hint: Debian, Ubuntu: sudo apt-get install --yes python3 python3-venv" >&2
    echo "      Fedora: sudo dnf install --assumeyes python3.13" >&2
    echo "      macOS: brew install python@3.13" >&2
    echo "      or name one: make setup PYTHON=/path/to/python3" >&2
    exit 2
}

has_uv() { uv --version >/dev/null 2>&1; }

make_venv() {
    python=$(find_python)
    if has_uv; then
        uv venv --quiet --clear --seed --python "$(command -v "$python")" "$venv"
        return
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "error: $python cannot make virtual environments" >&2
        echo "hint: Debian, Ubuntu: sudo apt-get install --yes python3-venv" >&2
        exit 2
    fi
    "$python" -m venv --clear "$venv"
}

install() {
    if has_uv; then
        # pip compiles what it installs; Python would do it at each start otherwise.
        uv pip install --quiet --compile-bytecode --python "$venv/bin/python" "$@"
    else
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$@"
    fi
}

if ! "$venv/bin/python" -c '' 2>/dev/null; then
    echo "setup: making $venv" >&2
    make_venv
fi
echo "setup: installing $lock" >&2
# Some packages come as source only: what builds them is locked too, and installed first.
install --require-hashes -r requirements-build.lock
install --require-hashes --no-build-isolation -r "$lock"
install --no-build-isolation --no-deps -e .
