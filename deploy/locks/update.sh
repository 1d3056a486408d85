#!/bin/sh
# Pin every dependency of pyproject.toml with hashes: update.sh BIN
# Run it after a change of dependencies, and now and then to take in newer versions.
set -eu
bin=$1
cd "$(dirname "$0")/../.."
# The tests' lock comes first and binds the others, so that what is shipped is what was tested.
for lock in dev run workers train; do
    extra=$([ "$lock" = run ] || echo "--extra $lock")
    bound=$([ "$lock" = dev ] || echo "--constraint deploy/locks/dev.txt")
    # hatchling and pip's helpers are pinned too: the project itself is built without isolation.
    "$bin/python" -m uv pip compile pyproject.toml deploy/locks/build.in $extra $bound --quiet --universal \
        --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
        --no-annotate --no-header --output-file "deploy/locks/$lock.txt"
done
