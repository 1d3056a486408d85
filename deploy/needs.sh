#!/bin/sh
# The programs that the tests start and pip cannot bring. As root on Debian they are installed;
# anywhere else a sentence says what to install.
set -eu
missing=""
need() {
    command -v "$1" >/dev/null 2>&1 && return 0
    if [ "$2" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing $2 …"
        apt-get update --quiet --quiet && apt-get install --yes --quiet --quiet \
            --no-install-recommends "$2" >/dev/null && command -v "$1" >/dev/null 2>&1 && return 0
    fi
    echo "The tests need $1, which is not installed: $3." >&2
    missing=yes
}
need redis-server redis-server "on Debian, apt-get install redis-server"
# Debian packages a kubectl that is too old for components, so it is only named.
need kubectl "" "install the Kubernetes command-line client, 1.21 or newer"
[ -z "$missing" ]
