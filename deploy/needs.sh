#!/bin/sh
# Say at once, in sentences, which programs the tests need and this machine lacks.
missing=0
need() {
    command -v "$1" >/dev/null 2>&1 && return
    echo "The tests need $1, which is not installed. On Debian: apt-get install $2." >&2
    missing=1
}
need redis-server redis-server
need kubectl kubernetes-client
exit $missing
