"""A real Redis server on a free loopback port, started for a test and stopped after it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis as client

START_SECONDS = 10.0
_ATTEMPTS = 3  # between choosing a free port and taking it somebody else may take it


class RedisServer:
    """One redis-server process that keeps nothing on disk."""

    def __init__(self, binary: str, folder: Path) -> None:
        self.port = _free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._log = folder / f"redis-{self.port}.log"
        self._command = [
            *(binary, "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(folder)),
            *("--save", "", "--appendonly", "no", "--logfile", str(self._log)),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, or start again on the same port, and wait until it answers."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"redis-server did not start: {self._log.read_text()[-500:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the process that was started here; safe to call twice."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None

    def flush(self) -> None:
        """Lose everything, as a restart without persistence does."""
        with client.Redis.from_url(self.url) as connection:
            connection.flushall()

    def _answers(self) -> bool:
        try:
            with client.Redis.from_url(self.url, socket_timeout=1) as connection:
                return bool(connection.ping())
        except client.RedisError:
            return False


@contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    """Run a server in `folder`; fails with a sentence when Redis is not installed."""
    binary = shutil.which("redis-server")
    if binary is None:
        raise AssertionError(
            "redis-server is missing, so the Celery workers cannot be tested: "
            "apt-get install redis-server, then run the tests again."
        )
    server = _started(binary, folder)
    try:
        yield server
    finally:
        server.stop()


def _started(binary: str, folder: Path) -> RedisServer:
    for attempt in range(_ATTEMPTS):
        server = RedisServer(binary, folder)
        try:
            server.start()
        except RuntimeError:
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return server
    raise AssertionError("unreachable")


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
