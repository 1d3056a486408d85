#!/bin/sh
# Set up a virtual environment: setup.sh PYTHON VENV LOCK
# LOCK is run, dev or train; the packages come from deploy/locks/LOCK.txt, checked by hash.
set -eu
python=$1 venv=$2 lock=$3

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "Framewatch needs Python 3.11 or newer; '$python' is not. Name one: make PYTHON=python3.11 …" >&2
    exit 1
}
# An environment without pip was left by a set-up that failed or was stopped: begin anew.
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --clear "$venv" || {
        echo "The virtual environment could not be made; on Debian: apt-get install python3-venv." >&2
        exit 1
    }
fi
echo "Setting up ($lock) …"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
    --requirement "deploy/locks/$lock.txt"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --no-build-isolation --editable .
