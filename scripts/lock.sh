#!/bin/sh
# Refresh the locks of the Python packages (needs uv). Pinned versions stay unless they no longer fit;
# scripts/lock.sh --upgrade takes the newest. One lock serves Python 3.10 to 3.13 on Linux and macOS.
set -eu

compile() {
    uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
        --python-version 3.10 "$@" >/dev/null
}

compile requirements-build.in --output-file requirements-build.lock "$@"
compile pyproject.toml --output-file requirements.lock "$@"
# Held to the runtime lock, so that tests run with what users run.
compile pyproject.toml --extra test --extra lint --extra bench --extra package \
    --constraint requirements.lock --output-file requirements-dev.lock "$@"
