"""The Celery engine as a test uses it: real worker processes, real Redis, a real store."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from celery import Celery

from services.index.opening import open_store
from services.index.store import Store
from services.settings import load_settings
from tests.support.redis import RedisServer, redis_server
from workers.app import create_app
from workers.queues import Queue, length

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_SECONDS = 120.0  # a worker starts in two seconds, on a busy machine in many more


class Engine:
    """One installation in `folder`: its settings, its store, and the workers started for it."""

    def __init__(self, folder: Path, redis: RedisServer, feeds: dict[str, str]) -> None:
        """`feeds` maps outlet ids to feed addresses."""
        self.folder = folder
        catalogue = folder / "catalogue.yaml"
        catalogue.write_text(
            yaml.safe_dump({"outlets": [_outlet(*item) for item in feeds.items()]})
        )
        self.settings = load_settings(
            data=folder / "data",
            catalogue=catalogue,
            redis_url=redis.url,
            fetch_pages=False,
            threads=1,
            allow_networks=["127.0.0.0/8"],
        )
        self.redis = redis
        self.app: Celery = create_app(self.settings)
        self.store: Store = open_store(self.settings.store_path)
        self._workers: list[subprocess.Popen[bytes]] = []

    def start_worker(self, *command: str) -> subprocess.Popen[bytes]:
        """Start `python -m workers worker`, or another Python command line, in its own group."""
        with self._log.open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, *(command or ("-m", "workers", "worker"))],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that the pool's processes end with it
            )
        self._workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """End a worker and its pool at once, as a power cut does."""
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(timeout=10)

    def send(self, task: str, *args: object) -> None:
        """Queue a task by name."""
        self.app.send_task(task, args)

    def waiting(self, queue: Queue) -> int:
        """Messages in a queue that no worker has taken."""
        return length(self.app, queue)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for `condition`; fails with the workers' log when it does not come true."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not condition():
            dead = [
                worker.returncode for worker in self._workers if worker.poll() not in (None, -9)
            ]
            if dead or time.monotonic() > deadline:
                why = f"a worker ended with {dead}" if dead else "time ran out"
                raise AssertionError(f"{what}: {why}. The log ends:\n{self.log()[-4000:]}")
            time.sleep(0.02)

    def log(self) -> str:
        """What the workers wrote."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def close(self) -> None:
        """End every worker, then let go of Redis and the store."""
        for worker in self._workers:
            self.kill(worker)
        self.app.close()
        self.store.close()

    @property
    def _log(self) -> Path:
        return self.folder / "workers.log"

    def environment(self) -> dict[str, str]:
        """The environment that a part of this installation is started with."""
        settings = self.settings
        return {
            **os.environ,
            "FRAMEWATCH_DATA": str(settings.data),
            "FRAMEWATCH_CATALOGUE": str(settings.catalogue),
            "FRAMEWATCH_REDIS_URL": settings.redis_url.get_secret_value(),
            "FRAMEWATCH_FETCH_PAGES": "false",
            "FRAMEWATCH_THREADS": "1",
            "FRAMEWATCH_ALLOW_NETWORKS": json.dumps([str(n) for n in settings.allow_networks]),
        }


@contextmanager
def running_engine(folder: Path, feeds: dict[str, str] | None = None) -> Iterator[Engine]:
    """Run an engine with a Redis of its own; every process it started ends with it."""
    with redis_server(folder) as redis:
        engine = Engine(folder, redis, feeds or {"alpha": "http://127.0.0.1:9/alpha.xml"})
        try:
            yield engine
        finally:
            engine.close()


def _outlet(name: str, feed: str) -> dict[str, object]:
    return {
        "id": name,
        "name": name.title(),
        "group": "state",
        "language": "en",
        "feed": feed,
        "reason": "a test outlet",
        "source": "the tests",
        "certainty": "A",
    }
