#!/bin/sh
# Builds the two environments: .venv (the app) and nlu/rasa/.venv (the NLU service).
# Usage: scripts/setup.sh app|dev    "dev" adds what the tests and checks need.
# Does nothing where the pinned requirements have not changed since the last time.
set -eu
cd "$(dirname "$0")/.."
kind=${1:-app}

say() { printf '%s\n' "$*" >&2; }
stop() { say "setup: $*"; exit 1; }

# The pinned TensorFlow 2.12 of the NLU service has packages for these only.
require_machine() {
    case $(uname -m) in
        x86_64|amd64) ;;
        *) stop "This machine is $(uname -m), and the packages of the NLU service exist only for x86-64: use an x86-64 machine with Linux or an Intel Mac." ;;
    esac
}

# Print the interpreter if it runs and is one of the $wanted versions; else fail.
fits() {
    found=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || return 1
    for version in $wanted; do
        [ "$found" = "$version" ] && { command -v "$1"; return; }
    done
    return 1
}

# Print an interpreter of one of the given versions, or nothing. ORIENTA_PYTHON… wins.
find_python() {
    wanted=$1
    if [ -n "$2" ]; then fits "$2" && return; fi
    for v in $wanted; do
        fits "python$v" && return
        # Where nothing matches, the pattern itself is tried and does not run.
        for candidate in "${PYENV_ROOT:-${HOME:-}/.pyenv}/versions/$v".*/bin/python; do
            fits "$candidate" && return
        done
    done
    fits python3 || fits python || return 0
}

# Say whether an environment's interpreter runs and finds a package. After an upgrade of the
# system it may be gone, or be another version that does not look where the packages lie.
works() {
    "$1/bin/python" -c 'import sys; from importlib.util import find_spec; sys.exit(find_spec(sys.argv[1]) is None)' "$2" >/dev/null 2>&1
}

# Say whether an environment works and was made from exactly this requirements file.
is_current() { cmp -s "$2" "$1/$3.stamp" && works "$1" "$4"; }

build_app() {
    requirements=requirements/$kind.txt
    # What suffices for the tests suffices for the app.
    is_current .venv requirements/dev.txt dev click && return
    is_current .venv "$requirements" "$kind" click && return
    python=$(find_python "3.13 3.12 3.11 3.14" "${ORIENTA_PYTHON:-}")
    [ -n "$python" ] || stop "Python 3.11 or newer is missing. Install it (Debian: apt install python3 python3-venv), or name it with ORIENTA_PYTHON=/path/to/python3."
    say "[1/2] Building the app's environment with $("$python" -V) …"
    if ! works .venv pip || ! .venv/bin/uv --version >/dev/null 2>&1; then
        rm -rf .venv
        "$python" -m venv .venv || stop "Python cannot make environments. On Debian: apt install python3-venv."
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt \
            || stop "The installer could not be fetched from the package index. Check the network, then run this again."
    fi
    .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r "$requirements" \
        || stop "The packages of $requirements could not be installed. Check the network and the disk, then run this again."
    .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable . \
        || stop "The command 'orienta' could not be installed into .venv."
    cp "$requirements" ".venv/$kind.stamp"
}

build_nlu() {
    requirements=nlu/rasa/requirements.txt
    environment=nlu/rasa/.venv
    is_current "$environment" "$requirements" nlu rasa && return
    free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free" -ge 4000 ] || stop "The NLU service needs about 3 GB of disk; only $free MB are free here."
    python=$(find_python "3.10" "${ORIENTA_PYTHON310:-}")
    if [ -z "$python" ]; then
        say "Python 3.10 is not on this machine; trying to fetch one …"
        .venv/bin/uv python install --quiet 3.10 2>/dev/null || true
        python=$(.venv/bin/uv python find --quiet 3.10 2>/dev/null || true)
    fi
    [ -n "$python" ] || stop "Python 3.10 is missing (the NLU service, Rasa, allows none newer). Install it (pyenv install 3.10), or name it with ORIENTA_PYTHON310=/path/to/python3.10."
    say "[2/2] Building the NLU service's environment with $("$python" -V): about 2.5 GB, some minutes …"
    rm -rf "$environment"
    .venv/bin/uv venv --quiet --python "$python" "$environment"
    .venv/bin/uv pip install --python "$environment/bin/python" --require-hashes -r "$requirements" >&2 \
        || stop "The packages of $requirements could not be installed. Check the network and the disk, then run this again."
    cp "$requirements" "$environment/nlu.stamp"
}

# What the tests use from npm. Where there is no npm, the tests that need it are skipped.
build_npm() {
    lock=tests/npm/package-lock.json
    [ "$kind" = dev ] && [ -f "$lock" ] || return 0
    cmp -s "$lock" tests/npm/node_modules/stamp && return
    command -v npm >/dev/null 2>&1 || return 0
    if npm ci --prefix tests/npm --silent --no-audit --no-fund --ignore-scripts; then
        cp "$lock" tests/npm/node_modules/stamp
    else
        say "setup: the packages of $lock could not be installed; tests that need them are skipped."
    fi
}

require_machine
build_app
build_nlu
build_npm
